"""`GET /healthz`: whether this house takes connections, for whoever starts or balances it; `GET /metrics`: how much it does.

Made by the app beside the other endpoints. Health answers 200 `ok` or 503 `stopping`, metrics are Prometheus' text format,
any other path is 404. Neither names a user, an object or a text, so they need no password.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from boathouse.endpoints.http.listener import HttpListener

LOG = logging.getLogger(__name__)
REQUEST_SECONDS_MAX = 5.0
HEALTH_PATH = "/healthz"
METRICS_PATH = "/metrics"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthServer(HttpListener):
    """Serves the health page.

    Args:
        host, port: where to listen; port 0 takes a free one.
        is_healthy, metrics: asked at each request.
    """

    def __init__(
        self, host: str, port: int, is_healthy: Callable[[], bool], metrics: Callable[[], bytes] = lambda: b""
    ) -> None:
        asked = {"is_healthy": staticmethod(is_healthy), "metrics": staticmethod(metrics)}
        super().__init__(host, port, "boathouse-health", type("Handler", (_Handler,), asked))


class _Handler(BaseHTTPRequestHandler):
    server_version = "boathouse"
    sys_version = ""
    timeout = REQUEST_SECONDS_MAX
    is_healthy: Callable[[], bool]
    metrics: Callable[[], bytes]

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with the head alone."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path, kind = self.path.partition("?")[0], "text/plain; charset=utf-8"
        if path == METRICS_PATH:
            status, kind, body = self._measured()
        elif path != HEALTH_PATH:
            status, body = HTTPStatus.NOT_FOUND, b"not found\n"
        elif self.is_healthy():
            status, body = HTTPStatus.OK, b"ok\n"
        else:
            status, body = HTTPStatus.SERVICE_UNAVAILABLE, b"stopping\n"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _measured(self) -> tuple[HTTPStatus, str, bytes]:
        try:
            return HTTPStatus.OK, METRICS_TYPE, self.metrics()
        except Exception:
            LOG.exception("the metrics cannot be read")  # as when the house closes at this moment
            return HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", b"not now\n"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Health checks come every few seconds: they are worth a line only when one debugs."""
        LOG.debug(format, *args)
