"""Integrations and where each stands, in tables beside the data: rows and progress commit together.

Received from the statements and the runner; shown by `svv_integration` and `svv_integration_table_state`. What users'
statements change and what the runner changes lie in tables apart, so that the two never wait for each other.

Columns of the system views: Redshift Developer Guide, "SVV_INTEGRATION", "SVV_INTEGRATION_TABLE_STATE".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from boathouse.capture.changes import TablePath
from boathouse.capture.output import Progress
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.rooms import SystemRelation

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.capture_ids START 100001",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_integrations (id BIGINT NOT NULL, name VARCHAR NOT NULL, "
    "owner VARCHAR NOT NULL, kind VARCHAR NOT NULL, secret VARCHAR NOT NULL, slot VARCHAR NOT NULL, tables VARCHAR, "
    "target VARCHAR NOT NULL, paused BOOLEAN NOT NULL, generation BIGINT NOT NULL, created TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_progress (id BIGINT NOT NULL, epoch BIGINT NOT NULL, position VARCHAR, "
    "unsettled VARCHAR NOT NULL, noted TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_dumps (number BIGINT NOT NULL, id BIGINT NOT NULL, "
    "schema_name VARCHAR NOT NULL, table_name VARCHAR NOT NULL, after VARCHAR, upto VARCHAR, rows BIGINT NOT NULL, "
    "done BOOLEAN NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_requests (number BIGINT NOT NULL, id BIGINT NOT NULL, "
    "schema_name VARCHAR, table_name VARCHAR)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_tables (id BIGINT NOT NULL, schema_name VARCHAR NOT NULL, "
    "table_name VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_states (id BIGINT NOT NULL, state VARCHAR NOT NULL, message VARCHAR "
    "NOT NULL, generation BIGINT NOT NULL, noted TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_removals (kind VARCHAR NOT NULL, secret VARCHAR NOT NULL, "
    "slot VARCHAR NOT NULL)",
)
_NOW = "(now() AT TIME ZONE 'UTC')"

SYSTEM_RELATIONS = (
    SystemRelation(
        "svv_integration",
        (
            ("integration_id", "char(128)"), ("target_database", "char(128)"), ("source", "char(128)"),
            ("state", "char(128)"), ("current_lag", "bigint"), ("last_replicated_checkpoint", "char(128)"),
            ("total_tables_replicated", "integer"), ("total_tables_failed", "integer"), ("creation_time", "timestamp"),
            ("refresh_interval", "integer"), ("source_database", "char(128)"), ("is_history_mode", "boolean"),
        ),
        "SELECT i.name AS integration_id, current_database() AS target_database, upper(i.kind) AS source, "
        "CASE WHEN i.paused THEN 'PausedState' WHEN s.state = 'failed' THEN 'ErrorState' WHEN s.state = 'retrying' THEN "
        "'RetryingState' WHEN s.state IS NULL THEN 'PendingDbConnectState' ELSE 'CdcRefreshState' END AS state, "
        f"(date_diff('millisecond', p.noted, {_NOW}))::BIGINT AS current_lag, p.position AS last_replicated_checkpoint, "
        "(SELECT count(*) FROM boathouse.capture_tables t WHERE t.id = i.id)::INTEGER AS total_tables_replicated, "
        "0::INTEGER AS total_tables_failed, i.created AS creation_time, 0::INTEGER AS refresh_interval, "
        "i.target AS source_database, false AS is_history_mode FROM boathouse.capture_integrations i "
        "LEFT JOIN boathouse.capture_progress p ON p.id = i.id LEFT JOIN boathouse.capture_states s ON s.id = i.id",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_integration_table_state",
        (
            ("integration_id", "char(128)"), ("target_database", "char(128)"), ("schema_name", "varchar(128)"),
            ("table_name", "varchar(128)"), ("table_state", "varchar(128)"), ("table_last_replicated_checkpoint",
            "varchar(128)"), ("reason", "varchar(256)"), ("last_updated_timestamp", "timestamp"), ("table_rows", "bigint"),
            ("is_history_mode", "boolean"),
        ),
        "SELECT i.name AS integration_id, current_database() AS target_database, t.schema_name, t.table_name, "
        "CASE WHEN s.state = 'failed' THEN 'Failed' WHEN EXISTS (SELECT 1 FROM boathouse.capture_dumps d WHERE d.id = t.id "
        "AND d.schema_name = t.schema_name AND d.table_name = t.table_name AND NOT d.done) THEN 'ResyncInitiated' "
        "ELSE 'Synced' END AS table_state, p.position AS table_last_replicated_checkpoint, "
        "left(coalesce(s.message, ''), 256) AS reason, p.noted AS last_updated_timestamp, "
        "(SELECT sum(d.rows) FROM boathouse.capture_dumps d WHERE d.id = t.id AND d.schema_name = t.schema_name AND "
        "d.table_name = t.table_name)::BIGINT AS table_rows, false AS is_history_mode "
        "FROM boathouse.capture_tables t JOIN boathouse.capture_integrations i USING (id) "
        "LEFT JOIN boathouse.capture_progress p ON p.id = i.id LEFT JOIN boathouse.capture_states s ON s.id = i.id",
        superusers_only=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Integration:
    """A database that is captured.

    Attributes:
        owner: the user as whom changes are written.
        secret: the name of the secret that opens the source.
        slot: what the source knows it by.
        tables: those to capture; None for all.
        target: the warehouse's schema.
        generation: counts how often it was resumed.
    """

    id: int
    name: str
    owner: str
    kind: str
    secret: str
    slot: str
    tables: tuple[TablePath, ...] | None
    target: str
    paused: bool
    generation: int


@dataclass(frozen=True, slots=True)
class Dump:
    """A table that is to be read whole.

    Attributes:
        after: where the next chunk begins; None at the beginning.
        upto: the greatest key when it began; None where it has not.
    """

    number: int
    path: TablePath
    after: tuple[str, ...] | None
    upto: tuple[str, ...] | None


def integrations(engine: EngineSession, name: str | None = None) -> list[Integration]:
    """All, or those of a name, by name."""
    rows = engine.fetch(
        "SELECT id, name, owner, kind, secret, slot, tables, target, paused, generation FROM "
        "boathouse.capture_integrations WHERE name = coalesce($1, name) ORDER BY name",
        (name,),
    )
    return [Integration(*row[:6], _paths(row[6]), *row[7:10]) for row in rows]  # type: ignore[arg-type, call-arg]


def require(engine: EngineSession, name: str) -> Integration:
    """The integration of that name.

    Raises:
        UndefinedObject: there is none.
    """
    found = integrations(engine, name)
    if not found:
        raise UndefinedObject(f'integration "{name}" does not exist', hint="svv_integration has those there are.")
    return found[0]


def captured_elsewhere(engine: EngineSession, integration: Integration) -> dict[str, str]:
    """The tables of an integration's target schema that others write, and what they write into each."""
    rows = engine.fetch(
        "SELECT lower(t.table_name), i.name, t.schema_name, t.table_name FROM boathouse.capture_tables t "
        "JOIN boathouse.capture_integrations i USING (id) WHERE i.target = $1 AND i.id <> $2",
        (integration.target, integration.id),
    )
    return {str(name): f'{schema}.{table} of integration "{other}"' for name, other, schema, table in rows}


def take_over(engine: EngineSession, number: int) -> tuple[int, Progress | None]:
    """A new epoch, and what is durable."""
    engine.begin()
    try:
        found = engine.fetch(
            "UPDATE boathouse.capture_progress SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, position, unsettled",
            (number,),
        )
        if not found:
            engine.execute("INSERT INTO boathouse.capture_progress VALUES ($1, 1, NULL, '[]', NULL)", (number,))
            found = [(1, None, "[]")]
        engine.commit()
    except BaseException:
        engine.rollback()
        raise
    epoch, position, unsettled = found[0]
    progress = None if position is None else Progress(str(position), tuple(json.loads(str(unsettled))))
    return int(str(epoch)), progress


def store(engine: EngineSession, number: int, epoch: int, progress: Progress, now: datetime) -> bool:
    """Store progress in the open transaction; False where the epoch is no longer ours."""
    stored = engine.execute(
        "UPDATE boathouse.capture_progress SET position = $1, unsettled = $2, noted = $3 WHERE id = $4 AND epoch = $5",
        (progress.position, json.dumps(sorted(progress.unsettled)), now.replace(tzinfo=None), number, epoch),
    )
    if not stored:
        return False
    if progress.dump is not None:
        dump, after, rows = progress.dump
        engine.execute(
            "UPDATE boathouse.capture_dumps SET after = $1, done = $2, rows = rows + $3 WHERE number = $4",
            (None if after is None else json.dumps(after), after is None, rows, dump),
        )
    for path in sorted(progress.redump):
        begin_dump(engine, number, path)
    return True


def begin_dump(engine: EngineSession, number: int, path: TablePath) -> None:
    """Let a table be dumped from its beginning; what there was of a dump of it is over."""
    engine.execute(
        "DELETE FROM boathouse.capture_dumps WHERE id = $1 AND schema_name = $2 AND table_name = $3", (number, *path)
    )
    engine.execute(
        "INSERT INTO boathouse.capture_dumps VALUES (nextval('boathouse.capture_ids'), $1, $2, $3, NULL, NULL, 0, false)",
        (number, *path),
    )


def next_dump(engine: EngineSession, number: int) -> Dump | None:
    """The oldest dump that is not complete."""
    rows = engine.fetch(
        "SELECT number, schema_name, table_name, after, upto FROM boathouse.capture_dumps WHERE id = $1 AND NOT done "
        "ORDER BY number LIMIT 1",
        (number,),
    )
    if not rows:
        return None
    dump, schema, table, after, upto = rows[0]
    return Dump(int(str(dump)), (str(schema), str(table)), _key(after), _key(upto))


def bound_dump(engine: EngineSession, dump: Dump, upto: tuple[str, ...] | None) -> None:
    """Store where a dump ends; None: the table is empty, and the dump is complete."""
    engine.execute(
        "UPDATE boathouse.capture_dumps SET upto = $1, done = $2 WHERE number = $3",
        (None if upto is None else json.dumps(upto), upto is None, dump.number),
    )


def take_requests(engine: EngineSession, number: int) -> list[TablePath | None]:
    """What users have asked to be dumped, and forget it; None stands for all tables."""
    rows = engine.fetch(
        "DELETE FROM boathouse.capture_requests WHERE id = $1 RETURNING schema_name, table_name", (number,)
    )
    return [None if schema is None else (str(schema), str(table)) for schema, table in rows]


def tables(engine: EngineSession, number: int) -> list[TablePath]:
    """The tables that are captured."""
    rows = engine.fetch("SELECT schema_name, table_name FROM boathouse.capture_tables WHERE id = $1", (number,))
    return [(str(schema), str(table)) for schema, table in rows]


def note_tables(engine: EngineSession, number: int, paths: list[TablePath]) -> None:
    """Store which tables are captured."""
    engine.execute("DELETE FROM boathouse.capture_tables WHERE id = $1", (number,))
    for path in paths:
        engine.execute("INSERT INTO boathouse.capture_tables VALUES ($1, $2, $3)", (number, *path))


def note_state(engine: EngineSession, integration: Integration, state: str, message: str, now: datetime) -> None:
    """Store how it goes: running, retrying, failed."""
    engine.execute("DELETE FROM boathouse.capture_states WHERE id = $1", (integration.id,))
    engine.execute(
        "INSERT INTO boathouse.capture_states VALUES ($1, $2, $3, $4, $5)",
        (integration.id, state, message[:1000], integration.generation, now.replace(tzinfo=None)),
    )


def _paths(text: object) -> tuple[TablePath, ...] | None:
    return None if text is None else tuple((str(schema), str(name)) for schema, name in json.loads(str(text)))


def _key(text: object) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(str(text)))


def failed_generation(engine: EngineSession, number: int) -> int | None:
    """The generation in which an integration failed for good; None where it did not."""
    rows = engine.fetch("SELECT generation FROM boathouse.capture_states WHERE id = $1 AND state = 'failed'", (number,))
    return int(str(rows[0][0])) if rows else None


def removals(engine: EngineSession) -> list[Integration]:
    """Dropped integrations whose slots may still be at their sources."""
    rows = engine.fetch("SELECT kind, secret, slot FROM boathouse.capture_removals")
    return [
        Integration(0, str(slot), "", str(kind), str(secret), str(slot), None, "", False, 0)
        for kind, secret, slot in rows
    ]


def removed(engine: EngineSession, slot: str) -> None:
    """The slot is gone."""
    engine.execute("DELETE FROM boathouse.capture_removals WHERE slot = $1", (slot,))
