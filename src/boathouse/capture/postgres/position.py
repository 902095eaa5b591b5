"""A place in PostgreSQL's log: the LSN behind a commit. Between transactions it orders; inside of one the ordinal does.

The same number is another place in the log of another server, and behind the promotion of a standby: a stored place says whose
log it is of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TEXT = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})(?:@(\d+)/(\d+))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Log:
    """Whose log it is.

    Attributes:
        system: PostgreSQL's identifier of the cluster, which its standbys share.
        timeline: counted up by each promotion.
    """

    system: int
    timeline: int


@dataclass(slots=True, order=True, unsafe_hash=True)
class Lsn:
    """A log sequence number, in bytes; `of` where it is known. Never changed; a frozen one takes three times as long to make, and
    each transaction has one."""

    value: int
    of: Log | None = field(default=None, compare=False)

    def __str__(self) -> str:
        log = "" if self.of is None else f"@{self.of.system}/{self.of.timeline}"
        return f"{self.value >> 32:X}/{self.value & 0xFFFFFFFF:X}{log}"


def parse_lsn(text: str) -> Lsn:
    """PostgreSQL's own form, `16/B374D848`, or that of a stored place, `16/B374D848@7432109876543210987/1`.

    Raises:
        ValueError: another text.
    """
    found = _TEXT.match(text)
    if found is None:
        raise ValueError("no LSN")
    log = None if found[3] is None else Log(int(found[3]), int(found[4]))
    return Lsn((int(found[1], 16) << 32) | int(found[2], 16), log)
