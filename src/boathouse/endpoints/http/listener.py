"""A port of HTTP, served on threads of its own. Receives the handler of requests from the page's module."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HttpListener:
    """Listens from `start` to `stop`.

    Args:
        host, port: where to listen; port 0 takes a free one.
        name: of the thread that accepts.
        handler: of one request.
        server: how connections are accepted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        handler: type[BaseHTTPRequestHandler],
        server: type[ThreadingHTTPServer] = ThreadingHTTPServer,
    ) -> None:
        self._host, self.port, self._name = host, port, name
        self._handler, self._kind = handler, server
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> int:
        """Listen; returns the port bound. OSError where the address is taken."""
        self._server = self._kind((self._host, self.port), self._handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name=self._name, daemon=True).start()
        return self.port

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        if self._server is not None:
            # Its loop looks for the end twice a second, or when its socket wakes it.
            closing = threading.Thread(target=self._server.shutdown)
            closing.start()
            with contextlib.suppress(OSError):  # not everywhere may a listening socket be shut down
                self._server.socket.shutdown(socket.SHUT_RDWR)
            closing.join()
            self._server.server_close()
            self._server = None
