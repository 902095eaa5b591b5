"""What a database must be able to do to be captured: PostgreSQL and MySQL are the two that can.

Called by `capture.run`, by one thread but where a method says otherwise. A source keeps no state of its own between
runs: where it is, what has been dumped and what was emitted lies with the output, which is the authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import pyarrow as pa

from boathouse.capture.changes import Chunk, LogItem, Position, TablePath, TableSchema, Visibility
from boathouse.capture.settings import MEMORY_BYTES
from boathouse.contracts.clock import Clock
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

LOOK_SECONDS = 1.0
_AWAITED_SECONDS = 10.0
REST_SECONDS = 0.2
"""Between two looks whether a round is due."""
_ENDS_MAX = 1000
_ROW_BYTES = 320
"""What a row costs beside its bytes while it is held, about."""
_KEY_BYTES = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `check` found.

    Attributes:
        level: "error" forbids to start, or to capture the table that `subject` names; "warning" does not.
        subject: a setting, a table as `schema.name`, a privilege.
        message: one sentence; never a secret.
        mend: SQL or a setting that mends it; empty where there is none.
        passes: time may mend it too: a capture tries again.
        table: the one that it is about; None where it is about all.
    """

    level: Literal["error", "warning"]
    subject: str
    message: str
    mend: str = ""
    passes: bool = False
    table: TablePath | None = None


class Wanted:
    """Which of a source's tables are to be captured.

    Args:
        tables: by name, each part with `*` for any characters; None for all that can be.

    Attributes:
        named: those without `*`: each must be there, and such that it can be captured.
        is_open: there are patterns, or all is wanted: what cannot be captured is left out, and what is made later comes in.
    """

    def __init__(self, tables: Iterable[TablePath] | None) -> None:
        given = [("*", "*")] if tables is None else list(tables)
        self.named = frozenset(path for path in given if "*" not in "".join(path))
        self._patterns = [tuple(map(_pattern, path)) for path in given if path not in self.named]
        self.is_open = bool(self._patterns)

    def covers(self, path: TablePath) -> bool:
        """True where the table is wanted."""
        return path in self.named or any(
            schema.fullmatch(path[0]) and table.fullmatch(path[1]) for schema, table in self._patterns
        )


class Only(Wanted):
    """These tables, whose names mean themselves."""

    def __init__(self, tables: Iterable[TablePath]) -> None:
        super().__init__(())
        self.named = frozenset(tables)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Standing:
    """A source's log beside a position.

    Attributes:
        end: its end now.
        bytes_behind, transactions_behind: between the two; None where the source does not say.
        kept_from: where the log begins that the source still has, or keeps for us; its own word for a place.
        kept_bytes: from there to the end.
        kept_state: what the source says of keeping it; empty where it says nothing.
    """

    end: Position
    bytes_behind: int | None
    transactions_behind: int | None
    kept_from: str
    kept_bytes: int
    kept_state: str = ""


class LogSkipped(SourceUnavailable):
    """The log cannot be read from where the capture stands, but from another place on: what was changed in between is read anew.

    Attributes:
        goes_on: where; every transaction that it does not cover will be told.
    """

    def __init__(self, message: str, goes_on: Position) -> None:
        super().__init__(f"{message}; all tables are dumped again")
        self.goes_on = goes_on


class Source(Protocol):
    """One database that is captured.

    Every error is a `BoathouseError`: `SourceUnavailable` where trying again later may help, `SourceGap` where the log
    that is needed is gone (nothing may be emitted then), `SourceRefused` for what its owner must mend.
    """

    @property
    def reads_aside(self) -> bool:
        """True where `mark`, `read_chunk` and `read_keys` may be called by another thread than the one that follows the stream,
        while that goes on; one at a time."""
        ...

    def check(self) -> list[Finding]:
        """What stands in the way, all at once; reads only."""
        ...

    def tables(self) -> list[TableSchema]:
        """The tables that are captured, with their shape of now; those that `check` refuses are not among them."""
        ...

    def database(self) -> str:
        """What is captured, for people: a database's name, or several ones'."""
        ...

    def include(self) -> None:
        """Let the log tell all of `tables` from now on, also those that came into being after `prepare`."""
        ...

    def prepare(self) -> Position:
        """Make what the log needs (a slot, a publication) where it is missing, and say where a new capture begins:
        every transaction that is not covered by this position will be told by `stream`.
        """
        ...

    def position(self, text: str, /) -> Position:
        """A position from its text."""
        ...

    def stream(self, after: Position, layouts: Mapping[TablePath, str] | None = None) -> Iterator[LogItem]:
        """The log from just behind `after`, once and in commit order; ends only by `close` or an error.

        It never waits longer than a second without telling something (`Reached`). Answering the server's own
        keepalives is the source's business, also while the caller is slow; what it holds meanwhile is bounded.

        Args:
            layouts: the last that `Rearranged` said of each table; none of tables of which it said nothing yet.

        Raises:
            SourceGap: the log no longer begins at or before `after`, or is another server's.
            LogSkipped: it is one, and a dump heals it.
        """
        ...

    def acknowledge(self, position: Position) -> None:
        """Everything up to here is durable at the output: the source may forget it."""
        ...

    def standing(self, position: Position) -> Standing:
        """The log now; about once a second."""
        ...

    def mark(self, token: str) -> None:
        """Write a watermark into the log, committed when this returns. `token`: at most 100 characters of ASCII."""
        ...

    def snapshot(self) -> Visibility:
        """What a read that began now would see; None is never wrong: a source without the difference gives `SeesAll`."""
        ...

    def waits_for(self, path: TablePath) -> str:
        """Whose transactions a dump of a table must wait for: what they changed before the log told of the table, it never
        tells, and no read sees it yet. Empty: none."""
        ...

    def last_key(self, path: TablePath) -> tuple[str, ...] | None:
        """The greatest key now, in the source's order, as its texts; None for an empty table. Bounds a dump."""
        ...

    def rows_about(self, path: TablePath) -> int | None:
        """About how many rows a table has, without counting them; None where nobody knows."""
        ...

    def read_chunk(self, path: TablePath, after: tuple[str, ...] | None, upto: tuple[str, ...], rows: int) -> Chunk:
        """The next rows by the source's own order of the key: `after` < key <= `upto`, compared by the database alone.

        The read is a statement's, begun after this call, on a fresh view, without locks; no transaction stays open.

        Args:
            after: the last key's texts of the chunk before, from `Chunk.after`; None to begin.
            rows: at most so many.
        """
        ...

    def read_keys(self, path: TablePath, keys: Sequence[tuple[str, ...]]) -> Chunk:
        """The rows with these keys that exist, and in `Chunk.absent` the keys that do not; `Chunk.after` is None.

        Raises:
            SourceRefused: a text that is no value of the key's type.
        """
        ...

    def drop(self) -> None:
        """Remove what `prepare` made: the integration is gone."""
        ...

    def close(self) -> None:
        """End the stream and the connections; from any thread, harmless when repeated."""
        ...


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a capture is behind its source.

    Attributes:
        caught_up: when, by the house's clock, all was handed on that the log had then; None where that never was so.
        window: the table of which a chunk is on its way; empty for none.
        remembered: keys that dumps remember.
    """

    standing: Standing
    caught_up: datetime | None
    window: str
    remembered: int


class Distance:
    """How far a capture is behind its source, in the house's time: where the log's end was at each look, and when a position has
    come to it. The source's clock has no part in it.

    Args:
        source: asked once in `LOOK_SECONDS` at most.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._ends: list[tuple[Position, datetime]] = []
        self._apart = timedelta(0)
        self._caught_up: datetime | None = None
        self._looked = -LOOK_SECONDS

    def look(self, position: Position, window: str, remembered: int) -> Lag | None:
        """None where the last look was just now.

        Args:
            position: what is handed on, and durable with this.
            window, remembered: as of `Lag`.
        """
        if self._clock.monotonic() - self._looked < LOOK_SECONDS:
            return None
        self._looked, now = self._clock.monotonic(), self._clock.now()
        standing = self._source.standing(position)
        if not self._ends or now - self._ends[-1][1] >= self._apart or standing.end <= position:
            self._ends.append((standing.end, now))
        while self._ends and self._ends[0][0] <= position:
            self._caught_up = self._ends.pop(0)[1]
        if not self._ends:
            self._apart = timedelta(0)
        elif len(self._ends) > _ENDS_MAX:  # a long way behind, where half as many are near enough
            del self._ends[1::2]
            self._apart = 2 * max(self._apart, timedelta(seconds=LOOK_SECONDS))
        return Lag(standing, self._caught_up, window, remembered)


class Rounds:
    """When a log is read: all the time, or up to its end, once in so many seconds.

    Args:
        seconds: from the beginning of one round to that of the next; 0 for all the time.
    """

    def __init__(self, source: Source, clock: Clock, seconds: int) -> None:
        self._source, self._clock, self._seconds = source, clock, seconds
        self._began = clock.monotonic() - seconds
        self._end: Position | None = None

    def rests(self, position: Position) -> bool:
        """True where everything up to here is durable, and the next round is not due."""
        if not self._seconds:
            return False
        if self._end is not None and self._end <= position:
            self._end = None
        if self._end is not None:
            return False
        if self._clock.monotonic() - self._began < self._seconds:
            return True
        self._began, self._end = self._clock.monotonic(), self._source.standing(position).end
        return False


class Awaited:
    """The tables that are named and cannot be captured as they are, or are not there: looked for again, until they can be.

    Attributes:
        reasons: why each cannot, and how that is mended.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._looked = clock.monotonic()
        self.reasons: dict[TablePath, str] = {}

    def begin(self) -> None:
        """Look for the first time.

        Raises:
            SourceRefused, SourceUnavailable: what stands in the way of all of them, or of each.
        """
        errors = self._errors()
        stopping = [one for one in errors if one.table is None]
        if errors and not stopping and not self._source.tables():
            stopping = errors
        if stopping:
            worst = min(stopping, key=lambda finding: finding.passes)
            kind = SourceUnavailable if worst.passes else SourceRefused
            raise kind(f"{worst.subject}: {worst.message}", hint=worst.mend or None)
        self._set(errors)

    def look(self) -> list[TablePath]:
        """Those that can be captured by now, asked from time to time. They are awaited until `reasons` lacks them."""
        if not self.reasons or self._clock.monotonic() - self._looked < _AWAITED_SECONDS:
            return []
        self._looked, before = self._clock.monotonic(), self.reasons
        self._set(self._errors())
        found = before.keys() - self.reasons.keys()
        self.reasons |= {path: before[path] for path in found}
        return sorted(found)

    def _errors(self) -> list[Finding]:
        return [finding for finding in self._source.check() if finding.level == "error"]

    def _set(self, errors: list[Finding]) -> None:
        self.reasons = {
            one.table: ". ".join(filter(None, (f"{one.subject}: {one.message}", one.mend)))
            for one in errors
            if one.table is not None
        }


class Shares:
    """How the one bound for changes on their way is divided (`[capture] memory_bytes_max`). A transaction of the source that
    is larger goes through in parts: into files, or into the open transaction of the warehouse.

    Args:
        memory_bytes: all of them together, about.

    Attributes:
        log_bytes: of the log, read and not yet decoded; the socket waits meanwhile.
        rows_bytes: of rows that are decoded together, and half as much again for the batch that they become.
        rows: the same, counted.
        keys: changed keys that are remembered for a dump, of each table.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self.log_bytes = max(memory_bytes // 6, 1)
        self.rows_bytes = max(memory_bytes // 3, 1)
        self.rows = max(self.rows_bytes // _ROW_BYTES, 1)
        self.keys = memory_bytes // _KEY_BYTES

    def chunk_rows(self, before: pa.RecordBatch, wanted: int) -> int:
        """How many rows the next chunk of a dump may have: as many as are wanted, where they are like those of the one before."""
        each: int = before.nbytes // max(before.num_rows, 1)
        return max(1, min(wanted, self.rows_bytes // max(each, 1)))
