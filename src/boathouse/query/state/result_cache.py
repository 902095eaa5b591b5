"""Small results that are given again while nothing has changed.

Asked by `plans.read` with the engine's final text, which grants, row filters and masks have already shaped; keeps a
result only where no transaction that wrote anything committed from before the query began until after its last row, and
gives it out only at that same version. What depends on more than committed tables is never kept: temporary, system and
external tables, session variables, volatile functions, a transaction's own changes. Every user has results of its own.

Source: Redshift Developer Guide, "Result caching".
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from boathouse.contracts.answers import Rows
from boathouse.contracts.clock import Clock
from boathouse.contracts.past.snapshots import Instant
from boathouse.sql.bind.bound import relation_of

if TYPE_CHECKING:
    from boathouse.query.plans import Plan
    from boathouse.query.session import QuerySession

ENTRIES_PER_CACHE = 64
"""One result takes at most this part of the cache."""
_KEPT_KINDS = frozenset({"table", "view", "materialized"})
VOLATILE = re.compile(
    r"\b(random|setseed|uuid|gen_random_uuid|uuidv4|uuidv7|nextval|currval|now|today|get_current_\w+|current_\w+|"
    r"transaction_timestamp|txid_current|getvariable|getenv|boathouse_\w+|pg_\w+_backend|rs\.pg_\w+)\b",
    re.IGNORECASE,
)
"""What an engine's text calls that depends on more than its rows."""
_WITHOUT_MEANING = frozenset(
    {
        "application_name",
        "query_group",
        "statement_timeout",
        "client_min_messages",
        "extra_float_digits",
        "wlm_query_slot_count",
    }
)
"""Session parameters that change no result."""

Key = tuple[object, ...]


BETWEEN_SECONDS = 1.0
"""For how long a moment between two commits is waited for."""


class DataVersion:
    """Counts the commits of transactions that wrote; there is no version while one is committing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._version = 0
        self._under_way = 0
        self._since = clock.now()
        self._lock = threading.Condition()

    @property
    def version(self) -> int | None:
        """The number of commits so far; None while one is under way."""
        with self._lock:
            return None if self._under_way else self._version

    def changing(self) -> None:
        """A transaction that wrote is about to commit."""
        with self._lock:
            self._under_way += 1

    def changed(self) -> None:
        """It has committed, or failed to."""
        with self._lock:
            self._under_way -= 1
            self._version += 1
            self._since = self._clock.now()
            self._lock.notify_all()

    def between(self, look: Callable[[], None]) -> Instant | None:
        """See `contracts.past.snapshots.Between`; who is about to commit waits for `look`."""
        with self._lock:
            if not self._lock.wait_for(lambda: not self._under_way, BETWEEN_SECONDS):
                return None
            look()
            return Instant(self._since, self._clock.now())


@dataclass(frozen=True, slots=True)
class Kept:
    """A result, the version it holds for, and the statement that computed it."""

    rows: Rows
    batches: tuple[pa.RecordBatch, ...]
    version: int
    source: int
    size: int


class ResultCache:
    """A bounded cache, least recently used out first; shared by all sessions.

    Args:
        bytes_max: of all results together; 0 keeps none.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self.entry_bytes_max = bytes_max // ENTRIES_PER_CACHE
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, key: Key, version: int) -> Kept | None:
        """The result for that key at that version; an older one is forgotten."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found.version != version:
                if found.version < version:
                    self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found

    def put(self, key: Key, kept: Kept) -> None:
        """Keep a result."""
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = kept
            self._bytes += kept.size
            while self._bytes > self._bytes_max:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._kept.pop(key).size


def is_lasting(plan: Plan) -> bool:
    """True where a plan's result depends on committed tables alone, one of them at least."""
    tables = [relation for node in plan.bound.tree.find_all(exp.Table) if (relation := relation_of(node)) is not None]
    if not tables or any(relation.kind not in _KEPT_KINDS for relation in tables):
        return False
    if any(call.function.volatile for call in plan.bound.calls):
        return False
    return not plan.variables and VOLATILE.search(plan.sql) is None


def key_of(session: QuerySession, plan: Plan, sql: str, parameters: Sequence[object]) -> Key | None:
    """What a result is kept under; None where it may not be kept, or is not wanted."""
    if not plan.is_lasting or session.has_temporary or session.setting("enable_result_cache_for_session") != "on":
        return None
    if sql is not plan.sql and VOLATILE.search(sql):
        return None
    values = tuple((type(value).__name__, repr(value)) for value in parameters)
    settings = tuple(one for one in session.parameters.all() if one[0] not in _WITHOUT_MEANING)
    return session.user_id, sql, values, plan.fields, settings


def find(session: QuerySession, key: Key | None) -> Rows | None:
    """A kept result as the session's answer, told to the log as such."""
    version = session.data_version
    kept = None if key is None or version is None else session.service.results.find(key, version)
    if kept is None:
        return None
    if session.observed.run is not None:
        session.observed.run.source = kept.source
    return replace(kept.rows, batches=_again(kept.batches))


def keep(session: QuerySession, key: Key | None, version: int | None, rows: Rows) -> Rows:
    """The same rows, which are kept when their end is reached, if they are few and nothing was written meanwhile.

    Args:
        version: the session's data version before the query began.
    """
    run = session.observed.run
    if key is None or version is None or run is None or not session.service.results.entry_bytes_max:
        return rows
    return replace(rows, batches=_Kept(session, key, version, rows, run.number))


class _Kept:
    """A result's batches, which remember themselves until they are too many."""

    def __init__(self, session: QuerySession, key: Key, version: int, rows: Rows, source: int) -> None:
        self._session, self._key, self._version, self._rows, self._source = session, key, version, rows, source
        self._seen: list[pa.RecordBatch] | None = []
        self._size = len(repr(key))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            batch = next(self._rows.batches)
        except StopIteration:
            self._end()
            raise
        if self._seen is not None:
            self._size += batch.nbytes
            if self._size > self._session.service.results.entry_bytes_max:
                self._seen = None
            else:
                self._seen.append(batch)
        return batch

    def close(self) -> None:
        """Free the engine's result."""
        self._seen = None
        self._rows.batches.close()  # type: ignore[attr-defined]

    def _end(self) -> None:
        seen, self._seen = self._seen, None
        if seen is not None and self._session.data_version == self._version:
            rows = replace(self._rows, batches=iter(()))
            kept = Kept(rows, tuple(seen), self._version, self._source, self._size)
            self._session.service.results.put(self._key, kept)


def _again(batches: tuple[pa.RecordBatch, ...]) -> Generator[pa.RecordBatch]:
    yield from batches
