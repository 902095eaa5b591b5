"""`boathouse serve`: opens a home, listens, and stops in order.

Prints one line when it is ready. SIGTERM and SIGINT: no new connections, running statements finish or are cancelled
within the grace time, exit 0. SIGHUP: the settings are read again. Where the engine fails for good, the process begins anew.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from boathouse.app.assemble import OWN_SECTIONS, OpenHouse, open_house
from boathouse.app.background import BackgroundWork
from boathouse.app.settings import load, sections
from boathouse.capture.instances import measures
from boathouse.contracts.errors import BoathouseError, HomeInUse, InvalidParameterValue
from boathouse.endpoints.http.control import ControlServer, OfHouse
from boathouse.endpoints.http.health import HealthServer
from boathouse.endpoints.postgres.server import PostgresServer
from boathouse.sql.redshift.redact import redact

LOG = logging.getLogger(__name__)
_reloading = threading.Lock()
LOG_BYTES_MAX = 20_000_000
LOG_FILES = 5
_STANDBY_SECONDS = 0.5
"""Between two looks whether the home is free."""
SWITCH_SECONDS = 0.0005
"""For which a thread may run Python while others wait. A short statement waits for its turn several times, beside a capture for
Python's own 5 ms each (docs/decisions/0060-decoding-stays-in-the-server.md)."""


class RedactingFormatter(logging.Formatter):
    """Whatever is logged, traces and the texts of errors in them too, loses its keys and passwords here."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line or lines."""
        return redact(super().format(record))


def serve(home: Path, overrides: Mapping[str, Mapping[str, object]], *, standby: bool = False) -> int:
    """Serve until a signal comes; returns the exit status.

    Args:
        standby: wait for a home that another server has.
    """
    stop, failed = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house = _wait_for_home(home, overrides, stop) if standby else open_house(home, overrides)
    if house is None:
        return 0
    _log_to(house.home / "logs" / "boathouse.log")
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reload, args=(house, overrides)).start())
    try:
        server, health = listen(house)
        background, control = BackgroundWork(house), None
        try:
            control = listen_for_control(house, server)
            background.start()
            web = f", http port {health.port}" if health else ""
            web += f", control port {control.port}" if control else ""
            _settle()
            house.when_failed(lambda: _begin_anew(failed))
            print(f"boathouse is ready: postgres port {server.port}{web}, home {house.home}", flush=True)
            _wait(stop)
        finally:
            if control is not None:
                control.stop()
            if health is not None:
                health.stop()
            server.stop(0 if failed.is_set() else house.settings["serve"].grace_seconds)
            background.stop(house.settings["serve"].grace_seconds)
    finally:
        house.close()
    if failed.is_set():
        sys.stdout.flush()
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very command that began this process
    return 0


def _begin_anew(failed: threading.Event) -> None:
    """The engine has ended: nothing of this process works any more, but what was committed is on the disk."""
    LOG.critical("the engine has failed; the server starts again")
    failed.set()
    os.kill(os.getpid(), signal.SIGTERM)


def _wait(stop: threading.Event) -> None:
    """Until it is set, by a handler of a signal. On the event itself Python may sleep through a signal that comes just before it
    does, or that another thread gets; what is written to a socket stays there.
    """
    told, tell = socket.socketpair()
    with told, tell:
        tell.setblocking(False)
        signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
        try:
            while not stop.is_set():
                told.recv(64)
        finally:
            signal.set_wakeup_fd(-1)


def _wait_for_home(
    home: Path, overrides: Mapping[str, Mapping[str, object]], stop: threading.Event
) -> OpenHouse | None:
    """The home, once its server has ended, however it did: the operating system says so. None where a signal came first."""
    print(f"boathouse stands by for the home {home}", flush=True)
    while not stop.is_set():
        try:
            return open_house(home, overrides)
        except HomeInUse:
            stop.wait(_STANDBY_SECONDS)
    return None


def reload(house: OpenHouse, overrides: Mapping[str, Mapping[str, object]]) -> None:
    """Read the settings again, and take those that can change while the server runs: the queues.

    What is wrong with them goes to the log, and those at hand stay in force. One signal after the other, so that what
    was read first is not taken last.
    """
    try:
        with _reloading:
            found = load(house.home, sections(house.rooms, OWN_SECTIONS), overrides)
            house.service.workload.configure(found["workload"])
    except BoathouseError as failure:
        hint = f" ({failure.hint})" if failure.hint else ""
        LOG.error("the settings were not taken: %s%s", failure.message, hint)
    else:
        names = ", ".join(queue.name for queue in house.service.workload.configuration.queues)
        LOG.info("the settings were read again; queues: %s", names)


def listen(house: OpenHouse) -> tuple[PostgresServer, HealthServer | None]:
    """Start the endpoints of an open house.

    Raises:
        InvalidParameterValue: an address that is taken, or a certificate that cannot be used.
    """
    settings = house.settings["serve"]
    try:
        server = PostgresServer(house.service, house.settings["postgres"], settings.host, settings.port, house.home)
    except (OSError, ValueError) as failure:
        raise InvalidParameterValue(
            f"the certificate and its key cannot be used: {failure}",
            hint="Set certificate and key in [postgres] to readable PEM files that belong together.",
        ) from failure
    _start(server, settings.host, "port")
    if settings.http_port < 0:
        return server, None
    health = HealthServer(settings.host, settings.http_port, lambda: server.accepting, lambda: _measured(house))
    try:
        _start(health, settings.host, "http_port")
    except BaseException:
        server.stop(0)
        raise
    return server, health


def _measured(house: OpenHouse) -> bytes:
    engine = house.service.house.engine.session()
    try:
        return house.service.metrics.render() + measures.render(engine, house.service.house.clock.now())
    finally:
        engine.close()


def listen_for_control(house: OpenHouse, server: PostgresServer) -> ControlServer | None:
    """Start the endpoint that steers captures, where the settings ask for it. Raises InvalidParameterValue."""
    settings = house.settings["serve"]
    if settings.control_port < 0:
        return None
    try:
        context = server.plain_tls()
    except (OSError, ValueError) as failure:
        raise InvalidParameterValue("the certificate and its key cannot be used for the control port") from failure
    token = house.service.house.secrets.get("http_control", {})
    captures = OfHouse(house.service, house.service.database)
    control = ControlServer(settings.host, settings.control_port, captures, context, token)
    _start(control, settings.host, "control_port")
    return control


def _settle() -> None:
    """Everything loaded so far stays for good: spare the garbage collector from ever looking at it again. Threads take turns."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)


def _start(endpoint: PostgresServer | HealthServer | ControlServer, host: str, setting: str) -> None:
    try:
        endpoint.start()
    except (OSError, OverflowError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        raise InvalidParameterValue(
            f"cannot listen on {host} port {endpoint.port}: {reason}",
            hint=f"Set host and {setting} in [serve], or --{setting.replace('_', '-')}, to an address that is free.",
        ) from failure


def _log_to(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
