"""A database behind this house whose answers pass through as they are: what `query` and `endpoints` see of it.

The engine of `contracts.engine` hands out Arrow batches; here bytes of the PostgreSQL protocol go both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Link(Protocol):
    """One open session there. One thread at a time, but for `cancel`.

    Raises everywhere: RemoteDatabaseUnavailable (08006) once the connection is lost.
    """

    @property
    def parameters(self) -> Mapping[str, str]:
        """The settings that it reported at start, in its order."""
        ...

    @property
    def greeting(self) -> bytes:
        """Whole messages (notices) that it sent before it was ready."""
        ...

    @property
    def unsent(self) -> int:
        """Bytes that it has not taken yet."""
        ...

    @property
    def has_pending(self) -> bool:
        """True where `receive` gives something though the socket says nothing."""
        ...

    def fileno(self) -> int:
        """The socket's descriptor, to wait for."""
        ...

    def send(self, message: bytes) -> None:
        """Add to what goes there at the next `flush`."""
        ...

    def flush(self) -> None:
        """Send what it takes now, without waiting."""
        ...

    def receive(self) -> bytes:
        """What has come, without waiting; nothing where nothing has."""
        ...

    def wait(self, seconds: float) -> None:
        """Until something has come, or for so long."""
        ...

    def cancel(self) -> None:
        """From any thread: have it cancel what runs there. Returns at once; see `settle`."""
        ...

    def settle(self) -> None:
        """Wait until a cancel under way has arrived, or cannot: what is sent from then on is not meant by it."""
        ...

    @property
    def cancelled_seconds(self) -> float:
        """How long a cancel has been without any answer; 0 where none was sent."""
        ...

    def lost(self, reason: str) -> Exception:
        """The error that says so."""
        ...

    def close(self) -> None:
        """Say good-bye and free everything; harmless when repeated."""
        ...


class Upstream(Protocol):
    """One such database, as the settings name it."""

    @property
    def name(self) -> str:
        """By which clients ask for it."""
        ...

    @property
    def cancel_seconds_max(self) -> float:
        """How long a cancel may go without an answer before the connection counts as lost; 0: for ever."""
        ...

    def open(self, parameters: Mapping[str, str]) -> Link:
        """A session there, with these start-up parameters.

        Raises:
            RemoteDatabaseUnavailable, RemoteDatabaseError, TooManyConnections.
        """
        ...
