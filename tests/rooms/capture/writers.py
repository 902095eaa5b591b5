"""Threads that write to a source for as long as a block runs."""

from __future__ import annotations

import threading
from typing import Self


class Writers:
    """So many threads of `_run`, each with its number; a failure of one of them is the block's.

    Args:
        count: of the threads.
    """

    def __init__(self, count: int) -> None:
        self._stop = threading.Event()
        self.failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self, number: int) -> None:
        raise NotImplementedError
