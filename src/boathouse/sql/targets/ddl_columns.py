"""Columns of DDL in the engine's SQL: definitions, defaults, identity sequences, notes.

Shared by `ddl_to_duckdb` and `alter_to_duckdb`. Lengths of CHAR and VARCHAR live in the note only; assignment casts
enforce them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.engine import Stored
from boathouse.contracts.errors import (
    BoathouseError,
    FeatureNotSupported,
    InvalidTableDefinition,
    UndefinedColumn,
    UndefinedTable,
)
from boathouse.contracts.relations import Catalog, Column, Relation
from boathouse.contracts.types import SqlType, varchar
from boathouse.sql.bind.bind import bind
from boathouse.sql.bind.bound import with_assignment
from boathouse.sql.redshift.notes import read_note, write_note
from boathouse.sql.redshift.types import VARCHAR_LENGTH_MAX, duckdb_type, quoted
from boathouse.sql.rewrites import rewrite_tree
from boathouse.sql.statements import ColumnDefinition, QualifiedName, Relational, TableAttributes
from boathouse.sql.statements.tables import KeyNumber
from boathouse.sql.targets.to_duckdb import expression_to_duckdb

Note = Mapping[str, Any]

_SEQUENCE_MIN = -(2**63)
_SEQUENCE_MAX = 2**63 - 1


@dataclass(frozen=True)
class DdlContext:
    """What one DDL statement needs beside itself.

    Attributes:
        catalog: names to relations, as the session sees them.
        database: the engine catalog's name.
        schema: where unqualified names are created: the first schema of the search path that exists.
        search_path: the session's, kept with views: their unqualified names mean what they meant when they were made.
        owner: the user, kept in the notes.
        query_sql, query_fields: the engine SQL and columns of CREATE … AS's query.
        notes: of the relation that is altered or commented: None → the table's note, a column's name → its note.
        views: notes of all views by (schema, name); finds what depends on what.
        depends: (schema, name) of the relations that a new view's query names.
        functions: (schema, signature) of the functions that it calls.
        stored: what the warehouse's tables can do.
        oid: the new relation's number in the catalog, never given before; 0 where the statement makes none.
        unique: a text never given before; part of the name of an identity's sequence, so that a renamed table and its
            successor do not meet.
    """

    catalog: Catalog
    database: str = "dev"
    schema: str = "public"
    search_path: tuple[str, ...] = ("public",)
    owner: str | None = None
    query_sql: str | None = None
    query_fields: tuple[Field, ...] | None = None
    notes: Mapping[str | None, Note] = field(default_factory=dict)
    views: Mapping[tuple[str, str], Note] = field(default_factory=dict)
    depends: tuple[tuple[str, str], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    unique: str = ""
    oid: int = 0
    stored: Stored = Stored()

    def place(self, name: QualifiedName, temporary: bool = False) -> str:
        """The engine's name for a new relation."""
        if temporary:
            return f"temp.main.{quoted(name.name)}"
        return ".".join(quoted(part) for part in (self.database, name.schema or self.schema, name.name))

    def existing(self, name: QualifiedName, what: str = "relation") -> Relation:
        """The relation of that name; UndefinedTable where there is none."""
        found = self.catalog.relation(name.schema, name.name)
        if found is None:
            raise UndefinedTable(f'{what} "{name}" does not exist')
        return found


def text_literal(text: str) -> str:
    """A string literal of the engine."""
    return "'" + text.replace("'", "''") + "'"


def comment_on(kind: str, place: str, note: str) -> str:
    """COMMENT ON with a note; an empty note clears the comment."""
    return f"COMMENT ON {kind} {place} IS {text_literal(note) if note != '{}' else 'NULL'}"


def sorted_by(place: str, keys: Sequence[str], stored: Stored) -> list[str]:
    """The statement by which rows that are added from now on are stored in the order of a sort key; without one, as they come."""
    if not stored.gathers_files:
        return []
    return [
        f"ALTER TABLE {place} " + (f"SET SORTED BY ({', '.join(map(quoted, keys))})" if keys else "RESET SORTED BY")
    ]


def ordered(place: str, notes: Mapping[str, str | None], stored: Stored) -> list[str]:
    """The same for a new table, by its columns' notes."""
    places = {name: int(read_note(note).get("sortkey", 0)) for name, note in notes.items()}
    keys = sorted((name for name, number in places.items() if number), key=lambda name: places[name])
    return sorted_by(place, keys, stored) if keys else []


def stored_type(found: SqlType) -> SqlType:
    """A query's column type as a table's: open literals and unlimited text become VARCHAR(65535)."""
    if found.name in ("unknown", "text", "name") or (found.name == "character varying" and found.length is None):
        return replace(varchar(VARCHAR_LENGTH_MAX), insensitive=found.insensitive)
    return found


def column_note(column: ColumnDefinition, sortkey: int, distkey: bool) -> str:
    """The note of a defined column."""
    refuse_key(column.name, column.type, bool(sortkey) or distkey, column.encode)
    return write_note(
        type=str(column.type),
        insensitive=column.type.insensitive,
        encode=column.encode,
        default=column.default_text,
        distkey=distkey,
        sortkey=sortkey,
        identity=list(column.identity) if column.identity else None,
        identity_by_default=column.identity_by_default,
    )


def note_of_column(column: Column, note: Note | None = None, **changes: object) -> str:
    """The note of an existing column with changes; rebuilt from the catalog where `note` is not at hand."""
    facts: dict[str, Any] = {
        "type": str(column.type),
        "insensitive": column.type.insensitive,
        "encode": column.encode,
        "distkey": column.distkey,
        "sortkey": column.sortkey,
        **(note or {}),
    }
    found = {**facts, **changes}
    refuse_key(column.name, column.type, bool(found["sortkey"] or found["distkey"]), found["encode"])
    return write_note(**found)


def refuse_key(name: str, of: SqlType, is_key: bool, encode: str | None = None) -> None:
    """Refuse what a column of a type without order cannot be.

    Raises:
        InvalidTableDefinition: 42P16, a sort or distribution key, or an encoding other than RAW.
    """
    if of.is_opaque and is_key:
        raise InvalidTableDefinition(f'column "{name}" of type {of} cannot be a sort key or a distribution key')
    if of.is_opaque and encode not in (None, "raw", "none", "auto"):
        raise InvalidTableDefinition(f'invalid encoding type {encode} specified for column "{name}"', hint="Use RAW.")


def keys_by_name(attributes: TableAttributes, names: Sequence[str]) -> TableAttributes:
    """The attributes of a table whose columns have these names, key columns by name.

    Raises:
        UndefinedColumn: a key that is none of them, by name or by number.
    """

    def named(key: str) -> str:
        if isinstance(key, KeyNumber) and 1 <= int(key) <= len(names):
            return names[int(key) - 1]
        if isinstance(key, KeyNumber) or key not in names:
            raise UndefinedColumn(f'column "{key}" named in key does not exist')
        return key

    distkey = named(attributes.distkey) if attributes.distkey else None
    return replace(attributes, distkey=distkey, sortkey=tuple(map(named, attributes.sortkey)))


def column_type(of: SqlType) -> str:
    """The engine's type of a stored column, with its collation."""
    return duckdb_type(of) + (" COLLATE NOCASE" if of.insensitive else "")


def definition(column: ColumnDefinition, default: str | None) -> str:
    """`"name" TYPE [NOT NULL] [DEFAULT …]`."""
    parts = [quoted(column.name), column_type(column.type)]
    if not column.nullable:
        parts.append("NOT NULL")
    if default is not None:
        parts.append(f"DEFAULT {default}")
    return " ".join(parts)


def sequence(
    column: ColumnDefinition, table: QualifiedName, schema: str | None, context: DdlContext
) -> tuple[str, str]:
    """(CREATE SEQUENCE, default) of an identity column.

    The sequence stands in the table's own schema, so that DROP SCHEMA takes it along; `schema` None is temp.
    """
    assert column.identity is not None
    seed, step = column.identity
    # The engine reads the name again, out of a text, and finds none there with a quote in it.
    name = quoted("_".join(filter(None, (table.name, column.name, context.unique, "seq"))).replace('"', ""))
    place = f"temp.main.{name}" if schema is None else f"{quoted(context.database)}.{quoted(schema)}.{name}"
    created = name if schema is None else place
    temporary = "TEMP " if schema is None else ""
    least = _SEQUENCE_MIN if step < 0 or seed < 1 else 1
    most = _SEQUENCE_MAX if step > 0 or seed > 0 else max(seed, -1)
    statement = (
        f"CREATE {temporary}SEQUENCE {created} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} START WITH {seed}"
    )
    function = "nextval" if schema is None else context.stored.number_function
    return statement, f"{function}({text_literal(place)})"


_NEXTVAL = re.compile(r"(?:nextval|lake_next)\('((?:[^']|'')+)'\)")


def drop_sequence(column: Column) -> str | None:
    """The statement that drops an identity column's sequence, once the column is gone."""
    found = _NEXTVAL.search(column.default or "") if column.identity else None
    return f"DROP SEQUENCE IF EXISTS {found.group(1).replace(chr(39) * 2, chr(39))}" if found else None


_SESSION_FACTS = re.compile(r"\bgetvariable\(", re.IGNORECASE)


class _NoRelations:
    """The catalog of a default, which may name nothing."""

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return None

    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def within(self, search_path: tuple[str, ...]) -> _NoRelations:
        return self

    def has_database(self, database: str) -> bool:
        return False

    def in_database(self, database: str, schema: str, name: str) -> None:
        return None

    def has_schema(self, schema: str) -> bool:
        return False


def default_sql(expression: exp.Expression, column_type: SqlType) -> str:
    """A DEFAULT's expression in the engine's SQL: constants and the functions of the day.

    Raises:
        InvalidTableDefinition: it names a column, or holds a query or an aggregate.
        UndefinedFunction: a function that is not in the catalogue.
        FeatureNotSupported: CURRENT_USER and other facts of a session.
    """
    if expression.find(exp.Query) is not None:
        raise FeatureNotSupported("cannot use a sub-query in a default expression")
    if expression.find(exp.AggFunc) is not None:
        raise InvalidTableDefinition("cannot use an aggregate function in a default expression", sqlstate="42803")
    if expression.find(exp.Parameter, exp.Placeholder) is not None:
        raise InvalidTableDefinition("cannot use a parameter in a default expression")
    if isinstance(expression, exp.Null):
        return "(NULL)"
    text = _MOMENTS.sub(lambda found: _NOW[found.group(1).lower()], _computed(expression, column_type))
    if "memory_spatial." in text:
        raise FeatureNotSupported("functions of the spatial extension are not supported in a default expression")
    if _SESSION_FACTS.search(text):
        raise FeatureNotSupported("CURRENT_USER and other facts of a session are not supported as a default")
    return f"({text})"


_NOW = {
    "statement_start": "date_trunc('second', now())",
    "transaction_start": "now()",
}
_MOMENTS = re.compile(r"getvariable\('(statement_start|transaction_start)'\)", re.IGNORECASE)
"""A stored default cannot read a session's variables: it asks the engine for its transaction's time."""


def _computed(expression: exp.Expression, column_type: SqlType) -> str:
    """The expression bound against nothing, fitted to its column, in the engine's SQL."""
    select = exp.Select(expressions=[exp.Alias(this=expression.copy(), alias=exp.to_identifier("value"))])
    query = Relational(text="", tree=select, verb="SELECT")
    try:
        bound = bind(query, _NoRelations())
    except (UndefinedColumn, UndefinedTable):
        raise InvalidTableDefinition("cannot use column references in a default expression", sqlstate="42P10") from None
    except BoathouseError as failure:
        failure.position = None  # it would count in a text of our own
        raise
    item = bound.tree.expressions[0]
    with_assignment(item, Column("value", column_type))
    try:
        tree = rewrite_tree(bound.tree.copy())
    except BoathouseError as failure:
        failure.position = None
        raise
    return expression_to_duckdb(tree.expressions[0].this)
