"""`boathouse capture run`: one instance of a capture without a warehouse, until SIGTERM or SIGINT; and what is asked of one.

Receives a home of the instance's own, for its settings, secrets and spool, and the name of a definition in it. Prints a line
for each thing that it begins to do; serves health, metrics and control over HTTP where the definition gives them ports.
"""

from __future__ import annotations

import logging
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from boathouse.app.clock import SystemClock
from boathouse.app.discover import discover_rooms
from boathouse.app.home import HomeLock, empty_spool, require_home
from boathouse.app.settings import load, load_secrets, sections
from boathouse.capture.instances.asked import AskedCapture
from boathouse.capture.instances.definition import Definition, define
from boathouse.capture.instances.instance import Instance
from boathouse.contracts.engine import Engine
from boathouse.contracts.errors import BoathouseError, InvalidParameterValue
from boathouse.contracts.house import House

LOG = logging.getLogger(__name__)


def run(home: Path, name: str) -> int:
    """Capture, or stand by, until a signal comes; returns the exit status.

    Raises:
        HomeInUse: another process works in this home. BoathouseError: what is to be mended first.
    """
    house, definition = defined(home, name)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")

    def say(what: str) -> None:
        print(f"boathouse capture {name}: {what}", flush=True)

    with HomeLock(house.home):
        empty_spool(house.home)
        instance = Instance(house, definition, say)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: instance.stop())
        with _served(house, definition, instance, say):
            instance.run()
    return 0


def asked(home: Path, name: str) -> AskedCapture:
    """A capture that a home defines, for questions and wishes."""
    return AskedCapture(*defined(home, name))


@contextmanager
def _served(house: House, definition: Definition, instance: Instance, say: Any) -> Iterator[None]:
    """Listen meanwhile, where the definition says so. Raises InvalidParameterValue: an address that is taken."""
    from boathouse.endpoints.http.control import ControlServer
    from boathouse.endpoints.http.health import HealthServer
    from boathouse.endpoints.postgres.certificate import ensure_certificate, load_tls

    http, capture, made = (
        definition.http,
        AskedCapture(house, definition),
        list[tuple[str, HealthServer | ControlServer]](),
    )
    if http["health_port"] >= 0:
        made.append(("health", HealthServer(
            http["host"], http["health_port"], lambda: _is_well(capture, instance), capture.metrics
        )))  # fmt: skip
    if http["control_port"] >= 0:
        context = load_tls(*ensure_certificate(house.home)).context
        context.set_alpn_protocols(["http/1.1"])
        secret = house.secrets.get("http_control", {})
        made.append(("control", ControlServer(
            http["host"], http["control_port"], _Steered(capture, secret), context, secret
        )))  # fmt: skip
    try:
        for what, endpoint in made:
            try:
                say(f"{what} at port {endpoint.start()}")
            except OSError as failure:
                raise InvalidParameterValue(f"[http] {what}_port: {failure.strerror}") from failure
        yield
    finally:
        for _, endpoint in made:
            endpoint.stop()


def _is_well(capture: AskedCapture, instance: Instance) -> bool:
    """One that stands by is well; an active one where it goes on."""
    try:
        return not instance.is_active or not capture.is_stalled()
    except BoathouseError as failure:
        LOG.warning("how the capture goes cannot be asked: %s", failure.message)
        return False


@dataclass(frozen=True)
class _User:
    verifier: str | None


class _Steered:
    """See `endpoints.http.control.Captures`: the secret `http_control` has the one user who may ask."""

    def __init__(self, capture: AskedCapture, secret: Mapping[str, str]) -> None:
        from boathouse.wire.postgres.scram import make_verifier

        self._capture, self._name, password = capture, secret.get("user", ""), secret.get("password")
        salts = (secrets.token_bytes(16), secrets.token_bytes(16))
        self._user = _User(str(make_verifier(password, *salts)) if password else None)

    def user(self, name: str) -> Any:
        """See `Captures`."""
        return self._user if name == self._name else None

    def rows(self, user: Any, view: str, where: Mapping[str, str]) -> list[dict[str, Any]]:
        """See `Captures`."""
        return self._capture.rows(view, where)

    def give(self, user: Any, statement: str) -> None:
        """See `Captures`."""
        self._capture.give(statement)


def defined(home: Path, name: str) -> tuple[House, Definition]:
    """A house without an engine, and a capture that its home defines."""
    home = home.resolve()
    require_home(home)
    from boathouse.app.assemble import OWN_SECTIONS

    settings = load(home, sections(discover_rooms(), OWN_SECTIONS), {})
    house = House(home, settings, load_secrets(home), cast(Engine, None), SystemClock())  # no engine is opened
    return house, define(house, name)
