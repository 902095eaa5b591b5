"""pg_get_late_binding_view_cols(): the columns that late-binding views have at this moment.

An interceptor: a query that names the function is given its rows, found by planning each view as a query of it would
be. A view that cannot be planned (its table is gone) has no columns, as on Redshift.

Source: Redshift Developer Guide, "PG_GET_LATE_BINDING_VIEW_COLS".
"""

from __future__ import annotations

from typing import cast

import sqlglot
from sqlglot import exp

from boathouse.contracts.errors import InputError
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.query import plans
from boathouse.query.session import QuerySession
from boathouse.sql.bind.bound import relation_of
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import Relational

FUNCTION = "pg_get_late_binding_view_cols()"
_EMPTY = (
    "SELECT NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS columnname, "
    "NULL::VARCHAR AS columntype, NULL::INTEGER AS columnnum WHERE false"
)
_VIEWS = (
    "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 "
    "AND CASE WHEN json_valid(comment) THEN (comment::JSON ->> 'late_binding')::BOOLEAN END ORDER BY 1, 2"
)

SYSTEM_RELATIONS = (
    SystemRelation(
        FUNCTION,
        (
            ("schemaname", "name"),
            ("tablename", "name"),
            ("columnname", "name"),
            ("columntype", "varchar"),
            ("columnnum", "integer"),
        ),
        _EMPTY,
    ),
)


def expand(house: House, session: Session, tree: exp.Expression, relations: tuple[Relation, ...]) -> exp.Expression:
    """The tree with the function's rows in its place; the same tree where it is not named."""
    if not any(relation.name == FUNCTION for relation in relations):
        return tree
    rows = _rows(cast(QuerySession, session))
    copy = tree.copy()
    for node in list(copy.find_all(exp.Table)):
        relation = relation_of(node)
        if relation is not None and relation.name == FUNCTION:
            found = sqlglot.parse_one(rows, dialect="duckdb")
            node.replace(exp.Subquery(this=found, alias=node.args.get("alias")))
    return copy


def _rows(session: QuerySession) -> str:
    """Engine SQL of all late-binding views' columns."""
    found = [_EMPTY]
    for schema, name in session.engine.fetch(_VIEWS, (session.database,)):
        for number, (column, kind) in enumerate(_columns(session, str(schema), str(name)), start=1):
            texts = ", ".join("'" + text.replace("'", "''") + "'" for text in (str(schema), str(name), column, kind))
            found.append(f"SELECT {texts}, {number}")
    return " UNION ALL ".join(found)


def _columns(session: QuerySession, schema: str, name: str) -> list[tuple[str, str]]:
    query = parse_statement(f"SELECT * FROM {quoted(schema)}.{quoted(name)}")
    assert isinstance(query, Relational)
    try:
        fields = plans.plan(session, query).fields or ()
    except InputError:
        return []
    return [(field.name, str(field.type)) for field in fields]
