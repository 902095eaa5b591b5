"""pg_get_late_binding_view_cols() and pg_get_cols('name'): the columns that views, and one relation, have at this moment.

An interceptor: a query that names one of the functions is given its rows. Those of late-binding views are found by planning
each as a query of it would be. A view that cannot be planned (its table is gone) has no columns, as on Redshift.

Source: Redshift Developer Guide, "PG_GET_LATE_BINDING_VIEW_COLS", "PG_GET_COLS".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import sqlglot
from sqlglot import exp

from boathouse.contracts.errors import InputError, StorageError, TooManyConnections, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.query import plans
from boathouse.query.session import QuerySession
from boathouse.sql.bind.bound import put_in_place, relation_of
from boathouse.sql.bind.forms.rows import ARGUMENT
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import Relational
from boathouse.sql.token_reader import TokenReader

FUNCTION, OF_ONE = "pg_get_late_binding_view_cols()", "pg_get_cols(…)"
_SEEN = (
    "SELECT column_name, data_type FROM memory.rs.svv_redshift_columns() WHERE database_name = current_database() "
    "AND schema_name = $1 AND table_name = $2 ORDER BY ordinal_position"
)
_EMPTY = (
    "SELECT NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS columnname, "
    "NULL::VARCHAR AS columntype, NULL::INTEGER AS columnnum WHERE false"
)
_VIEWS = (
    "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 "
    "AND CASE WHEN json_valid(comment) THEN (comment::JSON ->> 'late_binding')::BOOLEAN END ORDER BY 1, 2"
)

_COLUMNS = (
    ("schemaname", "name"),
    ("tablename", "name"),
    ("columnname", "name"),
    ("columntype", "varchar"),
    ("columnnum", "integer"),
)
SYSTEM_RELATIONS = (SystemRelation(FUNCTION, _COLUMNS, _EMPTY), SystemRelation(OF_ONE, _COLUMNS, _EMPTY))


def expand(house: House, session: Session, tree: exp.Expression, relations: tuple[Relation, ...]) -> exp.Expression:
    """The tree with the functions' rows in their places; the same tree where none is named."""
    if not any(relation.name in (FUNCTION, OF_ONE) for relation in relations):
        return tree
    mine = cast(QuerySession, session)
    copy = tree.copy()
    for node in list(copy.find_all(exp.Table)):
        relation = relation_of(node)
        if relation is not None and relation.name in (FUNCTION, OF_ONE):
            rows = _rows(mine) if relation.name == FUNCTION else _of_one(mine, str(node.meta[ARGUMENT]))
            found = sqlglot.parse_one(rows, dialect="duckdb")
            put_in_place(node, exp.Subquery(this=found, alias=node.args.get("alias")))
    return copy


def _of_one(session: QuerySession, written: str) -> str:
    """Engine SQL of one relation's columns, those that the user may see."""
    reader = TokenReader(written)
    name = reader.name()
    reader.finish()
    relation = session.catalog.relation(name.schema, name.name)
    if relation is None:
        raise UndefinedTable(f'relation "{name}" does not exist')
    if relation.view is not None and relation.view.late_binding:
        columns = _columns(session, relation.schema, relation.name)
    else:
        place = "pg_temp_1" if relation.kind == "temporary" else relation.schema
        columns = [(str(one), str(of)) for one, of in session.engine.fetch(_SEEN, (place, relation.name))]
    return " UNION ALL ".join([_EMPTY, *_listed(relation.schema, relation.name, columns)])


def _listed(schema: str, name: str, columns: list[tuple[str, str]]) -> Iterator[str]:
    for number, (column, kind) in enumerate(columns, start=1):
        texts = ", ".join("'" + text.replace("'", "''") + "'" for text in (schema, name, column, kind))
        yield f"SELECT {texts}, {number}"


def _rows(session: QuerySession) -> str:
    """Engine SQL of all late-binding views' columns."""
    found = [_EMPTY]
    for schema, name in session.engine.fetch(_VIEWS, (session.database,)):
        found += _listed(str(schema), str(name), _columns(session, str(schema), str(name)))
    return " UNION ALL ".join(found)


def _columns(session: QuerySession, schema: str, name: str) -> list[tuple[str, str]]:
    query = parse_statement(f"SELECT * FROM {quoted(schema)}.{quoted(name)}", case_sensitive=True)
    assert isinstance(query, Relational)
    try:
        fields = plans.plan(session, query).fields or ()
    except (InputError, StorageError, TooManyConnections):  # the last two of snapshots' copies
        return []
    return [(field.name, str(field.type)) for field in fields]
