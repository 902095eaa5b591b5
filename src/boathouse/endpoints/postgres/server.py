"""The PostgreSQL endpoint: listens, gives each client a thread, watches over the busy ones, and stops gracefully.

Made by the app with the query layer's service; hands sockets to connections. One thread accepts, one thread looks four
times a second whether clients whose statements run are still there.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import select
import socket
import ssl
import threading
from pathlib import Path
from time import monotonic

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.endpoints.postgres.certificate import Tls, ensure_certificate, load_tls
from boathouse.endpoints.postgres.channel import Channel
from boathouse.endpoints.postgres.connection import Connection
from boathouse.endpoints.postgres.conversation import Service
from boathouse.endpoints.postgres.settings import PostgresSettings
from boathouse.wire.postgres.protocol import Protocol
from boathouse.wire.postgres.requests import CancelRequest

LOG = logging.getLogger(__name__)

WATCH_SECONDS = 0.25
CUT_SECONDS = 2.0
"""How long cancelled connections get to say good-bye before their sockets are cut."""

_UNADMITTED_MAX = 100
"""Connections that are still at the door: enough for cancel requests, too few to exhaust threads."""
_ROOM_SECONDS = 1.0
"""For those to leave who were shown out, before the next one is turned away."""

_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR | select.POLLNVAL


class PostgresServer:
    """Serves sessions of a service over the PostgreSQL protocol.

    Args:
        service: opens and cancels sessions.
        settings: the endpoint's.
        host, port: where to listen; port 0 takes a free one.
        home: where the certificate is kept, or made, when the settings name none.
    """

    def __init__(self, service: Service, settings: PostgresSettings, host: str, port: int, home: Path) -> None:
        self.service = service
        self.settings = settings
        self._host = host
        self.port = port
        self._home = home
        self.tls: Tls | None = self._load_tls(home)
        self.mock_seed = secrets.token_bytes(32)
        self.stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._left = threading.Condition(self._lock)
        self._connections: dict[Connection, threading.Thread] = {}
        self._admitted: set[Connection] = set()
        self._shown_out: set[Connection] = set()
        self._stop_read, self._stop_write = os.pipe()
        self._finished = threading.Event()

    def plain_tls(self) -> ssl.SSLContext | None:
        """TLS with the same certificate for another protocol; None where the settings say off."""
        found = self._load_tls(self._home)
        if found is not None:
            found.context.set_alpn_protocols(["http/1.1"])
        return None if found is None else found.context

    def _load_tls(self, home: Path) -> Tls | None:
        if self.settings.tls == "off":
            return None
        if bool(self.settings.certificate) != bool(self.settings.key):
            raise InvalidParameterValue("the settings certificate and key belong together: one of them is empty")
        if self.settings.certificate:
            return load_tls(Path(self.settings.certificate), Path(self.settings.key))
        return load_tls(*ensure_certificate(home))

    @property
    def accepting(self) -> bool:
        """True between `start` and `stop`."""
        return self._listener is not None and not self.stopping.is_set()

    # -- life ------------------------------------------------------------------------------------------

    def start(self) -> int:
        """Listen; returns the port bound. OSError where the address is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self.port), family=family, backlog=512)
        self._listener = listener
        self.port = int(listener.getsockname()[1])
        threading.Thread(target=self._accept, name="boathouse-accept", daemon=True).start()
        threading.Thread(target=self._watch, name="boathouse-watch", daemon=True).start()
        return self.port

    def stop(self, grace_seconds: float) -> None:
        """Stop accepting; idle clients are told 57P01 now, busy ones when their statement ends or the grace does."""
        with self._lock:
            if self.stopping.is_set():
                return
            self.stopping.set()
        os.write(self._stop_write, b"x")
        if self._listener is not None:
            # Closing alone would leave the accepting thread waiting.
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                LOG.debug("listener was not connected")
            self._listener.close()
        self._wait_for_connections(grace_seconds)
        for connection in self._current():
            connection.cancel()
        self._wait_for_connections(CUT_SECONDS)
        for connection in self._current():
            connection.channel.cut()
        all_gone = self._wait_for_connections(CUT_SECONDS)
        self._finished.set()
        if all_gone:
            os.close(self._stop_read)
            os.close(self._stop_write)

    def _wait_for_connections(self, seconds: float) -> bool:
        deadline = monotonic() + seconds
        with self._lock:
            threads = list(self._connections.values())
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        return not any(thread.is_alive() for thread in threads)

    # -- for connections -------------------------------------------------------------------------------

    def admit(self, connection: Connection) -> bool:
        """Take a place among the connections; False where all are taken."""
        with self._lock:
            if len(self._admitted) >= self.settings.connections_max:
                return False
            self._admitted.add(connection)
            return True

    def leave(self, connection: Connection) -> None:
        """Give the place back; harmless where none was taken."""
        with self._lock:
            self._admitted.discard(connection)

    def cancel(self, request: CancelRequest) -> None:
        """Cancel the statement that the key belongs to; a wrong key does nothing."""
        wanted = request.secret.to_bytes(4, "big", signed=True)
        for connection in self._current():
            key = connection.key
            if key is None or key[0] != request.pid:
                continue
            if hmac.compare_digest(key[1].to_bytes(4, "big", signed=True), wanted):
                connection.cancel()
                connection.settle()

    def terminate(self, pid: int) -> bool:
        """End a session from outside (`pg_terminate_backend`); False where there is none of that number."""
        for connection in self._current():
            if connection.key is not None and connection.key[0] == pid:
                connection.cancel()
                connection.channel.cut()
                return True
        return False

    # -- threads ---------------------------------------------------------------------------------------

    def _current(self) -> list[Connection]:
        with self._lock:
            return list(self._connections)

    def _accept(self) -> None:
        assert self._listener is not None
        while not self.stopping.is_set():
            try:
                accepted, _ = self._listener.accept()
            except OSError as failure:
                if self.stopping.is_set():
                    return
                # Out of descriptors, or the client was gone before it was accepted.
                LOG.warning("cannot accept a connection: %s", failure)
                self.stopping.wait(0.1)
                continue
            try:
                self._welcome(accepted)
            except (OSError, RuntimeError) as failure:
                LOG.warning("cannot serve a connection: %s", failure)
                accepted.close()

    def _welcome(self, accepted: socket.socket) -> None:
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with self._lock:
            if not self._left.wait_for(lambda: len(self._waiting()) < 2 * _UNADMITTED_MAX, _ROOM_SECONDS):
                accepted.close()
                return
            staying = [one for one in self._waiting() if one not in self._shown_out]
            if len(staying) >= _UNADMITTED_MAX:
                # Whoever has been silent at the door for longest makes room: else a hundred mute ones shut everybody out.
                staying[0].channel.cut()
                self._shown_out.add(staying[0])
            channel = Channel(
                accepted,
                Protocol(self.settings.message_bytes_max),
                self._stop_read,
                self.settings.write_seconds_max,
            )
            connection = Connection(self, channel)
            thread = threading.Thread(target=self._serve, args=(connection,), name="boathouse-client", daemon=True)
            self._connections[connection] = thread
        thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            connection.serve()
        finally:
            with self._lock:
                self._connections.pop(connection, None)
                self._shown_out.discard(connection)
                self._left.notify_all()

    def _waiting(self) -> list[Connection]:
        """Those that are not logged in, the first that came first. The lock is held."""
        return [one for one in self._connections if one not in self._admitted]

    def _watch(self) -> None:
        """Cancel the statements of clients that have gone: their threads are in the engine and cannot notice."""
        while not self._finished.wait(WATCH_SECONDS):
            busy = {connection.channel.fileno(): connection for connection in self._current() if connection.is_busy}
            busy.pop(-1, None)
            if not busy:
                continue
            poll = select.poll()
            for descriptor in busy:
                poll.register(descriptor, getattr(select, "POLLRDHUP", 0))
            for descriptor, events in poll.poll(0):
                if events & _GONE:
                    busy[descriptor].cancel()
            for connection in busy.values():
                connection.insist()
