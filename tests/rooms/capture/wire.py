"""A network between a source and us: a port that leads there, and that a test closes, slows, or lets fall silent."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Literal

State = Literal["open", "closed", "silent", "slow"]
SLOW_BYTES, SLOW_SECONDS = 64, 0.005


class Wire:
    """Forwards connections.

    Args:
        family, address: of the source.

    Attributes:
        state: `closed` ends every connection and lets none in; `silent` takes what both sides send and hands nothing on, as a
            network does that is cut without telling; `slow` hands on a few bytes at a time.
    """

    def __init__(self, family: socket.AddressFamily, address: object) -> None:
        self._family, self._address = family, address
        self.state: State = "open"
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._open: list[socket.socket] = []
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def become(self, state: State) -> None:
        self.state = state
        if state == "closed":
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def lead_to(self, address: object) -> None:
        """From now on, and with no connection left to where it led."""
        self.become("closed")
        self._address = address
        self.become("open")

    def close(self) -> None:
        self._ended = True
        self.become("closed")
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended:
                ours, _ = self._door.accept()
                if self.state == "closed":
                    ours.close()
                    continue
                theirs = socket.socket(self._family)
                try:
                    theirs.connect(self._address)
                except OSError:  # nobody is there now
                    ours.close()
                    continue
                self._open += [ours, theirs]
                for ends in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, begin: socket.socket, end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := begin.recv(65536):
                while self.state == "slow" and len(content) > SLOW_BYTES:
                    end.sendall(content[:SLOW_BYTES])
                    content = content[SLOW_BYTES:]
                    time.sleep(SLOW_SECONDS)
                if self.state != "silent":
                    end.sendall(content)
        for one in (begin, end):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
