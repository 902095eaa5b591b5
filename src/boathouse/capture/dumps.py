"""Dumps: what users have asked for, how far each is, and how fast they go, in tables beside the data.

Received from the statements (requests, taken in their order) and from the runner (progress, in the transaction of the rows);
shown by `svv_integration_dump`. A dump is of a whole table or of single keys; those of keys come first, being short.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from boathouse.capture.changes import TablePath
from boathouse.contracts.engine import EngineSession

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.capture_dumps (number BIGINT NOT NULL, id BIGINT NOT NULL, "
    "schema_name VARCHAR NOT NULL, table_name VARCHAR NOT NULL, after VARCHAR, upto VARCHAR, rows BIGINT NOT NULL, "
    "done BOOLEAN NOT NULL)",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS state VARCHAR DEFAULT 'running'",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS keys VARCHAR",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS chunks BIGINT DEFAULT 0",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS rows_about BIGINT",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS requested TIMESTAMP",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS began TIMESTAMP",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS ended TIMESTAMP",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS reason VARCHAR",
    "ALTER TABLE boathouse.capture_dumps ADD COLUMN IF NOT EXISTS sweeps BOOLEAN DEFAULT false",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_requests (number BIGINT NOT NULL, id BIGINT NOT NULL, "
    "schema_name VARCHAR, table_name VARCHAR)",
    "ALTER TABLE boathouse.capture_requests ADD COLUMN IF NOT EXISTS action VARCHAR DEFAULT 'dump'",
    "ALTER TABLE boathouse.capture_requests ADD COLUMN IF NOT EXISTS keys VARCHAR",
    "ALTER TABLE boathouse.capture_requests ADD COLUMN IF NOT EXISTS chunk_rows BIGINT",
    "ALTER TABLE boathouse.capture_requests ADD COLUMN IF NOT EXISTS pause_seconds DOUBLE",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_paces (id BIGINT NOT NULL, chunk_rows BIGINT, pause_seconds DOUBLE)",
)
WATCHED = ("capture_requests", "capture_dumps")
"""Tables that say what is to be dumped."""
_KEPT = 500
"""Records of ended dumps that are kept for each integration."""
CHUNK_SECONDS = 0.1
"""What a chunk may take where changes wait for it meanwhile."""
_CHUNK_ROWS_LEAST = 2_000
"""Where the wanted size is more: what is dear with fewer is the chunk, not its rows."""
_FEW_ROWS = 20
"""Changes that may come with a chunk where nothing need be spared."""
_SPARE = 3
"""While the source is being written, a dump rests so many times as long as a chunk took: its writers notice a tenth at most."""

Action = Literal["dump", "pause_dump", "resume_dump", "stop_dump", "set"]
Keys = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a user wants of the dumps of an integration.

    Attributes:
        action: as of `AlterIntegration`; those that are not about dumps never come here.
        path: None for all tables.
        keys: of a dump of single keys, each as the source's texts of its columns.
        chunk_rows, pause_seconds: of `set`; None leaves the one as it is.
    """

    action: Action
    path: TablePath | None = None
    keys: Keys | None = None
    chunk_rows: int | None = None
    pause_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Dump:
    """A table, or some of its keys, that is to be read.

    Attributes:
        after: where the next chunk begins; None at the beginning. Of a dump of keys: how many have been read.
        upto: the greatest key when it began; None where it has not.
        keys: those to read; None for the whole table.
    """

    number: int
    path: TablePath
    after: tuple[str, ...] | None
    upto: tuple[str, ...] | None
    keys: Keys | None = None


@dataclass
class Pace:
    """How large chunks are, and how far apart. They begin small, and grow to the wanted size while nothing waits for them or
    they are quick.

    Attributes:
        wanted: rows of a chunk, at most.
        pause: seconds between two.
        rows: of the next one.
        rest: seconds to let pass before it, besides `pause`.
        spent: seconds that the one in hand has taken so far, being read and written.
    """

    wanted: int
    pause: float
    rows: int = 0
    rest: float = 0.0
    spent: float = 0.0

    def __post_init__(self) -> None:
        self.rows = min(self.wanted, _CHUNK_ROWS_LEAST)

    def again(self) -> None:
        """The chunk in hand was in vain."""
        self.rows, self.spent = max(1, self.rows // 2), 0.0

    def ended(self, most: int, others: int) -> None:
        """The chunk in hand is durable.

        Args:
            most: rows that memory has room for.
            others: changed rows that came with it, and had to wait.
        """
        alone = others <= _FEW_ROWS
        self.rest = 0.0 if alone else _SPARE * min(self.spent, CHUNK_SECONDS)
        fitting = most if alone else int(self.rows * CHUNK_SECONDS / max(self.spent, 0.001))
        least = min(self.rows, _CHUNK_ROWS_LEAST)
        self.rows, self.spent = min(most, max(least, min(2 * self.rows, fitting))), 0.0


# -- what users ask for -------------------------------------------------------------------------------------------------


def ask(engine: EngineSession, number: int, request: Request) -> None:
    """Store a request, for the runner to take."""
    schema, table = request.path or (None, None)
    engine.execute(
        "INSERT INTO boathouse.capture_requests (number, id, schema_name, table_name, action, keys, chunk_rows, "
        "pause_seconds) VALUES (memory.rs.next_number('boathouse.capture_ids'), $1, $2, $3, $4, $5, $6, $7)",
        (number, schema, table, request.action, None if request.keys is None else json.dumps(request.keys),
         request.chunk_rows, request.pause_seconds),
    )  # fmt: skip


def waiting(engine: EngineSession, number: int) -> list[tuple[int, Request]]:
    """Requests that have not been taken, each with its number, oldest first."""
    rows = engine.fetch(
        "SELECT number, action, schema_name, table_name, keys, chunk_rows, pause_seconds FROM boathouse.capture_requests "
        "WHERE id = $1 ORDER BY number",
        (number,),
    )
    return [
        (int(str(one)), Request(
            action,  # type: ignore[arg-type]
            None if schema is None else (str(schema), str(table)),
            _keys(keys),
            chunk_rows,  # type: ignore[arg-type]
            pause_seconds,  # type: ignore[arg-type]
        ))
        for one, action, schema, table, keys, chunk_rows, pause_seconds in rows
    ]  # fmt: skip


def taken(engine: EngineSession, request: int) -> None:
    """A request has been carried out."""
    engine.execute("DELETE FROM boathouse.capture_requests WHERE number = $1", (request,))


def set_pace(engine: EngineSession, number: int, request: Request) -> None:
    """Store the size of chunks and the pause between them."""
    chunk_rows, pause_seconds = pace(engine, number)
    engine.execute("DELETE FROM boathouse.capture_paces WHERE id = $1", (number,))
    engine.execute(
        "INSERT INTO boathouse.capture_paces VALUES ($1, $2, $3)",
        (
            number,
            chunk_rows if request.chunk_rows is None else request.chunk_rows,
            pause_seconds if request.pause_seconds is None else request.pause_seconds,
        ),
    )


def pace(engine: EngineSession, number: int) -> tuple[int | None, float | None]:
    """The integration's own rows of a chunk and seconds between two; None: the house's settings."""
    rows = engine.fetch("SELECT chunk_rows, pause_seconds FROM boathouse.capture_paces WHERE id = $1", (number,))
    return rows[0] if rows else (None, None)  # type: ignore[return-value]


# -- dumps ----------------------------------------------------------------------------------------------------------------


def begin(engine: EngineSession, number: int, path: TablePath, now: datetime, keys: Keys | None = None) -> None:
    """Let a table be dumped from its beginning; a dump of it that has not ended is superseded. Dumps of keys are none
    another's business."""
    if keys is None:
        _end(engine, number, path, "superseded", now, "keys IS NULL")
        engine.execute(
            "UPDATE boathouse.capture_tables SET reason = NULL, awaited = false "
            "WHERE id = $1 AND schema_name = $2 AND table_name = $3",
            (number, *path),
        )
    engine.execute(
        "INSERT INTO boathouse.capture_dumps (number, id, schema_name, table_name, rows, done, state, keys, chunks, requested, "
        "rows_about) VALUES (memory.rs.next_number('boathouse.capture_ids'), $1, $2, $3, 0, false, 'waiting', $4, 0, $5, $6)",
        (number, *path, None if keys is None else json.dumps(keys), _naive(now), None if keys is None else len(keys)),
    )
    engine.execute(
        "DELETE FROM boathouse.capture_dumps WHERE id = $1 AND done AND number NOT IN (SELECT number FROM "
        f"boathouse.capture_dumps WHERE id = $1 ORDER BY number DESC LIMIT {_KEPT})",
        (number,),
    )


def next_dump(engine: EngineSession, number: int, held: Collection[int] = ()) -> Dump | None:
    """The dump whose turn it is; those that are held are passed over."""
    rows = engine.fetch(
        "SELECT number, schema_name, table_name, after, upto, keys FROM boathouse.capture_dumps WHERE id = $1 AND NOT done "
        f"AND state <> 'paused' ORDER BY keys IS NULL, number LIMIT {1 + len(held)}",
        (number,),
    )
    for dump, schema, table, after, upto, keys in rows:
        if dump not in held:
            return Dump(int(str(dump)), (str(schema), str(table)), _key(after), _key(upto), _keys(keys))
    return None


class Turns:
    """Requests and the dump whose turn it is, read from the tables again only where they may be others.

    Args:
        changed: tells so of `WATCHED`, call by call.
    """

    def __init__(self, engine: EngineSession, number: int, changed: Callable[[], bool]) -> None:
        self._engine, self._number, self._changed = engine, number, changed
        self._no_requests = self._knows_next = False
        self._next: Dump | None = None
        self._held: dict[int, float] = {}

    def requests(self) -> list[tuple[int, Request]]:
        """See `waiting`."""
        if self._changed():
            self._no_requests = self._knows_next = False
        if self._no_requests:
            return []
        found = waiting(self._engine, self._number)
        self._no_requests = not found
        return found

    def next(self, now: float) -> Dump | None:
        """See `next_dump`; after `requests`, and what they ask for."""
        for dump in [dump for dump, until in self._held.items() if until <= now]:
            del self._held[dump]
            self._knows_next = False
        if not (self._knows_next and self._no_requests):
            self._next, self._knows_next = next_dump(self._engine, self._number, self._held), True
        return self._next

    def hold(self, dump: Dump, until: float, reason: str) -> None:
        """A dump waits, and others come first, until a moment of the same clock that `next` is told."""
        self._held[dump.number], self._knows_next = until, False
        self._engine.execute(
            "UPDATE boathouse.capture_dumps SET reason = $1 WHERE number = $2 AND coalesce(reason, '') <> $1",
            (reason[:1000], dump.number),
        )


def bound(
    engine: EngineSession, dump: Dump, upto: tuple[str, ...] | None, rows_about: int | None, now: datetime
) -> None:
    """A dump begins to read. Store where it ends, and about how many rows it will read."""
    engine.execute(
        "UPDATE boathouse.capture_dumps SET upto = $1, state = 'running', rows_about = $2, began = $3, reason = NULL "
        "WHERE number = $4",
        (None if upto is None else json.dumps(upto), rows_about, _naive(now), dump.number),
    )


def sweep(engine: EngineSession, dump: int) -> None:
    """What a dump does not find is to go at its end."""
    engine.execute("UPDATE boathouse.capture_dumps SET sweeps = true WHERE number = $1", (dump,))


def sweeping(engine: EngineSession, number: int) -> dict[TablePath, int]:
    """The dumps of which that is so and that have not ended, by table."""
    rows = engine.fetch(
        "SELECT schema_name, table_name, number FROM boathouse.capture_dumps WHERE id = $1 AND NOT done AND sweeps",
        (number,),
    )
    return {(str(schema), str(table)): int(str(dump)) for schema, table, dump in rows}


def advance(engine: EngineSession, dump: int, after: tuple[str, ...] | None, rows: int, now: datetime) -> None:
    """A chunk is durable, in the open transaction."""
    engine.execute(
        "UPDATE boathouse.capture_dumps SET after = $1, rows = rows + $2, chunks = chunks + 1 WHERE number = $3",
        (None if after is None else json.dumps(after), rows, dump),
    )
    if after is None:
        engine.execute(
            "UPDATE boathouse.capture_dumps SET done = true, state = 'done', ended = $1 WHERE number = $2 AND NOT done",
            (_naive(now), dump),
        )


def refuse(engine: EngineSession, dump: Dump, reason: str, now: datetime) -> None:
    """A dump of keys that its asker must mend; the table is as it was."""
    engine.execute(
        "UPDATE boathouse.capture_dumps SET done = true, state = 'failed', ended = $1, reason = $2 WHERE number = $3",
        (_naive(now), reason[:1000], dump.number),
    )


def control(engine: EngineSession, number: int, request: Request, now: datetime) -> None:
    """Pause, resume or stop the dumps of one table or of all."""
    if request.action == "stop_dump":
        _end(engine, number, request.path, "stopped", now)
        return
    schema, table = request.path or (None, None)
    engine.execute(
        "UPDATE boathouse.capture_dumps SET state = $1 WHERE id = $2 AND NOT done AND schema_name = coalesce($3, schema_name) "
        "AND table_name = coalesce($4, table_name)",
        ("paused" if request.action == "pause_dump" else "waiting", number, schema, table),
    )


def fail(
    engine: EngineSession, number: int, path: TablePath, reason: str, now: datetime, *, awaited: bool = False
) -> None:
    """A table is set aside, and its dumps with it; until it can be captured, where it is awaited."""
    engine.execute(
        "UPDATE boathouse.capture_tables SET reason = $1, awaited = $5 WHERE id = $2 AND schema_name = $3 AND table_name = $4",
        (reason[:1000], number, *path, awaited),
    )
    _end(engine, number, path, "failed", now)


def _end(
    engine: EngineSession, number: int, path: TablePath | None, state: str, now: datetime, which: str = "true"
) -> None:
    schema, table = path or (None, None)
    engine.execute(
        "UPDATE boathouse.capture_dumps SET done = true, state = $1, ended = $2 WHERE id = $3 AND NOT done AND "
        f"schema_name = coalesce($4, schema_name) AND table_name = coalesce($5, table_name) AND {which}",
        (state, _naive(now), number, schema, table),
    )


def _naive(now: datetime) -> datetime:
    return now.replace(tzinfo=None)


def _key(text: object) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(str(text)))


def _keys(text: object) -> Keys | None:
    return None if text is None else tuple(tuple(key) for key in json.loads(str(text)))
