"""One client's socket: bytes to requests, and messages to bytes, with everything bounded in time.

Between the connection's thread and the kernel. Reading waits for the client, for the server's stop and for a deadline
at once. Writing gathers small messages into one send; while it waits for a slow client it looks up every half
second, so that a cancel or a stop is felt, and gives up on a client that makes no progress.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from boathouse.contracts.errors import BoathouseError
from boathouse.wire.postgres.protocol import Protocol
from boathouse.wire.postgres.requests import Request, StartupRequest

LOOK_UP_SECONDS = 0.5
"""How often a waiting read or write looks for a cancel."""
_READ_BYTES = 65_536
_GATHER_BYTES = 65_536
_SLICE_BYTES = 1 << 20
_TLS_RECORD_BYTES = 16_384

Check = Callable[[], None]
"""Called while waiting; raises to stop the waiting."""


class ClientGone(Exception):
    """The client has closed, broken or stalled the connection; there is nobody to tell."""


class ServerStopping(Exception):
    """The server stops while the client is idle."""


class DeadlinePassed(Exception):
    """The client was silent for too long."""


class Channel:
    """A blocking socket with the protocol machine that its bytes go through.

    Args:
        connection: accepted; this object owns it from now on.
        protocol: fed by `read`.
        stop_fd: becomes readable when the server stops.
        write_seconds_max: longest time without progress in writing.
    """

    def __init__(self, connection: socket.socket, protocol: Protocol, stop_fd: int, write_seconds_max: float) -> None:
        self._socket = connection
        self._socket.settimeout(LOOK_UP_SECONDS)
        self._tls: ssl.SSLSocket | None = None
        self.protocol = protocol
        self._stop_fd = stop_fd
        self._write_seconds_max = write_seconds_max
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        # Notices come from the threads that do the work, between two whole messages of the connection's own.
        self._writing = threading.RLock()
        self._ready = select.poll()
        self._ready.register(connection.fileno(), select.POLLIN)
        self._ready.register(stop_fd, select.POLLIN)

    @property
    def peer(self) -> str:
        """The client's address, for the log."""
        try:
            host, port = self._socket.getpeername()[:2]
        except (OSError, ValueError):
            return "an address unknown"
        return f"{host}:{port}"

    @property
    def is_encrypted(self) -> bool:
        """True once TLS protects the wire."""
        return self._tls is not None

    @property
    def encryption(self) -> tuple[str, str]:
        """TLS's version and cipher, empty on an open wire."""
        if self._tls is None:
            return "", ""
        cipher = self._tls.cipher()
        return self._tls.version() or "", cipher[0] if cipher else ""

    @property
    def stop_fd(self) -> int:
        """The descriptor that becomes readable when the server stops."""
        return self._stop_fd

    def fileno(self) -> int:
        """The socket's descriptor, -1 once closed."""
        return self._socket.fileno()

    def start_tls(self, context: ssl.SSLContext, seconds_max: float) -> None:
        """Do the server's side of the handshake; ClientGone where it fails."""
        self.flush()
        self._socket.settimeout(max(seconds_max, 0.001))
        try:
            self._tls = context.wrap_socket(self._socket, server_side=True)
        except (OSError, ValueError) as failure:
            raise ClientGone(f"TLS handshake failed: {failure}") from None
        self._socket = self._tls
        self._socket.settimeout(LOOK_UP_SECONDS)

    # -- reading ---------------------------------------------------------------------------------------

    def read_startup(self, deadline: float) -> StartupRequest:
        """The next packet before authentication."""
        while (request := self.protocol.startup_request()) is None:
            self._feed(deadline, None)
        return request

    def read(self, deadline: float | None = None, check: Check | None = None) -> Request:
        """The next request.

        Args:
            deadline: monotonic time at which DeadlinePassed is raised.
            check: called every half second of waiting.

        Raises:
            ProtocolViolation: the bytes are not the protocol.
            ServerStopping: while waiting, where no `check` is given: then the wait belongs to a running statement.
        """
        while (request := self.protocol.next_request()) is None:
            self._feed(deadline, check)
        return request

    @property
    def has_pending(self) -> bool:
        """True where TLS holds bytes of the client's, though the socket says nothing."""
        return self._tls is not None and self._tls.pending() > 0

    def receive(self) -> bool:
        """Feed the protocol what the client has sent; False where that was nothing yet."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError as failure:
            raise ClientGone(str(failure)) from None
        if not data:
            raise ClientGone("connection closed by client")
        self.protocol.feed(data)
        return True

    def _feed(self, deadline: float | None, check: Check | None) -> None:
        while True:
            if not self.has_pending:
                self._wait(deadline, check)
            if self.receive():
                return

    def _wait(self, deadline: float | None, check: Check | None) -> None:
        while True:
            seconds = LOOK_UP_SECONDS if check is not None else None
            if deadline is not None:
                left = deadline - monotonic()
                if left <= 0:
                    raise DeadlinePassed
                seconds = left if seconds is None else min(left, seconds)
            try:
                events = self._ready.poll(None if seconds is None else seconds * 1000)
            except (OSError, ValueError) as failure:
                raise ClientGone(str(failure)) from None
            ready = [descriptor for descriptor, _ in events]
            if check is not None:
                check()
            elif self._stop_fd in ready:
                raise ServerStopping
            if any(descriptor != self._stop_fd for descriptor in ready):
                return
            if ready:
                # Stopping, but a statement's grace time still runs: do not spin on the readable stop descriptor.
                self._ready.unregister(self._stop_fd)

    # -- writing ---------------------------------------------------------------------------------------

    def send(self, message: bytes) -> None:
        """Gather a whole message; sent at the next `flush`, or when enough has come together."""
        with self._writing:
            self._gathered.append(message)
            self._gathered_bytes += len(message)
            if self._gathered_bytes >= _GATHER_BYTES:
                self.flush()

    def flush(self) -> None:
        """Send everything gathered."""
        with self._writing:
            if self._gathered:
                data = b"".join(self._gathered)
                self._gathered.clear()
                self._gathered_bytes = 0
                self._send_all(memoryview(data))

    def send_messages(self, pieces: Sequence[Any], check: Check) -> None:
        """Send a large run of messages after what was gathered, looking for a cancel between slices.

        Args:
            pieces: buffers that together are whole messages.
            check: raises a BoathouseError to stop; then the message under way is completed, the rest is dropped,
                and the error passes on, so that it can follow on the wire.
        """
        with self._writing:
            if self._gathered_bytes + sum(len(piece) for piece in pieces) < _GATHER_BYTES:
                for piece in pieces:
                    self.send(bytes(piece))
                return
            self.flush()
            sent_bytes = 0
            for piece in pieces:
                view = memoryview(piece).cast("B")
                at = 0
                while at < len(view):
                    try:
                        check()
                        at += self._send_some(view[at:], check)
                    except BoathouseError:
                        self._complete_message(b"".join(pieces), sent_bytes + at)
                        raise
                sent_bytes += len(view)

    def _complete_message(self, whole: bytes, sent: int) -> None:
        """After `sent` bytes of whole messages, send on to the end of the one under way."""
        # TLS may hold one record that it must be given again in full.
        wanted = min(sent + _TLS_RECORD_BYTES, len(whole)) if self._tls is not None else sent
        end = 0
        while end < wanted:
            end += 1 + int.from_bytes(whole[end + 1 : end + 5], "big")
        self._send_all(memoryview(whole)[sent:end])

    def _send_all(self, view: memoryview) -> None:
        while view:
            view = view[self._send_some(view, None) :]

    def _send_some(self, view: memoryview, check: Check | None) -> int:
        """Send at least one byte; ClientGone after too long without one."""
        deadline = monotonic() + self._write_seconds_max
        while True:
            try:
                return self._socket.send(view[:_SLICE_BYTES])
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if check is not None:
                    check()
                if monotonic() > deadline:
                    raise ClientGone(f"client has not read for {self._write_seconds_max:g} seconds") from None
            except OSError as failure:
                raise ClientGone(str(failure)) from None

    # -- ending ----------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Break the connection from another thread; its own thread meets ClientGone."""
        try:
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            return

    def stop_reading(self) -> None:
        """From another thread: the connection's own meets ClientGone at its next read, and can still write."""
        try:
            socket.socket.shutdown(self._socket, socket.SHUT_RD)
        except OSError:
            return

    def close(self, *, linger_seconds: float = 0.0) -> None:
        """Close; with a linger, wait for the client to read a last message first (an early close would reset it)."""
        self._say_goodbye()
        try:
            if linger_seconds:
                socket.socket.shutdown(self._socket, socket.SHUT_WR)
                self._socket.settimeout(linger_seconds)
                deadline = monotonic() + linger_seconds
                while monotonic() < deadline and socket.socket.recv(self._socket, _READ_BYTES):
                    pass
        except OSError:
            pass
        finally:
            self._socket.close()

    def _say_goodbye(self) -> None:
        """TLS's close_notify, without waiting for the client's own: libpq takes its absence for a broken cancel."""
        if self._tls is not None:
            try:
                self._tls.settimeout(0)
                self._tls.unwrap()
            except (OSError, ValueError):
                return
