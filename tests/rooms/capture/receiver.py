"""A real HTTP server that takes batches of changes, and can be told to misbehave."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Fault = str
"""`503`, `400`, …: that answer; `drop`: takes the batch and closes without an answer; `half`: an answer that breaks off;
`hang`: no answer until `release`."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks, or is refused, is the client's to tell of."""


class Receiver:
    """Listens from `begin` to `end`; `faults` are used up one a request."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[Fault] = []
        self.pause = 0.0  # seconds before each answer
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(body) < int(self.headers["Content-Length"]):
                    self.close_connection = True  # whoever sent it died in the middle: nothing was asked
                    return
                fault = receiver.faults.pop(0) if receiver.faults else ""
                receiver.released.wait(receiver.pause)
                if fault in ("", "drop", "half"):
                    receiver.bodies.append(body)
                    receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
                if fault == "drop":
                    self.close_connection = True
                elif fault == "half":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal")
                    self.close_connection = True
                elif fault == "hang":
                    receiver.released.wait(60)
                    self.close_connection = True
                else:
                    self.send_response(int(fault or 204))
                    if fault:
                        self.send_header("Retry-After", "0")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self._context.load_cert_chain(*certificate)
            # The handshake is each connection's own thread's: one that fails there leaves the others alone.
            self._server.socket = self._context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self._server.server_address[1]}/changes"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def require(self, authority: Path) -> None:
        """From now on clients must have a certificate of this authority's, or this one."""
        self._context.load_verify_locations(authority)
        self._context.verify_mode = ssl.CERT_REQUIRED

    def end(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)]

    def places(self) -> list[tuple[int, int]]:
        return [(event["entry"], event["number"]) for event in self.events()]

    def new_events(self) -> list[dict[str, Any]]:
        """As somebody reads who keeps the last place, and drops what comes again."""
        last, found = (0, -1), []
        for event in self.events():
            if (event["entry"], event["number"]) > last:
                last = (event["entry"], event["number"])
                found.append(event)
        return found
