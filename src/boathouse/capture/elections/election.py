"""Who of several instances of a capture is active: the words of the entry-point group `boathouse.capture.elections`.

An instance waits in `campaign` until it is elected, and then has a term for as long as it renews it in time. Whether it still
has it is answered from this process's own steady clock alone, so that one that was stopped for longer than the lease knows it
when it wakes, whatever the wall clocks say. A term's epoch is greater than those of all terms before: the output's own
transaction refuses older ones, and that, not the clock, is what makes it safe.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from boathouse.contracts.errors import BoathouseError

_MARGIN = 2 / 3
"""Of a lease, for which it is trusted from before it was asked for: clocks differ in pace, and work takes time to stop."""
_TIMES = 6
"""How often in a lease it is renewed."""


class Term:
    """One instance's time as the active one.

    Args:
        epoch: see above.
        asked: `time.monotonic()` before the lease was asked for.
        renew: called from a thread of the term's own; False where the term is another's by now.
        end: lets another instance be elected at once.
    """

    def __init__(
        self, epoch: int, lease_seconds: float, asked: float, renew: Callable[[], bool], end: Callable[[], None]
    ) -> None:
        self.epoch = epoch
        self._seconds, self._renew, self._end = lease_seconds, renew, end
        self._until = asked + lease_seconds * _MARGIN
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="capture-term", daemon=True)
        self._thread.start()

    @property
    def holds(self) -> bool:
        """True while nobody else can have been elected."""
        return not self._over.is_set() and time.monotonic() < self._until

    def resign(self) -> None:
        """End it; harmless when repeated, or when it was lost."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        self._go_on()
        self._over.set()
        with suppress(BoathouseError):  # it runs out by itself, too
            self._end()

    def _go_on(self) -> None:
        while not self._over.wait(self._seconds / _TIMES) and time.monotonic() < self._until:
            asked = time.monotonic()
            try:
                ours = self._renew()
            except BoathouseError:
                continue  # it is tried again for as long as the lease lasts
            if not ours:
                return
            self._until = asked + self._seconds * _MARGIN


class Election(Protocol):
    """What a kind of election is."""

    def campaign(self, pause: Callable[[float], bool]) -> Term | None:
        """Wait until this instance is elected.

        Args:
            pause: waits so many seconds; True, at once, when it is to be given up, which answers None.

        Raises:
            StateUnavailable: nobody can be elected now.
        """
        ...

    def close(self) -> None:
        """Take part no more; a term that there is ends by itself."""
        ...


class OpenElection(Protocol):
    """The value of an entry point.

    Args:
        name: the capture's.
        given: what its definition says, and the secret that this names.
        lease_seconds: how long a term lasts without a sign of life.
    """

    def __call__(self, name: str, given: Mapping[str, str], lease_seconds: float) -> Election: ...
