"""A capture without a warehouse, as the file `NAME.toml` of a home defines it.

Received from the command line; hands on what `instance` runs. Unknown words are errors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boathouse.capture.changes import TablePath
from boathouse.capture.delivery import registered
from boathouse.capture.elections.election import Election
from boathouse.capture.output import Declared, OnFailure
from boathouse.capture.states.state import StateSession
from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject
from boathouse.contracts.house import House

STATES = "boathouse.capture.states"
ELECTIONS = "boathouse.capture.elections"
_LEASE_SECONDS = 10.0
_WORDS = {"from", "secret", "tables", "state", "election", "journal", "sweep", "http", "output"}
_HTTP = {"host": "127.0.0.1", "health_port": -1, "control_port": -1, "stall_seconds": 120}
_OUTPUT = {"name", "to", "format", "secret", "options", "on_failure"}
_ON_FAILURE: tuple[OnFailure, ...] = ("block", "park", "drop")


@dataclass(frozen=True)
class Definition:
    """See the module.

    Attributes:
        tables: those to capture; None for all.
        state, election: what opens them: the words of their sections, and of the secrets that these name.
        election: None where there is one instance alone.
        journal: the folder of what the outputs are still to be told, which every instance reaches; None where there is none
            such: each transaction is delivered before it is stored.
        sweeps: what a dump does not find is deleted at the outputs when it ends.
        http: `host`; `health_port` and `control_port`, -1 for none; `stall_seconds`, after which an active instance that stores
            nothing is unwell.
        lease_seconds: without a sign of life after which another instance takes over.
    """

    name: str
    kind: str
    secret: str
    tables: tuple[TablePath, ...] | None
    state: Mapping[str, str]
    election: Mapping[str, str] | None
    lease_seconds: float
    journal: Path | None
    outputs: tuple[Declared, ...]
    sweeps: bool
    http: Mapping[str, Any]

    def open_state(self) -> StateSession:
        """A session of its store. Raises StateUnavailable."""
        session: StateSession = registered.registered(STATES, self.state["kind"], "a state in")(self.name, self.state)
        return session

    def open_election(self) -> Election | None:
        """Its election."""
        if self.election is None:
            return None
        opened = registered.registered(ELECTIONS, self.election["kind"], "an election by")
        election: Election = opened(self.name, self.election, self.lease_seconds)
        return election


def define(house: House, name: str) -> Definition:
    """Read and check a definition.

    Raises:
        UndefinedObject: there is none, or a secret that it names. InvalidParameterValue, FeatureNotSupported: what is wrong.
    """
    path = path_of(house.home, name)
    if not path.is_file():
        raise UndefinedObject(
            f"there is no {path}", hint="It says from where and to where: see docs/capture-instances.md."
        )
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as failure:
        raise InvalidParameterValue(f"{path.name} is not valid TOML: {failure}") from failure
    _known(told, _WORDS, path.name)
    journal = _journal(house, told, path.name)
    outputs = tuple(_output(house, one, path.name, has_journal=journal is not None) for one in told.get("output", []))
    if not outputs or len({one.name for one in outputs}) < len(outputs):
        raise InvalidParameterValue(f"{path.name}: it needs at least one [[output]], each with a name of its own")
    election = dict(told.get("election", {}))
    lease_seconds = float(election.pop("lease_seconds", _LEASE_SECONDS))
    if not 2 <= lease_seconds <= 60:
        raise InvalidParameterValue(f"{path.name}: lease_seconds is between 2 and 60")
    tables = told.get("tables")
    return Definition(
        name, _text(told, "from", path.name), _text(told, "secret", path.name),
        None if tables is None else tuple(_path(one, path.name) for one in tables),
        _section(house, told.get("state", {}), "state", path.name),
        _section(house, election, "election", path.name) if election else None,
        lease_seconds, journal, outputs, _sweeps(told, journal, path.name), _http(told.get("http", {}), path.name),
    )  # fmt: skip


def path_of(home: Path, name: str) -> Path:
    """Where a definition stands."""
    return home / f"{name}.toml"


def _journal(house: House, told: Mapping[str, Any], file: str) -> Path | None:
    """An instance alone has it in its home; several need a folder that all of them reach."""
    if "journal" not in told:
        return None if told.get("election") else house.home / "capture"
    _known(told["journal"], {"folder"}, f"{file} [journal]")
    folder = Path(_text(told["journal"], "folder", f"{file} [journal]"))
    if not folder.is_absolute() or not folder.is_dir():
        raise InvalidParameterValue(f"{file} [journal]: {folder} is no folder, or not said from the root on")
    return folder


def _sweeps(told: Mapping[str, Any], journal: Path | None, file: str) -> bool:
    found = told.get("sweep", journal is not None)
    if not isinstance(found, bool) or (found and journal is None):
        raise InvalidParameterValue(
            f"{file}: sweep is true or false, and true needs a [journal] that all instances reach"
        )
    return found


def _http(told: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    _known(told, set(_HTTP), f"{file} [http]")
    for name, value in told.items():
        if type(value) is not type(_HTTP[name]):
            raise InvalidParameterValue(f"{file} [http]: {name} is a {'text' if name == 'host' else 'whole number'}")
    return {**_HTTP, **told}


def _output(house: House, told: Mapping[str, Any], file: str, *, has_journal: bool) -> Declared:
    _known(told, _OUTPUT, f"{file} [[output]]")
    options = tuple(sorted(told.get("options", {}).items()))
    on_failure = next((one for one in _ON_FAILURE if one == told.get("on_failure", "block")), None)
    if on_failure is None:
        raise InvalidParameterValue(f"{file} [[output]]: on_failure is block, park or drop")
    if on_failure != "block" and not has_journal:
        raise InvalidParameterValue(
            f'{file} [[output]]: several instances need a journal that all of them reach for on_failure = "{on_failure}"',
            hint="Add [journal] with a folder on a shared volume.",
        )
    declared = Declared(
        _text(told, "name", file),
        _text(told, "to", file),
        told.get("format", ""),
        on_failure,
        told.get("secret", ""),
        options,
    )
    registered.check(house, declared)
    return declared


def _section(house: House, told: Mapping[str, Any], section: str, file: str) -> Mapping[str, str]:
    _text(told, "kind", f"{file} [{section}]")
    words = {name: str(value) for name, value in told.items()}
    if "secret" not in words:
        return words
    secret = house.secrets.get(words["secret"].lower())
    if secret is None:
        raise UndefinedObject(
            f'secret "{words["secret"]}" does not exist', hint="Secrets stand in the home's secrets.toml."
        )
    return {**secret, **words}


def _known(told: Mapping[str, Any], words: set[str], where: str) -> None:
    unknown = sorted(set(told) - words)
    if unknown:
        raise InvalidParameterValue(
            f"{where}: unknown: {', '.join(unknown)}", hint=f"There are: {', '.join(sorted(words))}."
        )


def _text(told: Mapping[str, Any], word: str, where: str) -> str:
    value = told.get(word)
    if not isinstance(value, str) or not value:
        raise InvalidParameterValue(f"{where}: {word} is missing, or no text")
    return value


def _path(text: str, file: str) -> TablePath:
    schema, dot, name = text.partition(".")
    if not dot:
        raise InvalidParameterValue(f'{file}: "{text}" is no schema.table')
    return schema, name
