"""What a store knows of a capture without a warehouse: its number, its outputs, and what is asked of it.

Called by the instance that is active, and by whoever asks something of it, from anywhere.
"""

from __future__ import annotations

import json
from typing import cast

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery import registered
from boathouse.capture.dumps import Request
from boathouse.capture.instances.definition import Definition
from boathouse.capture.output import OutputState
from boathouse.capture.states.state import StateSession
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.house import House

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


def ask(house: House, definition: Definition, request: Request) -> None:
    """Ask something of the dumps of a capture; the active instance takes it.

    Raises:
        UndefinedObject: it has never run, or captures no such table. StateUnavailable: its store cannot be reached.
    """
    state = definition.open_state()
    engine = cast(EngineSession, state)
    try:
        integration = registered_as(state, definition, house)
        if request.path is not None and request.path not in catalog.tables(engine, integration.id):
            schema, table = request.path
            raise UndefinedObject(f'table "{schema}.{table}" is not captured by "{definition.name}"')
        dumps.ask(engine, integration.id, request)
    finally:
        state.close()
