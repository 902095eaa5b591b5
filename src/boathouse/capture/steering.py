"""What users ask of integrations from elsewhere than SQL, as the statements that say the same.

Received from the command line, from HTTP and from the settings; what they say goes through the same door as any client's.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from boathouse.capture.settings import IntegrationSettings
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, DuplicateObject, InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import CreateIntegration, DropIntegration
from boathouse.sql.targets.ddl_columns import text_literal

log = logging.getLogger(__name__)


class Said:
    """What is wrong with what the settings say: it goes to the log once, however often it is met.

    Attributes:
        is_any: something has been met since `begin`.
    """

    def __init__(self) -> None:
        self._messages: set[str] = set()
        self.is_any = False

    def begin(self) -> None:
        """The settings are looked at anew."""
        self.is_any = False

    def met(self, message: str) -> None:
        """This is wrong."""
        self.is_any = True
        if message not in self._messages:
            self._messages.add(message)
            log.error("%s", message)


def declare_integrations(house: House, run: RunAs, engine: EngineSession, said: Said) -> None:
    """Carry out the sections `[integrations.NAME]`: those that are new are made, those that went are dropped, and of the others
    the tables and the secret are followed. What is wrong with one goes to the log, and the others are carried out.

    Args:
        said: is told of it.
    """
    wanted: dict[str, IntegrationSettings] = {
        name.lower(): one for name, one in house.settings.get("integrations", {}).items()
    }
    rows = engine.fetch("SELECT name, owner, declared FROM boathouse.capture_integrations")
    there = {str(name): (str(owner), None if told is None else json.loads(str(told))) for name, owner, told in rows}
    for name, (owner, told) in sorted(there.items()):
        if told is not None and name not in wanted:
            text = f"DROP INTEGRATION {quoted(name)}"
            run(owner, DropIntegration(text=text, offset=0, name=name, by_settings=True))
    for name, one in wanted.items():
        try:
            _declare(run, engine, name, one, there.get(name))
        except BoathouseError as failure:
            said.met(f"[integrations.{name}]: {failure.message}")


def _declare(
    run: RunAs,
    engine: EngineSession,
    name: str,
    one: IntegrationSettings,
    there: tuple[str, dict[str, Any] | None] | None,
) -> None:
    paths, declared = tuple(map(table_path, one.tables)) or None, json.dumps(asdict(one))
    if there is None:
        statement = CreateIntegration(
            text=f"CREATE INTEGRATION {quoted(name)} FROM {one.source}", offset=0, name=name, kind=one.source.lower(),
            secret=one.secret, tables=paths, target=one.schema.lower() or None, history=() if one.history_mode else None,
            declared=declared,
        )  # fmt: skip
        run(one.owner, statement)
        return
    told, now = there[1], json.loads(declared)
    if told is None:
        raise DuplicateObject("a statement has made an integration of that name")
    if told == now:
        return
    if any(told[key] != now[key] for key in now.keys() - {"tables", "secret"}):
        raise InvalidParameterValue("of an integration that is there only tables and secret can be changed")
    engine.execute(
        "UPDATE boathouse.capture_integrations SET tables = $1, secret = $2, declared = $3, generation = generation + 1 "
        "WHERE name = $4",
        (None if paths is None else json.dumps(paths), one.secret, declared, name),
    )


def integration_statement(action: str, integration: str) -> str:
    """The statement that pauses or resumes an integration."""
    return f"ALTER INTEGRATION {quoted(integration)} {action.upper()}"


def dump_statement(action: str, integration: str, table: str | None, keys: Sequence[Sequence[str]]) -> str:
    """The statement that begins (`dump`), pauses, resumes or stops dumps.

    Args:
        table: as schema.name, in the source's spelling; None for all.
        keys: for `dump`, the rows' keys, as texts.

    Raises:
        InvalidParameterValue: keys of no table, or a table without a schema.
    """
    where = "" if table is None else f" TABLE {'.'.join(quoted(part) for part in table_path(table))}"
    name = f"ALTER INTEGRATION {quoted(integration)}"
    if action != "dump":
        return f"{name} {action.upper()} DUMP{where}"
    if not keys:
        return f"{name} DUMP{where or ' ALL'}"
    if table is None:
        raise InvalidParameterValue("keys are of a table: say of which")
    return f"{name} DUMP{where} KEYS ({', '.join('(' + ', '.join(map(text_literal, key)) + ')' for key in keys)})"


def tables_statement(action: str, integration: str, tables: Sequence[str]) -> str:
    """The statement that says which tables are captured: `set` (none stand for all), `add` or `drop`.

    Args:
        tables: each as schema.name, in the source's spelling, with `*` for any characters.

    Raises:
        InvalidParameterValue: none to add or drop, or one without a schema.
    """
    if not tables and action != "set":
        raise InvalidParameterValue("no table is named")
    named = ", ".join(".".join(quoted(part) for part in table_path(table)) for table in tables)
    return f"ALTER INTEGRATION {quoted(integration)} {action.upper()} TABLES {f'({named})' if named else 'ALL'}"


def pace_statement(integration: str, chunk_rows: int | None, chunk_pause: float | None) -> str:
    """The statement that sets the size of chunks and the seconds between two. Raises InvalidParameterValue: neither is given."""
    options = {"CHUNK_ROWS": chunk_rows, "CHUNK_PAUSE_SECONDS": chunk_pause}
    given = ", ".join(f"{option} = {value}" for option, value in options.items() if value is not None)
    if not given:
        raise InvalidParameterValue("neither the rows of a chunk nor the pause between two is given")
    return f"ALTER INTEGRATION {quoted(integration)} SET {given}"


def table_path(table: str) -> tuple[str, str]:
    """(schema, name) of a table. Raises InvalidParameterValue."""
    schema, dot, name = table.partition(".")
    if not dot:
        raise InvalidParameterValue(f'"{table}" is no schema.table')
    return schema, name
