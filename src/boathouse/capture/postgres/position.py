"""A place in PostgreSQL's log: the LSN behind a commit. Between transactions it orders; inside of one the ordinal does."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Lsn:
    """A log sequence number, in bytes."""

    value: int

    def __str__(self) -> str:
        return f"{self.value >> 32:X}/{self.value & 0xFFFFFFFF:X}"


def parse_lsn(text: str) -> Lsn:
    """PostgreSQL's own form, `16/B374D848`.

    Raises:
        ValueError: another text.
    """
    found = _TEXT.match(text)
    if found is None:
        raise ValueError("no LSN")
    return Lsn((int(found[1], 16) << 32) | int(found[2], 16))
