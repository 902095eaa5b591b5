"""Slow work aside: files are fetched and listed by threads of their own, while the statement stays cancellable.

Receives work that may wait for a network; hands on a future whose result is waited for with the statement's own check
for a cancel. A thread that hangs in a dead connection is left behind: it ends with its time-out, and as a daemon it
never keeps the process alive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_LOOK_SECONDS = 0.05

Result = TypeVar("Result")


def begin(work: Callable[[], Result], name: str) -> Future[Result]:
    """Start work in a thread of its own."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            found = work()
        except BaseException as failure:  # noqa: BLE001
            future.set_exception(failure)
        else:
            future.set_result(found)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def wait(future: Future[Result], check: Callable[[], None]) -> Result:
    """The result, or what the work raised; `check` raises where the statement was cancelled."""
    while not future.done():
        check()
        try:
            future.exception(_LOOK_SECONDS)
        except TimeoutError:
            continue
    return future.result()


def aside(work: Callable[[], Result], name: str, check: Callable[[], None]) -> Result:
    """Do work in a thread of its own and wait for it."""
    return wait(begin(work, name), check)
