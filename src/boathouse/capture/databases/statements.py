"""CREATE, ALTER and DROP DATABASE of databases made from integrations: what they need, and their handlers."""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.capture import catalog, dumps
from boathouse.capture.dumps import Request
from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import (
    DuplicateObject,
    FeatureNotSupported,
    InputError,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
    UndefinedDatabase,
    UndefinedObject,
    UndefinedSchema,
    UndefinedTable,
)
from boathouse.contracts.house import House
from boathouse.contracts.needs import OWNER, SUPERUSER, Declared, Drops, GivesTo, Makes, Need, Renames
from boathouse.contracts.session import Session
from boathouse.sql.redshift.refused import HINTS
from boathouse.sql.statements import AlterDatabase, CreateDatabase, DropDatabase

_REFRESH_SECONDS_MAX = 432_000
"""Redshift Developer Guide, "CREATE DATABASE": five days."""


def need_create(session: Session, statement: CreateDatabase) -> Iterable[Declared]:
    """Superusers, as integrations are theirs."""
    given = [] if statement.owner is None else [GivesTo("database", statement.name, "", statement.owner)]
    return (Need(SUPERUSER, "system"), Makes("database", statement.name), *given)


def need_alter(session: Session, statement: AlterDatabase) -> Iterable[Declared]:
    """The owner."""
    if not session.catalog.has_database(statement.name):
        return ()
    own = Need(OWNER, "database", statement.name)
    if statement.action == "rename":
        return (own, Renames("database", statement.name, "", statement.new_name))
    if statement.action == "owner":
        return (Need(SUPERUSER, "system"), GivesTo("database", statement.name, "", statement.new_name))
    return (own,)


def need_drop(session: Session, statement: DropDatabase) -> Iterable[Declared]:
    """The owner."""
    if not session.catalog.has_database(statement.name):
        return ()
    return (Need(OWNER, "database", statement.name), Drops("database", statement.name))


def create_database(house: House, session: Session, statement: CreateDatabase) -> Answer:
    """CREATE DATABASE … FROM INTEGRATION."""
    session.require_no_block("CREATE DATABASE")
    _require_free(house, session, statement.name)
    found = catalog.integrations(session.engine, statement.integration)
    if not found:
        raise UndefinedObject(
            f'integration "{statement.integration}" does not exist', hint="svv_integration has those there are."
        )
    integration = found[0]
    others = session.engine.fetch(
        "SELECT name FROM boathouse.capture_databases WHERE integration = $1", (integration.id,)
    )
    if others:
        raise DuplicateObject(f'integration "{integration.name}" has the database "{others[0][0]}" already')
    _require_source(session, integration, statement.source)
    _require_history(integration, statement.history)
    _set_options(session, integration, statement)
    session.engine.execute(
        "INSERT INTO boathouse.capture_databases VALUES ($1, $2, $3, $4)",
        (statement.name, integration.id, integration.target, statement.all_states),
    )
    session.catalog_changed()
    return Done("CREATE DATABASE")


def alter_database(house: House, session: Session, statement: AlterDatabase) -> Answer:
    """ALTER DATABASE of one made from an integration."""
    number = _require(session, statement.name, "ALTER DATABASE")
    engine = session.engine
    if statement.action == "rename":
        session.require_no_block("ALTER DATABASE … RENAME")
        _require_free(house, session, statement.new_name)
        engine.execute(
            "UPDATE boathouse.capture_databases SET name = $1 WHERE name = $2", (statement.new_name, statement.name)
        )
    elif statement.action == "set":
        integration = _integration(session, number)
        _require_history(integration, statement.history)
        _set_options(session, integration, statement)
        if statement.all_states is not None:
            engine.execute(
                "UPDATE boathouse.capture_databases SET all_states = $1 WHERE name = $2",
                (statement.all_states, statement.name),
            )
    elif statement.action != "owner":
        _refresh(session, statement, _integration(session, number))
    session.catalog_changed()
    return Done("ALTER DATABASE")


def drop_database(house: House, session: Session, statement: DropDatabase) -> Answer:
    """DROP DATABASE of one made from an integration."""
    session.require_no_block("DROP DATABASE")
    if statement.name == session.database:
        raise InputError("cannot drop the currently open database", sqlstate="55006")
    number = _require(session, statement.name, "DROP DATABASE")
    session.engine.execute("DELETE FROM boathouse.capture_databases WHERE name = $1", (statement.name,))
    catalog.set_options(session.engine, number, 0, False, False)
    session.engine.execute(
        "DELETE FROM boathouse.capture_tables WHERE id = $1 AND id NOT IN (SELECT id FROM boathouse.capture_integrations)",
        (number,),
    )
    session.catalog_changed()
    return Done("DROP DATABASE")


def _refresh(session: Session, statement: AlterDatabase, integration: catalog.Integration) -> None:
    """Let tables be dumped again: those that are named, all, or those that are set aside."""
    captured = catalog.tables(session.engine, integration.id)
    by_name = {(schema.lower(), name.lower()): (schema, name) for schema, name in captured}
    for schema, name in statement.tables:
        if (schema.lower(), name.lower()) not in by_name:
            raise UndefinedTable(f'relation "{statement.name}.{schema}.{name}" does not exist')
    schemas = [schema.lower() for schema in statement.schemas]
    for schema in schemas:
        if schema not in {one for one, _ in by_name}:
            raise UndefinedSchema(f'schema "{statement.name}.{schema}" does not exist')
    wanted = [by_name[schema.lower(), name.lower()] for schema, name in statement.tables] or captured
    if statement.action == "refresh_failed":
        failed = catalog.failed_tables(session.engine, integration.id)
        wanted = [path for path in wanted if path in failed]
    for path in sorted(wanted):
        if not schemas or path[0].lower() in schemas:
            dumps.ask(session.engine, integration.id, Request("dump", path))


def _require(session: Session, name: str, what: str) -> int:
    """The number of the integration of such a database."""
    rows = session.engine.fetch("SELECT integration FROM boathouse.capture_databases WHERE name = $1", (name,))
    if rows:
        return int(str(rows[0][0]))
    if name == session.database:
        raise FeatureNotSupported(f"{what} is not supported", hint=HINTS[what])
    raise UndefinedDatabase(f'database "{name}" does not exist')


def _integration(session: Session, number: int) -> catalog.Integration:
    for one in catalog.integrations(session.engine):
        if one.id == number:
            return one
    raise ObjectNotInPrerequisiteState("the database's integration was dropped: its tables are as they were then")


def _require_free(house: House, session: Session, name: str) -> None:
    hint = f"[databases.{name}] stands in boathouse.toml." if name in house.settings.get("databases", {}) else None
    if hint or name == session.database or session.catalog.has_database(name):
        raise DuplicateObject(f'database "{name}" already exists', sqlstate="42P04", hint=hint)


def _require_source(session: Session, integration: catalog.Integration, source: str | None) -> None:
    """The database at the source is the one that was said; it is known once the capture has begun."""
    if source is None:
        return
    rows = session.engine.fetch(
        "SELECT source_database FROM boathouse.capture_progress WHERE id = $1", (integration.id,)
    )
    known = rows[0][0] if rows else None
    if known is None:
        raise ObjectNotInPrerequisiteState(
            f'integration "{integration.name}" has not reached its source yet',
            hint="svv_integration shows source_database.",
        )
    if str(known).lower() != source.lower():
        raise UndefinedObject(f'integration "{integration.name}" captures the database "{known}", not "{source}"')


def _set_options(session: Session, integration: catalog.Integration, statement: CreateDatabase | AlterDatabase) -> None:
    """The integration begins again with them, where it stands."""
    seconds = statement.refresh_seconds
    if seconds is not None and not 0 <= seconds <= _REFRESH_SECONDS_MAX:
        raise InvalidParameterValue(f"REFRESH_INTERVAL is between 0 and {_REFRESH_SECONDS_MAX} seconds")
    catalog.set_options(session.engine, integration.id, seconds, statement.truncates, statement.replaces)


def _require_history(integration: catalog.Integration, history: bool | None) -> None:
    if history is not None and history != (integration.history is not None):
        raise FeatureNotSupported(
            "a change of HISTORY_MODE is not supported",
            hint="The mode is chosen when the integration is made: CREATE INTEGRATION … SET HISTORY_MODE.",
        )
