"""`boathouse serve`: opens a home, listens, and stops in order.

Prints one line when it is ready. SIGTERM and SIGINT: no new connections, running statements finish or are cancelled
within the grace time, exit 0.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.endpoints.http.health import HealthServer
from boathouse.endpoints.postgres.server import PostgresServer
from boathouse.sql.redshift.redact import redact

LOG_BYTES_MAX = 20_000_000
LOG_FILES = 5
YOUNG_OBJECTS_MAX = 20_000
"""Objects made before Python looks for garbage cycles. A statement's trees are a few thousand objects in cycles; at
Python's own 700, a third of a short statement's time went into looking through trees still in use."""


class RedactingFormatter(logging.Formatter):
    """Whatever is logged, traces and the texts of errors in them too, loses its keys and passwords here."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line or lines."""
        return redact(super().format(record))


def serve(home: Path, overrides: Mapping[str, Mapping[str, object]]) -> int:
    """Serve until a signal comes; returns the exit status."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house = open_house(home, overrides)
    _log_to(house.home / "logs" / "boathouse.log")
    try:
        server, health = listen(house)
        try:
            web = f", http port {health.port}" if health else ""
            _settle()
            print(f"boathouse is ready: postgres port {server.port}{web}, home {house.home}", flush=True)
            stop.wait()
        finally:
            if health is not None:
                health.stop()
            server.stop(house.settings["serve"].grace_seconds)
    finally:
        house.close()
    return 0


def listen(house: OpenHouse) -> tuple[PostgresServer, HealthServer | None]:
    """Start the endpoints of an open house."""
    settings = house.settings["serve"]
    server = PostgresServer(house.service, house.settings["postgres"], settings.host, settings.port, house.home)
    _start(server.start, settings.host, settings.port)
    if settings.http_port < 0:
        return server, None
    try:
        health = HealthServer(settings.host, settings.http_port, lambda: server.accepting)
        _start(health.start, settings.host, settings.http_port)
    except BaseException:
        server.stop(0)
        raise
    return server, health


def _start(start: Callable[[], object], host: str, port: int) -> None:
    """Start listening; say which address cannot be had."""
    try:
        start()
    except OSError as failure:
        raise InvalidParameterValue(
            f"cannot listen on {host} port {port}: {(failure.strerror or str(failure)).lower()}",
            hint="Choose another with --host, --port and --http-port; port 0 takes any free one.",
        ) from failure


def _settle() -> None:
    """Everything loaded so far stays for good: spare the garbage collector from ever looking at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 10)


def _log_to(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
