"""`boathouse capture run`: one instance of a capture without a warehouse, until SIGTERM or SIGINT.

Receives a home of the instance's own, for its settings, secrets and spool, and the name of a definition in it. Prints a line
for each thing that it begins to do.
"""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from typing import cast

from boathouse.app.clock import SystemClock
from boathouse.app.discover import discover_rooms
from boathouse.app.home import HomeLock, empty_spool, require_home
from boathouse.app.settings import load, load_secrets, sections
from boathouse.capture.changes import TablePath
from boathouse.capture.dumps import Action, Request
from boathouse.capture.instances.definition import Definition, define
from boathouse.capture.instances.instance import Instance
from boathouse.capture.instances.registry import ask
from boathouse.contracts.engine import Engine
from boathouse.contracts.house import House
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import AlterIntegration


def run(home: Path, name: str) -> int:
    """Capture, or stand by, until a signal comes; returns the exit status.

    Raises:
        HomeInUse: another process works in this home. BoathouseError: what is to be mended first.
    """
    house, definition = _defined(home, name)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with HomeLock(house.home):
        empty_spool(house.home)
        instance = Instance(house, definition, lambda what: print(f"boathouse capture {name}: {what}", flush=True))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: instance.stop())
        instance.run()
    return 0


def ask_instance(home: Path, name: str, statement: str) -> None:
    """Ask something of a capture's dumps, as ALTER INTEGRATION would.

    Raises:
        UndefinedObject: no such table. StateUnavailable: where its state is cannot be reached.
    """
    house, definition = _defined(home, name)
    told = parse_statement(statement)
    assert isinstance(told, AlterIntegration)
    path: TablePath | None = told.table
    ask(house, definition, Request(cast(Action, told.action), path, told.keys, told.chunk_rows, told.pause_seconds))


def _defined(home: Path, name: str) -> tuple[House, Definition]:
    home = home.resolve()
    require_home(home)
    from boathouse.app.assemble import OWN_SECTIONS

    settings = load(home, sections(discover_rooms(), OWN_SECTIONS), {})
    house = House(home, settings, load_secrets(home), cast(Engine, None), SystemClock())  # no engine is opened
    return house, define(house, name)
