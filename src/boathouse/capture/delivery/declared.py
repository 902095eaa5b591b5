"""Outputs as they are declared, by statements or in the settings: what must hold of each, and the settings' carried out.

Received from ADD OUTPUT, and from the sections `[outputs.NAME]` each time the integrations are looked at; kept in the catalog.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery import registered
from boathouse.capture.output import Declared, Option
from boathouse.capture.settings import OutputSettings
from boathouse.capture.steering import Said
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, DuplicateObject, InvalidParameterValue
from boathouse.contracts.house import House

_OPTION = re.compile(r"\s*(\w+)\s*=\s*(.*?)\s*", re.DOTALL)


def require_sound(house: House, engine: EngineSession, declared: Declared) -> None:
    """Nothing about a new output is wrong before it is used.

    Raises:
        InvalidParameterValue, FeatureNotSupported, UndefinedObject, InsufficientPrivilege, DuplicateObject: otherwise.
    """
    if not declared.name.isidentifier():
        raise InvalidParameterValue("an output's name has letters, digits and underscores")
    registered.check(house, declared)
    taken = engine.fetch("SELECT name FROM boathouse.capture_outputs WHERE place = $1", (declared.place,))
    if taken and registered.kind_name(declared.place) == registered.FILES:
        raise DuplicateObject(f'the output "{taken[0][0]}" writes there already')


def declare(house: House, engine: EngineSession, integrations: Sequence[Integration], said: Said) -> bool:
    """Carry out what the settings say; True where something has changed. What is wrong with an output goes to the log, and the
    others are carried out. An output that is another than it was begins anew, with a dump.

    Args:
        said: is told of it.
    """
    changed = False
    wanted: dict[str, dict[str, OutputSettings]] = {}
    for name, one in house.settings.get("outputs", {}).items():
        wanted.setdefault(one.integration.lower(), {})[name] = one
    for integration in integrations:
        ours = catalog.outputs_by_settings(engine, integration.id)
        there = {output.name: output for output in integration.outputs}
        mine = wanted.get(integration.name, {})
        for name in sorted(ours - mine.keys()):
            catalog.remove_output(engine, integration.id, name)
            changed = True
        for name, one in mine.items():
            try:
                changed |= _declare(
                    house, engine, integration, there.get(name), _declared(name, one), is_ours=name in ours
                )
            except BoathouseError as failure:
                said.met(f"[outputs.{name}]: {failure.message}")
    return changed


def _declare(
    house: House, engine: EngineSession, integration: Integration, there: Declared | None, declared: Declared, *,
    is_ours: bool,
) -> bool:  # fmt: skip
    if there == declared:
        return False
    if there is not None and not is_ours:
        raise DuplicateObject("a statement has added an output of that name")
    if there is not None:
        catalog.remove_output(engine, integration.id, declared.name)
    require_sound(house, engine, declared)
    catalog.put_output(engine, integration.id, declared, registered.kind_of(declared).guarantee, by_settings=True)
    return True


def _declared(name: str, one: OutputSettings) -> Declared:
    """As a statement would have said it. Raises InvalidParameterValue."""
    options = []
    for text in one.options:
        found = _OPTION.fullmatch(text)
        if found is None:
            raise InvalidParameterValue(f'"{text}" is no option', hint="Write batch_rows = 500.")
        options.append((found[1].lower(), _value(found[2])))
    return Declared(name, one.place, one.format.lower(), one.on_failure, one.secret, tuple(options))


def _value(text: str) -> Option:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"\d+\.\d+", text) else text.strip("'")
