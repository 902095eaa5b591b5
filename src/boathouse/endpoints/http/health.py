"""`GET /healthz`: whether this house takes connections, for whoever starts or balances it.

Made by the app beside the other endpoints. Answers 200 `ok` or 503 `stopping`, 404 for any other path; shows nothing
else, so it needs no password.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG = logging.getLogger(__name__)
REQUEST_SECONDS_MAX = 5.0
HEALTH_PATH = "/healthz"


class HealthServer:
    """Serves the health page on threads of its own.

    Args:
        host, port: where to listen; port 0 takes a free one.
        is_healthy: asked at each request.
    """

    def __init__(self, host: str, port: int, is_healthy: Callable[[], bool]) -> None:
        self._host = host
        self.port = port
        self._is_healthy = is_healthy
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> int:
        """Listen; returns the port bound. OSError where the address is taken."""
        handler = type("Handler", (_Handler,), {"is_healthy": staticmethod(self._is_healthy)})
        self._server = ThreadingHTTPServer((self._host, self.port), handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="boathouse-health", daemon=True).start()
        return self.port

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    server_version = "boathouse"
    sys_version = ""
    timeout = REQUEST_SECONDS_MAX
    is_healthy: Callable[[], bool]

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with the head alone."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if self.path.partition("?")[0] != HEALTH_PATH:
            status, text = HTTPStatus.NOT_FOUND, "not found\n"
        elif self.is_healthy():
            status, text = HTTPStatus.OK, "ok\n"
        else:
            status, text = HTTPStatus.SERVICE_UNAVAILABLE, "stopping\n"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Health checks come every few seconds: they are worth a line only when one debugs."""
        LOG.debug(format, *args)
