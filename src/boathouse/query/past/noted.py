"""Which snapshots there are, and which tables came back from one: rows of the warehouse's own bookkeeping.

Written by `snapshots` (statements, restores, schedule); shown as `svv_snapshots` and `svv_table_restore_status`. A lake's expiry
reads `boathouse.snapshots` for the commits that it must spare.
Source: Amazon Redshift API Reference, "Snapshot", "TableRestoreStatus": the columns are their fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import ObjectNotInPrerequisiteState
from boathouse.contracts.house import House
from boathouse.contracts.past.snapshots import Kept
from boathouse.contracts.rooms import SystemRelation

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.snapshots (name VARCHAR NOT NULL, kind VARCHAR NOT NULL, "
    "place VARCHAR NOT NULL, made TIMESTAMP NOT NULL, owner VARCHAR, bytes BIGINT, retention_days INTEGER NOT NULL, "
    "since TIMESTAMP)",
    "ALTER TABLE boathouse.snapshots ADD COLUMN IF NOT EXISTS since TIMESTAMP",
    "CREATE TABLE IF NOT EXISTS boathouse.table_restores (id VARCHAR NOT NULL, status VARCHAR NOT NULL, message VARCHAR, "
    "began TIMESTAMP NOT NULL, ended TIMESTAMP NOT NULL, snapshot VARCHAR, source_schema VARCHAR, source_table VARCHAR, "
    "target_schema VARCHAR, new_table VARCHAR, row_count BIGINT, owner VARCHAR)",
)
RESTORES_KEPT_DAYS = 30
_LEFT = "CASE WHEN retention_days >= 0 THEN greatest(0, retention_days - date_diff('day', made, now()::TIMESTAMP))::INTEGER END"

SYSTEM_RELATIONS = (
    SystemRelation(
        "svv_snapshots",
        (
            ("snapshot_identifier", "varchar(255)"), ("snapshot_type", "varchar(16)"), ("status", "varchar(16)"),
            ("snapshot_create_time", "timestamp"), ("owner", "varchar(128)"), ("total_bytes", "bigint"),
            ("retention_days", "integer"), ("remaining_days", "integer"), ("unchanged_since", "timestamp"),
        ),
        "SELECT name AS snapshot_identifier, kind AS snapshot_type, 'available' AS status, made AS snapshot_create_time, "
        f"owner, bytes AS total_bytes, retention_days, {_LEFT} AS remaining_days, since AS unchanged_since "
        "FROM boathouse.snapshots",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_table_restore_status",
        (
            ("table_restore_request_id", "varchar(64)"), ("status", "varchar(16)"), ("message", "varchar(1024)"),
            ("request_time", "timestamp"), ("end_time", "timestamp"), ("snapshot_identifier", "varchar(255)"),
            ("source_schema_name", "varchar(128)"), ("source_table_name", "varchar(128)"),
            ("target_schema_name", "varchar(128)"), ("new_table_name", "varchar(128)"), ("rows", "bigint"),
            ("owner", "varchar(128)"),
        ),
        "SELECT id AS table_restore_request_id, status, message, began AS request_time, ended AS end_time, "
        "snapshot AS snapshot_identifier, source_schema AS source_schema_name, source_table AS source_table_name, "
        'target_schema AS target_schema_name, new_table AS new_table_name, row_count AS "rows", owner '
        "FROM boathouse.table_restores",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_commits",
        (("commit_id", "bigint"), ("commit_time", "timestamp"), ("changes", "varchar(65535)")),
        "SELECT commit_id, timezone('UTC', committed) AS commit_time, changes FROM memory.rs.stored_commits()",
        superusers_only=True,
    ),
)  # fmt: skip

Kind = Literal["manual", "automated"]


@dataclass(frozen=True, slots=True)
class Noted:
    """A snapshot that there is; times in UTC, without a zone.

    Attributes:
        since: nothing was committed from then until `made`; None where that is not known.
    """

    name: str
    kind: Kind
    place: str
    made: datetime
    retention_days: int
    since: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """True once its retention has passed."""
        return self.retention_days >= 0 and self.made + timedelta(days=self.retention_days) <= now


def instant(house: House) -> datetime:
    """Now, in UTC without a zone."""
    return plain(house.clock.now())


def plain(moment: datetime) -> datetime:
    """In UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def every(engine: EngineSession) -> list[Noted]:
    """All snapshots, the oldest first."""
    rows = engine.fetch(
        "SELECT name, kind, place, made, retention_days, since FROM boathouse.snapshots ORDER BY made, name"
    )
    return [
        Noted(str(name), "automated" if kind == "automated" else "manual", str(place), made, int(str(days)), since)
        for name, kind, place, made, days, since in rows
        if isinstance(made, datetime) and (since is None or isinstance(since, datetime))
    ]


def find(engine: EngineSession, name: str) -> Noted | None:
    """A snapshot by its name."""
    return next((one for one in every(engine) if one.name == name), None)


def gone(snapshot: Noted) -> ObjectNotInPrerequisiteState:
    """A snapshot whose name is there, in this transaction still, and whose rows are not."""
    return ObjectNotInPrerequisiteState(
        f'snapshot "{snapshot.name}" is not kept any more', hint="It was dropped, or its retention has passed."
    )


def keep(
    house: House,
    engine: EngineSession,
    name: str,
    kind: Kind,
    retention_days: int,
    owner: str | None,
    check: Callable[[], None],
) -> Kept:
    """Make a snapshot and note it, in the transaction that is open; `Snapshots.settle` is the caller's to call."""
    made = instant(house)
    kept = house.engine.snapshots.keep(engine, check)
    since = None
    if kept.instant is not None:
        since, made = plain(kept.instant.since), plain(kept.instant.at)
    try:
        engine.execute(
            "INSERT INTO boathouse.snapshots VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            (name, kind, kept.place, made, owner, kept.bytes, retention_days, since),
        )
    except BaseException:
        house.engine.snapshots.settle(kept.place, committed=False)
        raise
    return kept


def forget(house: House, engine: EngineSession, snapshot: Noted) -> None:
    """Let a snapshot go, in the transaction that is open; `Snapshots.settle` is the caller's to call."""
    engine.execute("DELETE FROM boathouse.snapshots WHERE name = $1", (snapshot.name,))
    house.engine.snapshots.forget(snapshot.place)


def sweep(house: House) -> None:
    """At start: copies that the end of the last process cut off go, or become what they were to be."""
    engine = house.engine.session()
    try:
        house.engine.snapshots.sweep({one.place for one in every(engine)})
    finally:
        engine.close()
