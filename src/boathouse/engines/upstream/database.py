"""A database behind this house, as its settings name it: opens sessions there, no more than are allowed at once.

Made by the app for each section `[databases.NAME]`; implements `contracts.upstream.Upstream`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from time import monotonic

from boathouse.contracts.errors import BoathouseError, InvalidParameterValue, TooManyConnections
from boathouse.engines.upstream.connect import open_session, reach
from boathouse.engines.upstream.link import UpstreamLink
from boathouse.engines.upstream.settings import DatabaseSettings

LOG = logging.getLogger(__name__)

OF_AMAZONS_DRIVERS = frozenset(
    ("client_protocol_version", "driver_discovery_version", "driver_version", "idp_type", "os_version", "plugin_name",
     "provider_name")
)  # fmt: skip
"""Start-up parameters that a Redshift takes, and a PostgreSQL refuses as unknown."""


class UpstreamDatabase:
    """See `contracts.upstream.Upstream`.

    Args:
        name: folded.
        settings: its section.
        secrets: of the house, by name.

    Raises:
        InvalidParameterValue: no uri, or a secret that there is not.
    """

    def __init__(self, name: str, settings: DatabaseSettings, secrets: Mapping[str, Mapping[str, str]]) -> None:
        if not settings.uri:
            raise InvalidParameterValue(f"[databases.{name}] has no uri", hint="Set uri to its host or socket folder.")
        if settings.secret and settings.secret.lower() not in secrets:
            raise InvalidParameterValue(
                f'[databases.{name}]: there is no secret "{settings.secret}"', hint="Add it to secrets.toml."
            )
        self.name = name
        self.settings = settings
        self.cancel_seconds_max = settings.cancel_seconds_max
        self._login = secrets.get(settings.secret.lower(), {})
        self._open = 0
        self._lock = threading.Lock()

    def open(self, parameters: Mapping[str, str]) -> UpstreamLink:
        """See the protocol."""
        with self._lock:
            if self._open >= self.settings.connections_max:
                raise TooManyConnections(
                    f'too many connections to database "{self.name}"',
                    hint=f"Raise connections_max in [databases.{self.name}], or close some.",
                )
            self._open += 1
        if self.settings.engine == "postgres":
            parameters = {name: value for name, value in parameters.items() if name not in OF_AMAZONS_DRIVERS}
        try:
            opened = open_session(self.name, self.settings, self._login, parameters)
        except BaseException as failure:
            self._leave()
            if isinstance(failure, BoathouseError):
                LOG.warning("database %s: %s", self.name, failure.message)
            raise

        return UpstreamLink(
            self.name,
            opened,
            lambda: reach(self.name, self.settings, monotonic() + self.settings.connect_seconds_max),
            self._leave,
        )

    def _leave(self) -> None:
        with self._lock:
            self._open -= 1
