"""What a store knows of a capture without a warehouse: its number, its outputs, and what is asked of it.

Called by the instance that is active, and by whoever asks something of it, from anywhere.
"""

from __future__ import annotations

import json
from typing import cast

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery import registered
from boathouse.capture.dumps import Action, Request
from boathouse.capture.instances.definition import Definition
from boathouse.capture.output import OutputState
from boathouse.capture.states.state import StateSession
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import ObjectNotInPrerequisiteState, UndefinedObject
from boathouse.contracts.house import House
from boathouse.sql.statements import AlterIntegration

_ALONE = 1
"""The epoch of an instance that nobody stands beside; the store counts it up."""


def registered_as(state: StateSession, definition: Definition, house: House) -> Integration:
    """The capture with the number that the store knows it by."""
    rows = state.fetch("SELECT id FROM boathouse.capture_integrations WHERE name = $1", (definition.name,))
    if not rows:
        tables = None if definition.tables is None else json.dumps(definition.tables)
        state.execute(
            "INSERT INTO boathouse.capture_integrations (id, name, owner, kind, secret, slot, tables, target, paused, "
            "generation, created) VALUES (nextval('boathouse.capture_ids'), $1, '', $2, $3, $1, $4, '', false, 0, $5)",
            (definition.name, definition.kind, definition.secret, tables, house.clock.now().replace(tzinfo=None)),
        )
        rows = state.fetch("SELECT id FROM boathouse.capture_integrations WHERE name = $1", (definition.name,))
    return Integration(
        int(str(rows[0][0])), definition.name, "", definition.kind, definition.secret, definition.name, definition.tables,
        "", False, 0, None, definition.outputs,
    )  # fmt: skip


def declare_outputs(engine: EngineSession, integration: Integration, *, is_told: bool) -> None:
    """Store the outputs as they are defined now; one that is another than it was begins anew.

    Args:
        is_told: each transaction is delivered to them before it is stored, so that none is ever behind.
    """
    there = {one.name: one for one in catalog.outputs(engine, integration.id)}
    wanted = {one.name: one for one in integration.outputs}
    for name in sorted(name for name, one in there.items() if wanted.get(name) != one):
        catalog.remove_output(engine, integration.id, name)
    for name, one in wanted.items():
        if there.get(name) != one:
            catalog.put_output(engine, integration.id, one, registered.kind_of(one).guarantee)
        if is_told:
            catalog.store_outputs(engine, integration.id, {name: OutputState()})


def next_epoch(state: StateSession, number: int) -> int:
    """That of an instance that nobody has elected."""
    rows = state.fetch("SELECT epoch FROM boathouse.capture_progress WHERE id = $1", (number,))
    return int(str(rows[0][0])) + 1 if rows else _ALONE


def ask(engine: EngineSession, integration: Integration, told: AlterIntegration) -> None:
    """Ask something of a capture, as the statement says; the active instance takes it.

    Raises:
        UndefinedObject: it captures no such table. ObjectNotInPrerequisiteState: which it captures is not said so.
    """
    if told.action in ("set_tables", "add_tables", "drop_tables"):
        raise ObjectNotInPrerequisiteState(
            f'the tables of "{integration.name}" stand in its definition',
            hint=f"Change tables in {integration.name}.toml.",
        )
    if told.action in ("pause", "resume"):
        _turn(engine, integration, paused=told.action == "pause")
        return
    if told.table is not None and told.table not in catalog.tables(engine, integration.id):
        schema, table = told.table
        raise UndefinedObject(f'table "{schema}.{table}" is not captured by "{integration.name}"')
    dumps.ask(
        engine,
        integration.id,
        Request(cast(Action, told.action), told.table, told.keys, told.chunk_rows, told.pause_seconds),
    )


def send_again(engine: EngineSession, integration: Integration, name: str) -> str:
    """Let an output that was parked be tried at once, and one that was given up begin anew; what that means, for people.

    Raises:
        UndefinedObject: there is no such output. ObjectNotInPrerequisiteState: nothing is wrong with it.
    """
    found = catalog.output_states(engine, integration.id).get(name)
    if found is None or name not in {one.name for one in catalog.outputs(engine, integration.id)}:
        raise UndefinedObject(f'"{integration.name}" has no output "{name}"')
    if found.state not in ("parked", "blocked", "dropped"):
        raise ObjectNotInPrerequisiteState(f'the output "{name}" is {found.state}: nothing of it is held back')
    if found.state == "dropped":
        catalog.store_outputs(engine, integration.id, {name: OutputState(state="new")})
    _turn(engine, integration)
    return "it begins anew, with a dump" if found.state == "dropped" else f"{found.behind} bytes are sent again now"


def begin_anew(engine: EngineSession, integration: Integration) -> None:
    """Forget the place in the log: the instance that is active next begins where the log is then, and dumps everything."""
    engine.execute(
        "UPDATE boathouse.capture_progress SET position = NULL, unsettled = '[]', epoch = epoch + 1 WHERE id = $1",
        (integration.id,),
    )
    _turn(engine, integration, paused=False)


def turn(engine: EngineSession, number: int) -> tuple[int, bool]:
    """How often the active instance was to begin anew, and whether it is to wait."""
    ((generation, paused),) = engine.fetch(
        "SELECT generation, paused FROM boathouse.capture_integrations WHERE id = $1", (number,)
    )
    return int(str(generation)), bool(paused)


def _turn(engine: EngineSession, integration: Integration, *, paused: bool | None = None) -> None:
    engine.execute(
        "UPDATE boathouse.capture_integrations SET generation = generation + 1, paused = coalesce($2, paused) WHERE id = $1",
        (integration.id, paused),
    )
