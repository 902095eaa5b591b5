"""ALTER TABLE to the engine's SQL; called by `ddl_to_duckdb` with the relation found.

Source: Redshift Developer Guide, "ALTER TABLE". Only what Redshift changes is changed: a VARCHAR's length, keys and
encodings (kept in notes), names, columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from boathouse.contracts.errors import (
    DependentObjects,
    DuplicateColumn,
    DuplicateTable,
    FeatureNotSupported,
    InternalError,
    InvalidTableDefinition,
    UndefinedColumn,
    UndefinedObject,
    WrongObjectType,
)
from boathouse.contracts.relations import Column, Relation
from boathouse.sql.redshift.notes import write_note
from boathouse.sql.redshift.types import duckdb_type, quoted
from boathouse.sql.statements import AlterTable, ColumnDefinition, Comment, TableAttributes
from boathouse.sql.targets.ddl_columns import (
    DdlContext,
    column_note,
    comment_on,
    default_sql,
    drop_sequence,
    note_of_column,
    sorted_by,
)
from boathouse.sql.targets.rename_in_views import rename_in_views

_COMPUTED = re.compile(r"\b(?:now|random|uuid|gen_random_uuid)\(")
Views = tuple[tuple[str, str], ...]


def alter_to_duckdb(statement: AlterTable, relation: Relation, views: Views, context: DdlContext) -> list[str]:
    """The engine's statements for one ALTER TABLE.

    Args:
        views: the views that stand on the relation. They follow a new name of it; names of columns must stay. What
            becomes of those over a column that is dropped is the caller's to see to.
    """
    if relation.kind not in ("table", "temporary") and not (
        (relation.kind == "view" and statement.action in ("rename", "owner"))
        or (relation.kind == "materialized" and statement.action == "owner")
    ):
        raise WrongObjectType(f'"{relation.name}" is not a table')
    if views and statement.action == "rename_column":
        raise DependentObjects(
            f"cannot alter table {relation.name} because other objects depend on it",
            detail="\n".join(f"view {view[1]} depends on table {relation.name}" for view in views),
            hint="Drop the views, alter the table, then create the views again.",
        )
    act = _ACTIONS.get(statement.action)
    if act is None:
        raise InternalError(f"unknown action {statement.action}")
    return act(statement, relation, context)


def _column(relation: Relation, name: str | None) -> Column:
    found = relation.by_name.get(name or "")
    if found is None:
        raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
    return found


def _column_comment(relation: Relation, name: str, note: str) -> str:
    return comment_on("COLUMN", f"{relation.engine_name}.{quoted(name)}", note)


def _table_comment(relation: Relation, context: DdlContext, **changes: object) -> str:
    note = write_note(**{**context.notes.get(None, {}), **changes})
    return comment_on("VIEW" if relation.kind == "view" else "TABLE", relation.engine_name, note)


def _add_column(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    column = statement.column
    assert column is not None
    if column.name in relation.by_name:
        raise DuplicateColumn(f'column "{column.name}" of relation "{relation.name}" already exists')
    if column.identity is not None:
        raise FeatureNotSupported("ALTER TABLE ADD COLUMN with IDENTITY is not supported")
    if column.distkey or column.sortkey or column.primary_key or column.unique or column.references:
        raise FeatureNotSupported("ALTER TABLE ADD COLUMN takes no keys")
    if column.type.insensitive:
        raise FeatureNotSupported("ALTER TABLE ADD COLUMN takes no COLLATE")
    default = default_sql(column.default, column.type) if column.default is not None else None
    if not column.nullable and (default is None or default == "(NULL)"):
        raise InvalidTableDefinition(
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression"
        )
    place, name = relation.engine_name, quoted(column.name)
    ending = f" DEFAULT {default}" if default is not None else ""
    if relation.kind != "temporary" and not context.stored.computed_defaults:
        _require_plain(column, default)
    found = [f"ALTER TABLE {place} ADD COLUMN {name} {duckdb_type(column.type)}{ending}"]
    if not column.nullable:
        found.append(f"ALTER TABLE {place} ALTER COLUMN {name} SET NOT NULL")
    return [*found, _column_comment(relation, column.name, column_note(column, 0, False))]


def _require_plain(column: ColumnDefinition, default: str | None) -> None:
    if not column.nullable:
        raise FeatureNotSupported(
            "ALTER TABLE ADD COLUMN with NOT NULL is not supported in a warehouse that is stored as a lake",
            hint="Create the table anew with the column.",
        )
    if default is not None and _COMPUTED.search(default):
        raise FeatureNotSupported(
            "a default of ALTER TABLE ADD COLUMN must be a constant in a warehouse that is stored as a lake",
            hint="Create the table anew with the column, or add it without a default and UPDATE it.",
        )


def _drop_column(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    column = _column(relation, statement.target)
    if len(relation.columns) == 1:
        raise InvalidTableDefinition("cannot drop the only column of a table")
    if column.distkey or column.sortkey:
        raise InvalidTableDefinition(
            f"cannot drop {'distkey' if column.distkey else 'sortkey'} column {column.name}",
            hint="Alter the table's keys first.",
        )
    found = [f"ALTER TABLE {relation.engine_name} DROP COLUMN {quoted(column.name)}"]
    dropped = drop_sequence(column)
    return [*found, dropped] if dropped else found


def _rename_column(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    column, new = _column(relation, statement.target), statement.new_name or ""
    if new in relation.by_name:
        raise DuplicateColumn(f'column "{new}" of relation "{relation.name}" already exists')
    return [f"ALTER TABLE {relation.engine_name} RENAME COLUMN {quoted(column.name)} TO {quoted(new)}"]


def _rename(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    new = statement.new_name or ""
    found = context.catalog.relation(relation.schema, new)
    if found is not None and found.kind == relation.kind:
        raise DuplicateTable(f'relation "{new}" already exists')
    kind = "VIEW" if relation.kind == "view" else "TABLE"
    follow = rename_in_views(relation, new, context)
    return [f"ALTER {kind} {relation.engine_name} RENAME TO {quoted(new)}", *follow]


def _alter_type(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    column, new = _column(relation, statement.target), statement.type
    assert new is not None
    if column.type.name != "character varying" or new.name != "character varying":
        raise FeatureNotSupported(
            f'cannot alter column "{column.name}" of type {column.type} to {new}',
            hint="ALTER COLUMN ... TYPE changes only the length of a VARCHAR column.",
        )
    if new.length is not None and (column.type.length or 0) > new.length:
        raise FeatureNotSupported(
            f'cannot shorten column "{column.name}" from {column.type} to {new}',
            hint="Create a new column, copy the values, drop the old column.",
        )
    note = note_of_column(column, context.notes.get(column.name), type=str(new))
    return [_column_comment(relation, column.name, note)]


def _encode(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    found = []
    for name, encode in statement.encodings:
        column = _column(relation, name)
        note = note_of_column(column, context.notes.get(column.name), encode=encode)
        found.append(_column_comment(relation, column.name, note))
    return found


def _attributes(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    new = statement.attributes or TableAttributes()
    for key in (*new.sortkey, *((new.distkey,) if new.distkey else ())):
        _column(relation, key)
    changes_dist = new.distkey is not None or new.diststyle is not None
    changes_sort = bool(new.sortkey) or new.sortstyle is not None or not changes_dist
    facts: dict[str, object] = {}
    if changes_dist:
        facts["diststyle"] = new.diststyle or "key"
    if changes_sort:
        facts["sortstyle"] = new.sortstyle
    found = [_table_comment(relation, context, **facts)]
    if changes_sort and relation.kind == "table":
        found += sorted_by(relation.engine_name, new.sortkey, context.stored)
    for column in relation.columns:
        changes: dict[str, object] = {}
        if changes_dist and column.distkey != (column.name == new.distkey):
            changes["distkey"] = column.name == new.distkey
        place = new.sortkey.index(column.name) + 1 if column.name in new.sortkey else 0
        if changes_sort and column.sortkey != place:
            changes["sortkey"] = place
        if changes:
            note = note_of_column(column, context.notes.get(column.name), **changes)
            found.append(_column_comment(relation, column.name, note))
    return found


def _append(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    assert statement.source is not None
    source = context.existing(statement.source)
    if source.kind != "table" or relation.kind != "table":
        raise WrongObjectType("ALTER TABLE APPEND needs two permanent tables")
    if source.engine_name == relation.engine_name:
        raise InvalidTableDefinition("cannot append a table to itself")
    ours = {column.name: str(column.type) for column in relation.columns if not column.identity}
    theirs = {column.name: str(column.type) for column in source.columns if not column.identity}
    shared = [name for name in ours if name in theirs]
    option = statement.append_option
    if any(ours[name] != theirs[name] for name in shared) or not shared:
        raise InvalidTableDefinition("the columns of the two tables must match in name and type")
    if len(shared) < len(theirs) and option != "ignoreextra":
        raise InvalidTableDefinition(
            "the source has columns that the target has not", hint="IGNOREEXTRA discards their values."
        )
    if len(shared) < len(ours) and option != "filltarget":
        raise InvalidTableDefinition(
            "the target has columns that the source has not", hint="FILLTARGET fills them with their defaults, or NULL."
        )
    names = ", ".join(quoted(name) for name in shared)
    return [
        f"INSERT INTO {relation.engine_name} ({names}) SELECT {names} FROM {source.engine_name}",
        f"DELETE FROM {source.engine_name}",
    ]


def _owner(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    return [_table_comment(relation, context, owner=statement.new_name)]


def _add_constraint(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    kept = list(context.notes.get(None, {}).get("constraints", ()))
    return [_table_comment(relation, context, constraints=[*kept, statement.constraint])]


def _drop_constraint(statement: AlterTable, relation: Relation, context: DdlContext) -> list[str]:
    old = list(context.notes.get(None, {}).get("constraints", ()))
    kept = [text for text in old if _constraint_name(text, relation.name) != statement.constraint]
    if len(kept) == len(old):
        raise _no_constraint(statement.constraint, relation)
    comments = {**context.notes.get(None, {}).get("constraint_comments", {})}
    comments.pop(statement.constraint, None)
    return [_table_comment(relation, context, constraints=kept, constraint_comments=comments)]


def comment_on_constraint(statement: Comment, relation: Relation, context: DdlContext) -> list[str]:
    """COMMENT ON CONSTRAINT, kept with the table's other facts."""
    note = context.notes.get(None, {})
    if statement.constraint not in [_constraint_name(text, relation.name) for text in note.get("constraints", ())]:
        raise _no_constraint(statement.constraint, relation)
    comments = {**note.get("constraint_comments", {}), statement.constraint: statement.comment}
    comments = {name: comment for name, comment in comments.items() if comment}
    return [_table_comment(relation, context, constraint_comments=comments)]


def _no_constraint(name: str | None, relation: Relation) -> UndefinedObject:
    return UndefinedObject(f'constraint "{name}" of relation "{relation.name}" does not exist')


def _constraint_name(text: str, table: str) -> str:
    """A constraint's given name, or PostgreSQL's for a primary key without one."""
    words = text.split()
    if words[0].lower() == "constraint":
        return words[1].strip('"').lower()
    return f"{table}_pkey" if words[0].lower() == "primary" else ""


_ACTIONS: dict[str, Callable[[AlterTable, Relation, DdlContext], list[str]]] = {
    "add_column": _add_column,
    "drop_column": _drop_column,
    "rename_column": _rename_column,
    "rename": _rename,
    "alter_type": _alter_type,
    "encode": _encode,
    "attributes": _attributes,
    "append": _append,
    "owner": _owner,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
}
