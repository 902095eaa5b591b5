"""A wire between the house and its PostgreSQL that tests can cut, freeze, or make carry a few bytes at a time."""

from __future__ import annotations

import contextlib
import socket
import threading


class Middle:
    """Listens on `port`, carries to `target`.

    Attributes:
        portion: bytes carried at once towards the house.
        carried: bytes carried towards the house.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.portion = 65536
        self.carried = 0
        self._open: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                house, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [house, server]
            threading.Thread(target=self._carry, args=(house, server, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(server, house, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_down: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(self.portion if is_down else 65536):
                self._flowing.wait()
                target.sendall(data)
                if is_down:
                    self.carried += len(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Both ends hear nothing more, and nobody tells them."""
        self._flowing.clear()

    def cut(self) -> None:
        """Every connection breaks."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        """As it was."""
        self._flowing.set()
        self.portion, self.carried = 65536, 0

    def close(self) -> None:
        self._flowing.set()
        self._listener.close()
        self.cut()
