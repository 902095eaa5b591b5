"""Names that differ from an existing one in case alone: refused before the engine meets them.

Asked by `query.define` where `enable_case_sensitive_identifier` is on. The engine finds schemas, relations and columns without
regard to case, so that two of them could not be told apart; with the setting off, names cannot differ so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql import statements as s

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

_RELATIONS = (
    "SELECT name FROM (SELECT database_name, schema_name, table_name AS name FROM memory.rs.stored_tables() UNION ALL "
    "SELECT database_name, schema_name, view_name FROM duckdb_views()) "
    "WHERE database_name = $1 AND schema_name = $2 AND lower(name) = lower($3) AND name <> $3"
)
_SCHEMAS = (
    "SELECT schema_name FROM duckdb_schemas() WHERE database_name = $1 AND lower(schema_name) = lower($2) "
    "AND schema_name <> $2"
)


def refuse_other_case(session: QuerySession, statement: s.Statement) -> None:
    """See the module.

    Raises:
        FeatureNotSupported: a schema, relation or column of that name in another case exists.
    """
    name = getattr(statement, "name", None)
    others: list[str] = []
    if isinstance(statement, s.CreateSchema):
        others = [str(one) for (one,) in session.engine.fetch(_SCHEMAS, (session.database, statement.name))]
    elif isinstance(statement, s.CreateTable | s.CreateTableAs | s.CreateView):
        others = _relations(session, statement.name, statement.name.name, getattr(statement, "temporary", False))
    elif isinstance(statement, s.AlterTable):
        relation = session.catalog.relation(statement.name.schema, statement.name.name)
        new = statement.column.name if statement.column is not None else statement.new_name or ""
        if statement.action == "rename" and relation is not None:
            place = s.QualifiedName(relation.name, relation.schema)
            others = _relations(session, place, new, relation.kind == "temporary")
        elif statement.action in ("add_column", "rename_column") and relation is not None:
            gone = statement.target
            others = [one for one in relation.by_name if one.lower() == new.lower() and one not in (new, gone)]
    if others:
        raise FeatureNotSupported(
            f'"{others[0]}" exists, and a name that differs from it only in case is not supported',
            hint="The engine finds names without regard to case.",
            detail=f"In {name}." if isinstance(statement, s.AlterTable) else None,
        )


def _relations(session: QuerySession, place: s.QualifiedName, name: str, temporary: bool) -> list[str]:
    path = [one for one in session.search_path() if session.catalog.has_schema(one)]
    database, schema = ("temp", "main") if temporary else (session.database, place.schema or (path or ["public"])[0])
    return [str(one) for (one,) in session.engine.fetch(_RELATIONS, (database, schema, name))]
