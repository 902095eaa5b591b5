"""Debezium's embedded engine as a process: what it is told to read, and what it says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parents[3] / ".venv" / "debezium"
"""Where `make .venv/.debezium` puts it."""
MISSING = "no Debezium (make .venv/.debezium; it needs Maven), or no Java"
COMMON = {
    "name": "shop",
    "topic.prefix": "shop",
    "snapshot.mode": "no_data",
    "offset.storage": "org.apache.kafka.connect.storage.MemoryOffsetBackingStore",
    "converter.schemas.enable": "false",
    "decimal.handling.mode": "string",
    "time.precision.mode": "microseconds",
    "tombstones.on.delete": "false",
    "skipped.operations": "none",
    "poll.interval.ms": "20",
}
"""As our own format writes them, and told at once."""


def is_there() -> bool:
    return (PLACE / "classes").exists() and shutil.which("java") is not None


def of_postgres(host: str, port: int, database: str, slot: str, tables: str) -> dict[str, str]:
    """Properties; the slot and the publication of its name are there."""
    return {
        **COMMON,
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "plugin.name": "pgoutput",
        "database.hostname": host,
        "database.port": str(port),
        "database.user": "postgres",
        "database.password": "none",
        "database.dbname": database,
        "slot.name": slot,
        "publication.name": slot,
        "publication.autocreate.mode": "disabled",
        "table.include.list": tables,
    }


def of_mysql(port: int, tables: str, folder: Path) -> dict[str, str]:
    """Properties."""
    return {
        **COMMON,
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "database.hostname": "127.0.0.1",
        "database.port": str(port),
        "database.user": "root",
        "database.password": "",
        "database.ssl.mode": "disabled",
        "database.server.id": "8123",
        "schema.history.internal": "io.debezium.storage.file.history.FileSchemaHistory",
        "schema.history.internal.file.filename": str(folder / "schemas"),
        "include.schema.changes": "false",
        "table.include.list": tables,
    }


@dataclass(frozen=True)
class Said:
    """A line of the engine's.

    Attributes:
        events: so far.
        cpu, clock: seconds, of its process and since some moment.
    """

    what: str
    events: int
    cpu: float
    clock: float


class Engine:
    """A running one."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def until(self, what: str) -> Said:
        """Wait for a line; the process's failure ends it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            if words[:1] == [what]:
                return Said(what, int(words[1]), int(words[2]) / 1e6, int(words[3]) / 1e6)
            if words[:1] == ["failed"]:
                break
        raise AssertionError(f"Debezium ended without {what}: {self._process.wait(30)} {self._log.read_text()[-4000:]}")

    def wait(self, seconds: float) -> None:
        """Let it work; its end is a failure."""
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"Debezium ended: {self._process.wait(seconds)} {self._log.read_text()[-4000:]}")


@contextmanager
def debezium(
    properties: Mapping[str, str],
    folder: Path,
    *,
    told: Path | None = None,
    events: int = 0,
    java: tuple[str, ...] = (),
) -> Iterator[Engine]:
    """Runs until an event of the table `sentinel` has come.

    Args:
        folder: for its own files.
        told: where its events go, one a line; None: nowhere.
        events: how many are expected, for the line `half`.
        java: further words for the virtual machine.
    """
    given, log = folder / "debezium.properties", folder / "debezium.log"
    given.write_text("".join(f"{name}={value}\n" for name, value in properties.items()), encoding="utf-8")
    command = [
        "java",
        *java,
        "-cp",
        f"{PLACE}/classes:{PLACE}/lib/*",
        "Events",
        str(given),
        str(told or "count"),
        str(events),
    ]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield Engine(process, log)
    finally:
        process.kill()
        process.wait()


def events(told: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Key and envelope of each event, in order."""
    for line in told.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        yield one["key"], one["value"]
