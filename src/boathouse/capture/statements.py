"""CREATE, ALTER and DROP INTEGRATION: what they store is what `attend` looks at."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import TablePath
from boathouse.capture.delivery.declared import require_sound
from boathouse.capture.delivery.registered import kind_of
from boathouse.capture.dumps import Request
from boathouse.capture.output import Declared
from boathouse.capture.sources import open_source
from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import (
    DuplicateObject,
    ObjectNotInPrerequisiteState,
    UndefinedObject,
)
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Need
from boathouse.contracts.session import Session
from boathouse.sql.statements import AlterIntegration, CreateIntegration, DropIntegration

_OF_ONE = (
    "capture_progress", "capture_states", "capture_lags", "capture_dumps", "capture_requests", "capture_paces",
    "capture_outputs", "capture_output_states", "capture_schemas",
)  # fmt: skip
"""Tables with rows of an integration, beside `capture_tables`."""


def needs(session: Session, statement: object) -> Iterable[Need]:
    """Superusers alone: an integration opens a named secret."""
    return (Need(SUPERUSER, "system"),)


def create_integration(house: House, session: Session, statement: CreateIntegration) -> Answer:
    """CREATE INTEGRATION; the source is reached afterwards, in the background."""
    if catalog.integrations(session.engine, statement.name):
        raise DuplicateObject(f'integration "{statement.name}" already exists')
    slot = f"{re.sub(r'[^a-z0-9_]', '_', statement.name)[:40]}_{secrets.token_hex(4)}"  # what every source takes
    target = statement.target or statement.name
    made = Integration(
        0, statement.name, session.user, statement.kind, statement.secret, slot, statement.tables, target, False, 0,
        statement.history,
    )  # fmt: skip
    open_source(house, made).close()
    session.engine.execute(
        "INSERT INTO boathouse.capture_integrations (id, name, owner, kind, secret, slot, tables, target, paused, generation, "
        "created, history, declared) VALUES (memory.rs.next_number('boathouse.capture_ids'), $1, $2, $3, $4, $5, $6, $7, false, "
        "0, $8, $9, $10)",
        (made.name, made.owner, made.kind, made.secret, made.slot,
         None if made.tables is None else json.dumps(made.tables), made.target,
         house.clock.now().replace(tzinfo=None), None if made.history is None else json.dumps(made.history),
         statement.declared),
    )  # fmt: skip
    return Done("CREATE INTEGRATION")


def alter_integration(house: House, session: Session, statement: AlterIntegration) -> Answer:
    """ALTER INTEGRATION: pausing and resuming is done here, everything about dumps is asked of the runner."""
    engine, found = session.engine, catalog.require(session.engine, statement.name)
    if statement.action in ("pause", "resume"):
        engine.execute(
            "UPDATE boathouse.capture_integrations SET paused = $1, generation = generation + 1 WHERE id = $2",
            (statement.action == "pause", found.id),
        )
        return Done("ALTER INTEGRATION")
    if statement.action in ("set_tables", "add_tables", "drop_tables"):
        _alter_tables(house, session, statement, found)
        return Done("ALTER INTEGRATION")
    if statement.output is not None:
        _alter_output(house, session, statement, found, statement.output)
        return Done("ALTER INTEGRATION")
    if statement.table is not None and statement.table not in catalog.tables(engine, found.id):
        schema, table = statement.table
        raise UndefinedObject(f'table "{schema}.{table}" is not captured by integration "{statement.name}"')
    dumps.ask(
        engine,
        found.id,
        Request(
            statement.action,  # type: ignore[arg-type]
            statement.table,
            statement.keys,
            statement.chunk_rows,
            statement.pause_seconds,
        ),
    )
    return Done("ALTER INTEGRATION")


def _alter_tables(house: House, session: Session, statement: AlterIntegration, found: Integration) -> None:
    """Which tables are captured from now on; the capture begins again with them, where it stands."""
    if _declared(session.engine, found.id) is not None:
        raise ObjectNotInPrerequisiteState(
            f'the tables of integration "{found.name}" stand in the settings',
            hint=f"Change tables of [integrations.{found.name}] in boathouse.toml.",
        )
    asked = statement.tables or ()
    if statement.action == "set_tables":
        wanted = statement.tables
    elif found.tables is None:
        raise ObjectNotInPrerequisiteState(
            f'integration "{found.name}" captures all tables that it can', hint="SET TABLES (…) says which."
        )
    elif statement.action == "add_tables":
        wanted = (*found.tables, *(path for path in asked if path not in found.tables))
    else:
        wanted = _without(found.tables, asked, found.name)
    changed = replace(found, tables=wanted)
    open_source(house, changed).close()
    session.engine.execute(
        "UPDATE boathouse.capture_integrations SET tables = $1, generation = generation + 1 WHERE id = $2",
        (None if wanted is None else json.dumps(wanted), found.id),
    )


def _declared(engine: EngineSession, number: int) -> str | None:
    """What the settings say of an integration; None for one that a statement made."""
    ((told,),) = engine.fetch("SELECT declared FROM boathouse.capture_integrations WHERE id = $1", (number,))
    return None if told is None else str(told)


def _without(tables: tuple[TablePath, ...], gone: tuple[TablePath, ...], name: str) -> tuple[TablePath, ...]:
    for schema, table in gone:
        if (schema, table) not in tables:
            raise UndefinedObject(
                f'integration "{name}" does not name "{schema}.{table}"',
                hint="Its tables are named as they were given: " + ", ".join(".".join(one) for one in tables) + ".",
            )
    left = tuple(one for one in tables if one not in gone)
    if not left:
        raise ObjectNotInPrerequisiteState(
            f'integration "{name}" would capture nothing', hint="DROP INTEGRATION, or PAUSE it."
        )
    return left


def _alter_output(house: House, session: Session, statement: AlterIntegration, found: Integration, name: str) -> None:
    """ADD OUTPUT, to which everything is dumped when the integration takes notice; DROP OUTPUT, whose changes stay there."""
    engine, exists = session.engine, any(one.name == name for one in found.outputs)
    if statement.place is None:
        if not exists:
            raise UndefinedObject(f'integration "{found.name}" has no output "{name}"')
        if name in catalog.outputs_by_settings(engine, found.id):
            raise ObjectNotInPrerequisiteState(
                f'the output "{name}" stands in the settings', hint=f"Take [outputs.{name}] out of boathouse.toml."
            )
        catalog.remove_output(engine, found.id, name)
        return
    if exists:
        raise DuplicateObject(f'integration "{found.name}" has an output "{name}" already')
    declared = Declared(
        name, statement.place, statement.format, statement.on_failure, statement.output_secret, statement.options
    )
    require_sound(house, engine, declared)
    catalog.put_output(engine, found.id, declared, kind_of(declared).guarantee)


def drop_integration(house: House, session: Session, statement: DropIntegration) -> Answer:
    """DROP INTEGRATION; its slot at the source is removed in the background, its tables here stay."""
    engine, found = session.engine, catalog.require(session.engine, statement.name)
    if _declared(engine, found.id) is not None and not statement.by_settings:
        raise ObjectNotInPrerequisiteState(
            f'the integration "{found.name}" stands in the settings',
            hint=f"Take [integrations.{found.name}] out of boathouse.toml.",
        )
    # What its runner writes stays until that has ended (`forget_dropped`): a transaction of its would make this one fail.
    engine.execute("DELETE FROM boathouse.capture_integrations WHERE id = $1", (found.id,))
    engine.execute("INSERT INTO boathouse.capture_removals VALUES ($1, $2, $3)", (found.kind, found.secret, found.slot))
    session.catalog_changed()  # its tables may be changed again
    return Done("DROP INTEGRATION")


def forget_dropped(engine: EngineSession) -> None:
    """Take away what is left of dropped integrations, in the open transaction; their tables once no database names them."""
    there = "SELECT id FROM boathouse.capture_integrations"
    for table in _OF_ONE:
        engine.execute(f"DELETE FROM boathouse.{table} WHERE id NOT IN ({there})")
    named = "SELECT integration FROM boathouse.capture_databases"
    engine.execute(f"DELETE FROM boathouse.capture_tables WHERE id NOT IN ({there} UNION ALL {named})")
