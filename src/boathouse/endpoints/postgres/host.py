"""The server as its connections see it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from boathouse.endpoints.postgres.certificate import Tls
from boathouse.endpoints.postgres.conversation import Service
from boathouse.endpoints.postgres.settings import PostgresSettings
from boathouse.wire.postgres.requests import CancelRequest

if TYPE_CHECKING:
    from boathouse.endpoints.postgres.connection import Connection


class Host(Protocol):
    """What a connection needs of the server that made it."""

    service: Service
    settings: PostgresSettings
    tls: Tls | None
    mock_seed: bytes
    stopping: threading.Event

    def admit(self, connection: Connection) -> bool:
        """Take a place among the connections; False where all are taken."""
        ...

    def leave(self, connection: Connection) -> None:
        """Give the place back."""
        ...

    def cancel(self, request: CancelRequest) -> None:
        """Cancel the statement that the key belongs to."""
        ...
