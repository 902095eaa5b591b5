"""How far a log was read: MariaDB's vector of one GTID per domain, MySQL's set of GTIDs with its gaps.

Receives identifiers of transactions from the decoder, hands texts on that a position holds and a server understands. Both
are kept as they are, never as one number: domains are independent, and a gap in a set is a transaction still to come.
Pure.

Source: MariaDB documentation, "Global Transaction ID"; MySQL documentation, "GTID Format and Storage".
"""

from __future__ import annotations

import re
import struct
import uuid
from dataclasses import dataclass, field

from boathouse.capture.mysql.decode.events import Gtid, MariaGtid
from boathouse.contracts.errors import InvalidParameterValue

_MARIA = re.compile(r"(\d{1,10})-(\d{1,10})-(\d{1,20})")
_SOURCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INTERVAL = re.compile(r"(\d{1,19})(?:-(\d{1,19}))?")


@dataclass(slots=True)
class GtidVector:
    """MariaDB: of each domain the last transaction, `domain -> (server, sequence)`. Never changed; there is one a transaction."""

    last: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> GtidVector:
        """From `0-1-100,2-5-7`; an empty text is the log's beginning."""
        last: dict[int, tuple[int, int]] = {}
        for part in filter(None, (one.strip() for one in text.split(","))):
            match = _MARIA.fullmatch(part)
            if match is None or int(match[1]) in last:
                raise InvalidParameterValue(f'"{text}" is not a MariaDB GTID position')
            last[int(match[1])] = (int(match[2]), int(match[3]))
        return cls(last)

    def after(self, gtid: MariaGtid) -> GtidVector:
        """The vector when this transaction was read too."""
        return GtidVector({**self.last, gtid.domain: (gtid.server, gtid.sequence)})

    def __le__(self, other: object) -> bool:
        """True where all of this was read at `other` too."""
        return isinstance(other, GtidVector) and other.covers(self)

    def covers(self, other: GtidVector) -> bool:
        """True where everything in `other` was read."""
        return all(self.last.get(domain, (0, -1))[1] >= sequence for domain, (_, sequence) in other.last.items())

    def count_beyond(self, other: GtidVector) -> int:
        """How many transactions are in this and not in `other`, by the numbers of each domain."""
        return sum(max(last - other.last.get(domain, (0, 0))[1], 0) for domain, (_, last) in self.last.items())

    def __str__(self) -> str:
        return ",".join(f"{domain}-{server}-{number}" for domain, (server, number) in sorted(self.last.items()))


@dataclass(frozen=True, slots=True)
class GtidSet:
    """MySQL: of each server the transactions read, as closed intervals in order, never touching."""

    intervals: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> GtidSet:
        """From `UUID:1-7:9-10,UUID:1-3`; an empty text is the log's beginning."""
        found: dict[str, list[tuple[int, int]]] = {}
        for part in filter(None, ("".join(one.split()) for one in text.split(","))):
            source, *intervals = part.lower().split(":")
            if not _SOURCE.fullmatch(source) or not intervals:
                raise InvalidParameterValue(f'"{part}" is not a MySQL GTID set', hint="GTIDs with tags are not read.")
            for interval in intervals:
                match = _INTERVAL.fullmatch(interval)
                first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
                if not 0 < first <= last:
                    raise InvalidParameterValue(f'"{interval}" is not an interval of a MySQL GTID set')
                found.setdefault(source, []).append((first, last))
        return cls({source: _merged(intervals) for source, intervals in found.items()})

    def after(self, gtid: Gtid) -> GtidSet:
        """The set when this transaction was read too."""
        there = self.intervals.get(gtid.source, ())
        if there and there[-1][1] + 1 == gtid.number:
            more = (*there[:-1], (there[-1][0], gtid.number))
        else:
            more = _merged([*there, (gtid.number, gtid.number)])
        return GtidSet({**self.intervals, gtid.source: more})

    def __le__(self, other: object) -> bool:
        """True where all of this was read at `other` too."""
        return isinstance(other, GtidSet) and other.covers(self)

    def covers(self, other: GtidSet) -> bool:
        """True where everything in `other` was read."""
        return all(
            any(low <= first and last <= high for low, high in self.intervals.get(source, ()))
            for source, intervals in other.intervals.items()
            for first, last in intervals
        )

    def count_beyond(self, other: GtidSet) -> int:
        """How many transactions are in this and not in `other`."""
        both = {
            source: _merged([*intervals, *other.intervals.get(source, ())])
            for source, intervals in self.intervals.items()
        }
        there = {source: other.intervals.get(source, ()) for source in both}
        return sum(map(_count, both.values())) - sum(map(_count, there.values()))

    def packed(self) -> bytes:
        """As COM_BINLOG_DUMP_GTID sends it: intervals half-open."""
        parts = [struct.pack("<Q", len(self.intervals))]
        for source, intervals in sorted(self.intervals.items()):
            parts.append(uuid.UUID(source).bytes + struct.pack("<Q", len(intervals)))
            parts += [struct.pack("<QQ", first, last + 1) for first, last in intervals]
        return b"".join(parts)

    def __str__(self) -> str:
        return ",".join(
            ":".join((source, *(f"{first}-{last}" if last > first else f"{first}" for first, last in intervals)))
            for source, intervals in sorted(self.intervals.items())
        )


def _count(intervals: tuple[tuple[int, int], ...]) -> int:
    return sum(last - first + 1 for first, last in intervals)


def _merged(intervals: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(intervals):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
