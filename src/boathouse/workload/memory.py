"""The engine's memory follows the slots that are held.

Told the part of the memory that was given to what runs; sets the engine's limit to that and to what no queue was given.
The engine has one limit for everything: its sorts, joins and aggregates spill when they come near it. So a statement
that runs alone has its slot's share and no more, and whoever is admitted beside it brings its own share along.

Raised at once, to the whole when nothing runs; lowered after a second of something running: lowering throws cached pages
out, and short statements come and go.
"""

from __future__ import annotations

import logging
import re

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House

LOG = logging.getLogger(__name__)

OWN_SHARE = 1 / 16
OWN_BYTES = 32 * 2**20
"""For what takes no slot: catalogs, the log, questions about the system. At least the larger of both is never divided."""
LOWER_SECONDS = 1.0
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


class Memory:
    """The engine's limit. One thread at a time.

    Args:
        house: whose engine it is; its limit, as it is now, is the whole that is divided.
    """

    def __init__(self, house: House) -> None:
        self._engine = house.engine.session()
        ((shown,),) = self._engine.fetch("SELECT current_setting('memory_limit')")
        found = re.fullmatch(r"([\d.]+) (\w+)", str(shown))
        assert found is not None, shown
        self.whole_bytes = int(float(found[1]) * _UNITS[found[2]])
        self.limit_bytes = self.whole_bytes
        self.own_share = min(1.0, max(OWN_SHARE, OWN_BYTES / self.whole_bytes))
        self._needed_at: float | None = None

    def fit(self, running: float, unallocated: float, now: float) -> float | None:
        """Give the engine what those who run may have together.

        Args:
            running, unallocated: parts of the whole, 0 to 1.

        Returns:
            when to ask again; None where the limit fits.
        """
        wanted = self.whole_bytes
        if running:
            wanted = min(wanted, int(self.whole_bytes * (max(self.own_share, unallocated) + running)))
        if wanted == self.limit_bytes:
            self._needed_at = None
            return None
        if wanted < self.limit_bytes:
            self._needed_at = now if self._needed_at is None else self._needed_at
            if now < self._needed_at + LOWER_SECONDS:
                return self._needed_at + LOWER_SECONDS
        self._needed_at = None
        return None if self._set(wanted) else now + LOWER_SECONDS

    def restore(self) -> None:
        """The whole for everybody."""
        self._needed_at = None
        if self.limit_bytes != self.whole_bytes:
            self._set(self.whole_bytes)

    def close(self) -> None:
        """Free the engine's session."""
        self._engine.close()

    def _set(self, limit_bytes: int) -> bool:
        try:
            self._engine.execute(f"SET GLOBAL memory_limit = '{limit_bytes}B'")
        except BoathouseError:
            # What runs holds more and cannot let go of it yet.
            LOG.info("the engine's memory limit cannot be lowered to %d bytes yet", limit_bytes)
            return False
        self.limit_bytes = limit_bytes
        return True
