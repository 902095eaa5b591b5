"""Columns of DDL in the engine's SQL: definitions, defaults, identity sequences, notes.

Shared by `ddl_to_duckdb` and `alter_to_duckdb`. Lengths of CHAR and VARCHAR live in the note only; assignment casts
enforce them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import FeatureNotSupported, InvalidTableDefinition, UndefinedTable
from boathouse.contracts.relations import Catalog, Column, Relation
from boathouse.contracts.types import SqlType, varchar
from boathouse.sql.redshift.notes import write_note
from boathouse.sql.redshift.types import VARCHAR_LENGTH_MAX, duckdb_type, quoted
from boathouse.sql.statements import ColumnDefinition, QualifiedName

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
        search_path: where a new view's unqualified names are found, at every use.
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
    unique: str = ""
    search_path: tuple[str, ...] = ()

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


def stored_type(found: SqlType) -> SqlType:
    """A query's column type as a table's: open literals and unlimited text become VARCHAR(65535)."""
    if found.name in ("unknown", "text", "name") or (found.name == "character varying" and found.length is None):
        return varchar(VARCHAR_LENGTH_MAX)
    return found


def column_note(column: ColumnDefinition, sortkey: int, distkey: bool) -> str:
    """The note of a defined column."""
    return write_note(
        type=str(column.type),
        encode=column.encode,
        distkey=distkey,
        sortkey=sortkey,
        identity=list(column.identity) if column.identity else None,
        identity_by_default=column.identity_by_default,
    )


def note_of_column(column: Column, note: Note | None = None, **changes: object) -> str:
    """The note of an existing column with changes; rebuilt from the catalog where `note` is not at hand."""
    facts: dict[str, Any] = {
        "type": str(column.type),
        "encode": column.encode,
        "distkey": column.distkey,
        "sortkey": column.sortkey,
        **(note or {}),
    }
    return write_note(**{**facts, **changes})


def definition(column: ColumnDefinition, default: str | None) -> str:
    """`"name" TYPE [NOT NULL] [DEFAULT …]`."""
    parts = [quoted(column.name), duckdb_type(column.type)]
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
    name = quoted("_".join(filter(None, (table.name, column.name, context.unique, "seq"))))
    place = f"temp.main.{name}" if schema is None else f"{quoted(context.database)}.{quoted(schema)}.{name}"
    created = name if schema is None else place
    temporary = "TEMP " if schema is None else ""
    least = _SEQUENCE_MIN if step < 0 or seed < 1 else 1
    most = _SEQUENCE_MAX if step > 0 or seed > 0 else max(seed, -1)
    statement = (
        f"CREATE {temporary}SEQUENCE {created} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} START WITH {seed}"
    )
    return statement, f"nextval({text_literal(place)})"


_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'\)")


def drop_sequence(column: Column) -> str | None:
    """The statement that drops an identity column's sequence, once the column is gone."""
    found = _NEXTVAL.search(column.default or "") if column.identity else None
    return f"DROP SEQUENCE IF EXISTS {found.group(1).replace(chr(39) * 2, chr(39))}" if found else None


_USERS = (exp.CurrentUser, exp.SessionUser)


def default_sql(expression: exp.Expression, column_type: SqlType) -> str:
    """A DEFAULT's expression in the engine's SQL: constants and the functions of the day.

    Raises:
        InvalidTableDefinition: it names a column, or holds a query or an aggregate.
        FeatureNotSupported: CURRENT_USER and its like.
    """
    # Read once more with sqlglot's plain dialect, which knows functions by meaning where ours keeps calls as written.
    expression = sqlglot.parse_one(f"SELECT {expression.sql(dialect='redshift')}", read="redshift").expressions[0]
    if expression.find(exp.Column) is not None:
        raise InvalidTableDefinition("cannot use column references in a default expression", sqlstate="42P10")
    if expression.find(exp.Query) is not None:
        raise FeatureNotSupported("cannot use a sub-query in a default expression")
    if expression.find(exp.AggFunc) is not None:
        raise InvalidTableDefinition("cannot use an aggregate function in a default expression", sqlstate="42803")
    if expression.find(exp.Parameter, exp.Placeholder) is not None:
        raise InvalidTableDefinition("cannot use a parameter in a default expression")
    if expression.find(*_USERS) is not None:
        raise FeatureNotSupported("CURRENT_USER as a default is not supported")
    tree = expression.copy().transform(_functions_of_the_day, column_type.name)
    text = tree.sql(dialect="duckdb")
    if column_type.name == "super" and not isinstance(tree, exp.Null):
        return f"({text})::VARIANT"
    return f"({text})"


def _functions_of_the_day(node: exp.Expression, type_name: str) -> exp.Expression:
    """GETDATE, SYSDATE and CURRENT_TIMESTAMP: UTC without a zone, but with it for TIMESTAMPTZ columns."""
    if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Anonymous) and node.name.lower() == "now"):
        return exp.Var(this="now()" if type_name == "timestamp with time zone" else "(now() AT TIME ZONE 'UTC')")
    return node
