"""What `name.schema.table` is, and whether it may be read now.

Asked by the binder, and before each run of a query that reads so. What the metadata views show of such databases are the
macros.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boathouse.contracts.errors import InvalidParameterValue, ObjectNotInPrerequisiteState, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.capture_databases (name VARCHAR NOT NULL, integration BIGINT NOT NULL, "
    "target VARCHAR NOT NULL, all_states BOOLEAN NOT NULL)",
)

_LATEST = (
    "(SELECT {what} FROM boathouse.capture_dumps d WHERE d.id = t.id AND d.schema_name = t.schema_name AND "
    "d.table_name = t.table_name AND d.keys IS NULL)"
)
"""Of a table's newest dump of the whole."""

TABLE_STATE = (
    "CASE WHEN s.state = 'failed' OR t.reason IS NOT NULL THEN 'Failed' "
    f"WHEN NOT coalesce({_LATEST.format(what='arg_max(d.done, d.number)')}, false) THEN 'ResyncInitiated' "
    f"WHEN {_LATEST.format(what='arg_max(d.state, d.number)')} = 'stopped' THEN 'ResyncRequired' ELSE 'Synced' END"
)
"""A captured table's state in Redshift's words, over capture_tables as t and capture_states as s."""
TABLE_ROWS = _LATEST.format(what="arg_max(d.rows, d.number)")

MACROS = (
    "memory.rs.named_databases() AS TABLE SELECT name AS database_name, integration, "
    "'QUERY_ALL_STATES=' || upper(all_states::VARCHAR) AS options FROM boathouse.capture_databases",
    "memory.rs.named_tables() AS TABLE SELECT b.name AS database_name, lower(t.schema_name) AS schema_name, lower(t.table_name) "
    "AS table_name, b.target AS place_schema, lower(t.table_name) AS place_name FROM boathouse.capture_databases b "
    "JOIN boathouse.capture_tables t ON t.id = b.integration",
)
_READABLE = (
    f"SELECT b.target, lower(t.table_name), CASE WHEN i.id IS NULL OR b.all_states THEN 'Synced' ELSE {TABLE_STATE} END "
    "FROM boathouse.capture_databases b JOIN boathouse.capture_tables t ON t.id = b.integration "
    "LEFT JOIN boathouse.capture_integrations i ON i.id = b.integration "
    "LEFT JOIN boathouse.capture_states s ON s.id = b.integration WHERE b.name = $1"
)


def require_apart(house: House) -> None:
    """No database behind this house has a name that a statement has given: it could not be told which is meant.

    Raises:
        InvalidParameterValue: one of the settings' has.
    """
    engine = house.engine.session()
    try:
        made = {str(name) for (name,) in engine.fetch("SELECT name FROM boathouse.capture_databases")}
    finally:
        engine.close()
    for name in sorted(made & house.settings.get("databases", {}).keys()):
        raise InvalidParameterValue(
            f"[databases.{name}]: a database made by CREATE DATABASE … FROM INTEGRATION has this name",
            hint="Give the section another name; or take it out, and rename or drop that database.",
        )


def tables_of(house: House, session: Session, database: str) -> Mapping[tuple[str, str], tuple[str, str]] | None:
    """See `contracts.rooms.DatabaseSource`."""
    rows = session.engine.fetch(
        "SELECT t.schema_name, t.table_name, t.place_schema, t.place_name FROM memory.rs.named_databases() b "
        "LEFT JOIN memory.rs.named_tables() t USING (database_name) WHERE database_name = $1",
        (database,),
    )
    places = {
        (str(schema), str(name)): (str(there), str(place)) for schema, name, there, place in rows if name is not None
    }
    return places if rows else None


def require_readable(house: House, session: Session, tree: Any, relations: tuple[Relation, ...]) -> Any:
    """An interceptor: tables that are read through such a name are Synced, unless the database has QUERY_ALL_STATES.

    Raises:
        ObjectNotInPrerequisiteState: one is not. UndefinedTable: its integration has left it since the query was planned.
    """
    for database in sorted({one.database for one in relations if one.database is not None}):
        rows = session.engine.fetch(_READABLE, (database,))
        states = {(str(schema), str(name)): str(state) for schema, name, state in rows}
        for one in relations:
            if one.database != database:
                continue
            state = states.get((one.schema, one.name))
            if state is None:
                raise UndefinedTable(f'relation "{one.name}" does not exist in database "{database}"')
            if state != "Synced":
                raise ObjectNotInPrerequisiteState(
                    f'table "{one.name}" of database "{database}" is in state {state}: only tables that are Synced are queried',
                    hint="svv_integration_table_state says why; ALTER DATABASE … INTEGRATION SET QUERY_ALL_STATES = TRUE lets "
                    "them be queried.",
                )
    return tree
