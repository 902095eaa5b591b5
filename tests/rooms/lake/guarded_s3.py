"""An S3 endpoint that knows which key may touch which folder: a guard in front of moto, whose own keys all open."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from moto.server import ThreadedMotoServer

DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


class Guard(BaseHTTPRequestHandler):
    """Passes a request on where the key that signed it owns the folder."""

    protocol_version = "HTTP/1.1"
    behind: tuple[str, int]
    owners: Mapping[str, str]

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        key = parts.path.lstrip("/").partition("/")[2] or parse_qs(parts.query).get("prefix", [""])[0]
        signed = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        owner = self.owners.get(key.partition("/")[0])
        if owner is not None and (signed is None or signed.group(1) != owner):
            self._answer(403, {"Content-Type": "application/xml"}, DENIED)
            return
        connection = http.client.HTTPConnection(*self.behind)
        connection.request(self.command, self.path, body, dict(self.headers))
        found = connection.getresponse()
        data = found.read()
        kept = {
            name: value
            for name, value in found.getheaders()
            if name.lower() not in ("connection", "transfer-encoding", "date", "server")
        }
        self._answer(found.status, kept, data)
        connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _answer(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def guarded_s3(owners: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Two URLs of one endpoint: one where any key opens everything, one where a folder opens to its owner's key alone."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    handler = type("OwnGuard", (Guard,), {"behind": (host, port), "owners": dict(owners)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{port}", f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        moto.stop()
