"""A connection's events, told to the service for its connection log.

Made for each start-up packet by the connection; knows what the client said of itself and how its wire is protected.
"""

from __future__ import annotations

from time import monotonic

from boathouse.contracts.observing import ConnectionEventKind
from boathouse.endpoints.postgres.authenticate import proves_by_digest, session_parameters
from boathouse.endpoints.postgres.channel import Channel
from boathouse.endpoints.postgres.conversation import Service
from boathouse.wire.postgres.requests import StartupMessage


class Announcer:
    """Tells one connection's events.

    Args:
        service: hears them.
        channel, startup: the client's.
    """

    def __init__(self, service: Service, channel: Channel, startup: StartupMessage) -> None:
        self._service = service
        self._startup = startup
        self._host, _, self._port = channel.peer.rpartition(":")
        self._tls_version, self._tls_cipher = channel.encryption
        self._opened = monotonic()
        self._pid = 0

    def tell(self, kind: ConnectionEventKind, pid: int | None = None) -> None:
        """One event; `pid` once the session has one."""
        self._pid = pid or self._pid
        user = self._startup.parameters.get("user", "")
        ended = kind == "disconnecting session"
        self._service.connection_event(
            kind,
            pid=self._pid,
            user=user,
            database=self._startup.parameters.get("database") or user,
            host=self._host,
            port=self._port,
            method="digest" if proves_by_digest(self._startup) else "scram-sha-256",
            tls_version=self._tls_version,
            tls_cipher=self._tls_cipher,
            duration_us=int((monotonic() - self._opened) * 1_000_000) if ended else 0,
            client=session_parameters(self._startup),
        )
