"""One open session of another server: bytes to and from its socket without waiting, and cancels beside it.

Made by `database`; used by the passage of one client. Implements `contracts.upstream.Link`.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

from boathouse.contracts.errors import RemoteDatabaseUnavailable
from boathouse.engines.upstream.connect import Opened
from boathouse.wire.postgres import client

_READ_BYTES = 1 << 18
_SETTLE_SECONDS = 5.0
_AGAIN_SECONDS = 1.0


class UpstreamLink:
    """See the protocol.

    Args:
        name: the database's, for errors.
        opened: ready.
        reach: a further socket to the same server, for a cancel.
        closed: called once, at the end.
    """

    def __init__(
        self, name: str, opened: Opened, reach: Callable[[], socket.socket], closed: Callable[[], None]
    ) -> None:
        self._name = name
        self._wire = opened.wire
        self._key = opened.key
        self.parameters: Mapping[str, str] = opened.parameters
        self.greeting = opened.greeting
        self._reach = reach
        self._closed = closed
        self._waiting: deque[memoryview] = deque()
        self.unsent = 0
        self._cancelling: threading.Thread | None = None
        self._cancelled: float | None = None
        self._next_cancel = 0.0
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def has_pending(self) -> bool:
        """See the protocol."""
        return isinstance(self._wire, ssl.SSLSocket) and self._wire.pending() > 0

    def fileno(self) -> int:
        """See the protocol."""
        return self._wire.fileno()

    def send(self, message: bytes) -> None:
        """See the protocol."""
        self._cancelled = None
        self._waiting.append(memoryview(message))
        self.unsent += len(message)

    def flush(self) -> None:
        """See the protocol."""
        while self._waiting:
            if len(self._waiting) > 1 and self.unsent < _READ_BYTES:
                together = b"".join(self._waiting)
                self._waiting.clear()
                self._waiting.append(memoryview(together))
            first = self._waiting[0]
            try:
                sent = self._wire.send(first)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as failure:
                raise self.lost(failure.strerror or str(failure)) from None
            self.unsent -= sent
            if sent == len(first):
                self._waiting.popleft()
            else:
                self._waiting[0] = first[sent:]

    def receive(self) -> bytes:
        """See the protocol."""
        try:
            data = self._wire.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        except OSError as failure:
            raise self.lost(failure.strerror or str(failure)) from None
        if not data:
            raise self.lost("it closed the connection")
        self._cancelled = None
        return data

    def wait(self, seconds: float) -> None:
        """See the protocol."""
        if not self.has_pending:
            poll = select.poll()
            poll.register(self._wire.fileno(), select.POLLIN)
            poll.poll(seconds * 1000)

    def cancel(self) -> None:
        """See the protocol. One is under way at a time, and one goes there in a second: others could say nothing else."""
        with self._lock:
            now = monotonic()
            if now < self._next_cancel or (self._cancelling is not None and self._cancelling.is_alive()):
                return
            self._next_cancel = now + _AGAIN_SECONDS
            if self._cancelled is None:
                self._cancelled = now
            self._cancelling = threading.Thread(target=self._send_cancel, name="boathouse-cancel", daemon=True)
            self._cancelling.start()

    def settle(self) -> None:
        """See the protocol."""
        with self._lock:
            under_way = self._cancelling
        if under_way is not None:
            under_way.join(_SETTLE_SECONDS)
        self._next_cancel = 0.0

    @property
    def cancelled_seconds(self) -> float:
        """See the protocol."""
        cancelled = self._cancelled
        return 0.0 if cancelled is None else monotonic() - cancelled

    def lost(self, reason: str) -> RemoteDatabaseUnavailable:
        """See the protocol."""
        return RemoteDatabaseUnavailable(
            f'the connection to the server of database "{self._name}" was lost: {reason[:1].lower()}{reason[1:]}',
            hint="What ran there may or may not have been committed. Connect again.",
            sqlstate="08006",
        )

    def close(self) -> None:
        """See the protocol."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            with suppress(OSError, ValueError):
                self._wire.send(client.TERMINATE)
            self._wire.close()
        finally:
            self._closed()

    def _send_cancel(self) -> None:
        # The server closes the connection when the cancel is delivered: then nothing later can be hit by it.
        with suppress(OSError, RemoteDatabaseUnavailable), self._reach() as wire:
            wire.sendall(client.cancel_request(self._key))
            wire.recv(1)
