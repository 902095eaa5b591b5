"""How often one plan's runs are measured.

Measuring costs a tenth to a third of a short query. So a plan is measured when it runs first, and then once a second at
most: whoever asks by hand finds every query, and a query that is asked a thousand times a second costs what it did.
"""

from __future__ import annotations

SECONDS = 1.0


class Pace:
    """Kept with a plan."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = float("-inf")

    def is_due(self, now: float) -> bool:
        """True where this run shall be measured; two that ask at the same moment may both be told so.

        Args:
            now: the clock's monotonic seconds.
        """
        if now < self._next:
            return False
        self._next = now + SECONDS
        return True
