"""A proxy between COPY and an S3 endpoint that breaks things on purpose: plain sockets, one thread a connection.

`faults` is a list of functions that are asked, in order, for each request whose path holds `marked`; each is used once and
says what happens to that request. With none left everything passes through.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Fault = Callable[["Exchange"], None]


def xml(status: str, code: str) -> bytes:
    """An error as S3 answers it."""
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@dataclass
class Exchange:
    """One request and the way to its answer."""

    client: socket.socket
    head: bytes
    body: bytes
    behind: tuple[str, int]

    def answer(self) -> bytes:
        """What the endpoint behind answers, whole."""
        with socket.create_connection(self.behind) as upstream:
            lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            upstream.sendall(b"\r\n".join([*lines[:-2], b"Connection: close", b"", b""]) + self.body)
            received = b""
            while piece := upstream.recv(1 << 16):
                received += piece
            return received


# -- the faults --------------------------------------------------------------------------------------------


def answers(status: str, code: str) -> Fault:
    """The endpoint refuses: 503 SlowDown, 400 ExpiredToken, 403 AccessDenied."""
    return lambda exchange: exchange.client.sendall(xml(status, code))


def drops(exchange: Exchange) -> None:
    """The connection breaks before any answer."""


def cuts(share: float) -> Fault:
    """The connection breaks within the body."""

    def fault(exchange: Exchange) -> None:
        head, _, body = exchange.answer().partition(b"\r\n\r\n")
        exchange.client.sendall(head + b"\r\n\r\n" + body[: int(len(body) * share)])

    return fault


def announces(extra: int) -> Fault:
    """Content-Length says more, or less, than comes."""

    def fault(exchange: Exchange) -> None:
        head, _, body = exchange.answer().partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
        lines.append(f"Content-Length: {len(body) + extra}".encode())
        exchange.client.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    return fault


def hangs(until: threading.Event) -> Fault:
    """Nothing comes, for as long as the test wants."""
    return lambda exchange: until.wait(60) and None


def trickles(exchange: Exchange) -> None:
    """All comes, slowly and in small pieces."""
    answer = exchange.answer()
    for start in range(0, len(answer), max(1, len(answer) // 20)):
        exchange.client.sendall(answer[start : start + max(1, len(answer) // 20)])
        time.sleep(0.01)


@dataclass
class FaultyS3:
    """The proxy.

    Attributes:
        url: where clients connect.
        marked: only requests whose first line holds this meet a fault.
        requests: the first lines of all requests so far.
    """

    url: str
    marked: str = "GET /"
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    met: threading.Event = field(default_factory=threading.Event)

    def set(self, marked: str, *faults: Fault) -> None:
        self.marked, self.faults, self.requests = marked, list(faults), []
        self.met.clear()


@contextmanager
def faulty_s3(behind: tuple[str, int]) -> Iterator[FaultyS3]:
    """A proxy in front of an endpoint."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultyS3(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def serve(client: socket.socket) -> None:
        with client:
            received = b""
            while b"\r\n\r\n" not in received:
                piece = client.recv(1 << 16)
                if not piece:
                    return
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            while len(body) < length:
                piece = client.recv(1 << 16)
                if not piece:  # it has given up; asking again and again would take a processor until the tests end
                    return
                body += piece
            exchange = Exchange(client, head + b"\r\n\r\n", body, behind)
            first = head.split(b"\r\n")[0].decode()
            proxy.requests.append(first)
            if proxy.faults and proxy.marked in first:
                fault = proxy.faults.pop(0)
                proxy.met.set()
                fault(exchange)
                return
            client.sendall(exchange.answer())

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_quietly, args=(serve, client), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _quietly(serve: Callable[[socket.socket], None], client: socket.socket) -> None:
    with suppress(OSError):  # the client went away: that is what some tests are about
        serve(client)
