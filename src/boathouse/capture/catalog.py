"""Integrations and where each stands, in tables beside the data: rows and progress commit together.

Received from the statements and the runner; shown by the views of `views`. What users' statements change and what the
runner changes lie in tables apart, so that the two never wait for each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boathouse.capture import dumps, schemas
from boathouse.capture.changes import TablePath
from boathouse.capture.formats.fitting import STRICT, Lenient
from boathouse.capture.output import Declared, OutputState, Progress
from boathouse.capture.source import Lag
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.source_errors import Fenced, SourceRefused

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.capture_ids START 100001",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_integrations (id BIGINT NOT NULL, name VARCHAR NOT NULL, "
    "owner VARCHAR NOT NULL, kind VARCHAR NOT NULL, secret VARCHAR NOT NULL, slot VARCHAR NOT NULL, tables VARCHAR, "
    "target VARCHAR NOT NULL, paused BOOLEAN NOT NULL, generation BIGINT NOT NULL, created TIMESTAMP NOT NULL)",
    "ALTER TABLE boathouse.capture_integrations ADD COLUMN IF NOT EXISTS history VARCHAR",
    "ALTER TABLE boathouse.capture_integrations ADD COLUMN IF NOT EXISTS declared VARCHAR",
    "ALTER TABLE boathouse.capture_integrations ADD COLUMN IF NOT EXISTS refresh_seconds BIGINT DEFAULT 0",
    "ALTER TABLE boathouse.capture_integrations ADD COLUMN IF NOT EXISTS truncates BOOLEAN DEFAULT false",
    "ALTER TABLE boathouse.capture_integrations ADD COLUMN IF NOT EXISTS replaces BOOLEAN DEFAULT false",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_progress (id BIGINT NOT NULL, epoch BIGINT NOT NULL, position VARCHAR, "
    "unsettled VARCHAR NOT NULL, noted TIMESTAMP)",
    "ALTER TABLE boathouse.capture_progress ADD COLUMN IF NOT EXISTS source_database VARCHAR",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_tables (id BIGINT NOT NULL, schema_name VARCHAR NOT NULL, "
    "table_name VARCHAR NOT NULL)",
    "ALTER TABLE boathouse.capture_tables ADD COLUMN IF NOT EXISTS reason VARCHAR",
    "ALTER TABLE boathouse.capture_tables ADD COLUMN IF NOT EXISTS history BOOLEAN DEFAULT false",
    "ALTER TABLE boathouse.capture_tables ADD COLUMN IF NOT EXISTS layout VARCHAR",
    "ALTER TABLE boathouse.capture_tables ADD COLUMN IF NOT EXISTS awaited BOOLEAN DEFAULT false",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_states (id BIGINT NOT NULL, state VARCHAR NOT NULL, message VARCHAR "
    "NOT NULL, generation BIGINT NOT NULL, noted TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_removals (kind VARCHAR NOT NULL, secret VARCHAR NOT NULL, "
    "slot VARCHAR NOT NULL)",
    *dumps.TABLES,
    "CREATE TABLE IF NOT EXISTS boathouse.capture_outputs (id BIGINT NOT NULL, name VARCHAR NOT NULL, place VARCHAR NOT NULL, "
    "format VARCHAR NOT NULL, on_failure VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_output_states (id BIGINT NOT NULL, name VARCHAR NOT NULL, sequence BIGINT NOT "
    "NULL, position VARCHAR, state VARCHAR NOT NULL, message VARCHAR NOT NULL, behind BIGINT NOT NULL)",
    "ALTER TABLE boathouse.capture_output_states ADD COLUMN IF NOT EXISTS number BIGINT DEFAULT -1",
    "ALTER TABLE boathouse.capture_outputs ADD COLUMN IF NOT EXISTS secret VARCHAR DEFAULT ''",
    "ALTER TABLE boathouse.capture_outputs ADD COLUMN IF NOT EXISTS options VARCHAR DEFAULT '[]'",
    "ALTER TABLE boathouse.capture_outputs ADD COLUMN IF NOT EXISTS by_settings BOOLEAN DEFAULT false",
    "ALTER TABLE boathouse.capture_outputs ADD COLUMN IF NOT EXISTS guarantee VARCHAR DEFAULT ''",
    "ALTER TABLE boathouse.capture_progress ADD COLUMN IF NOT EXISTS journal BIGINT DEFAULT 0",
    "ALTER TABLE boathouse.capture_progress ADD COLUMN IF NOT EXISTS journal_gaps VARCHAR DEFAULT '[]'",
    *schemas.TABLES,
    "CREATE TABLE IF NOT EXISTS boathouse.capture_lags (id BIGINT NOT NULL, noted TIMESTAMP NOT NULL, caught_up TIMESTAMP, "
    "bytes_behind BIGINT, transactions_behind BIGINT, kept_from VARCHAR NOT NULL, kept_bytes BIGINT NOT NULL, "
    "kept_state VARCHAR NOT NULL, open_window VARCHAR NOT NULL, keys_remembered BIGINT NOT NULL)",
)

CAPTURED = (
    "memory.rs.captured() AS TABLE SELECT i.target, lower(t.table_name), i.name FROM boathouse.capture_tables t "
    "JOIN boathouse.capture_integrations i USING (id)"
)
"""A macro for the guard: schema, table and integration of the tables that integrations alone may change."""


@dataclass(frozen=True, slots=True)
class Integration:
    """A database that is captured.

    Attributes:
        owner: the user as whom changes are written.
        secret: the name of the secret that opens the source.
        slot: what the source knows it by.
        tables: those to capture, with `*` for any characters; None for all.
        target: the warehouse's schema.
        generation: counts how often it was resumed.
        history: tables that keep every version of their rows; empty for all, None for none.
        outputs: those besides the warehouse.
        refresh_seconds: between two readings of the log up to its end; 0 where it is read all the time.
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
    history: tuple[TablePath, ...] | None = None
    outputs: tuple[Declared, ...] = ()
    refresh_seconds: int = 0
    lenient: Lenient = STRICT

    def keeps_history(self, path: TablePath) -> bool:
        """True where the warehouse's table has a row for each version."""
        return self.history is not None and (not self.history or path in self.history)


def integrations(engine: EngineSession, name: str | None = None) -> list[Integration]:
    """All, or those of a name, by name."""
    rows = engine.fetch(
        "SELECT id, name, owner, kind, secret, slot, tables, target, paused, generation, history, "
        "refresh_seconds, truncates, replaces FROM "
        "boathouse.capture_integrations WHERE name = coalesce($1, name) ORDER BY name",
        (name,),
    )
    return [_integration(engine, *row) for row in rows]


def _integration(engine: EngineSession, number: Any, *row: Any) -> Integration:
    return Integration(
        number, *row[:5], _paths(row[5]), *row[6:9], _paths(row[9]), outputs(engine, number), row[10], Lenient(*row[11:])  # type: ignore[call-arg]
    )  # fmt: skip


def require(engine: EngineSession, name: str) -> Integration:
    """The integration of that name.

    Raises:
        UndefinedObject: there is none.
    """
    found = integrations(engine, name)
    if not found:
        raise UndefinedObject(f'integration "{name}" does not exist', hint="svv_integration has those there are.")
    return found[0]


def require_own_names(engine: EngineSession, integration: Integration, paths: list[TablePath]) -> None:
    """Two tables of the source never share one of the warehouse: their rows would overwrite each other.

    Raises:
        SourceRefused: two of these would, or one and another integration's.
    """
    rows = engine.fetch(
        "SELECT lower(t.table_name), i.name, t.schema_name, t.table_name FROM boathouse.capture_tables t "
        "JOIN boathouse.capture_integrations i USING (id) WHERE i.target = $1 AND i.id <> $2",
        (integration.target, integration.id),
    )
    taken = {str(name): f'{schema}.{table} of integration "{other}"' for name, other, schema, table in rows}
    for schema, table in paths:
        name = table.lower()
        if name in taken:
            raise SourceRefused(
                f'{schema}.{table} would go into "{integration.target}"."{name}", as {taken[name]} does',
                hint="Name the tables with TABLES (…), or write into another schema: INTO SCHEMA ….",
            )
        taken[name] = f"{schema}.{table}"


def take_over(engine: EngineSession, number: int, epoch: int | None = None) -> tuple[int, Progress | None]:
    """A new epoch, and what is durable.

    Args:
        epoch: the one that an election gave; None for the next.

    Raises:
        Fenced: there was a later one.
    """
    engine.begin()
    try:
        ours = engine.execute(
            "UPDATE boathouse.capture_progress SET epoch = coalesce($2, epoch + 1) WHERE id = $1 AND epoch <= "
            "coalesce($2, epoch)",
            (number, epoch),
        )
        found = engine.fetch(
            "SELECT epoch, position, unsettled, journal FROM boathouse.capture_progress WHERE id = $1", (number,)
        )
        if found and not ours:
            raise Fenced("a later instance has taken over")
        if not found:
            engine.execute(
                "INSERT INTO boathouse.capture_progress (id, epoch, unsettled) VALUES ($1, $2, '[]')",
                (number, epoch or 1),
            )
            found = [(epoch or 1, None, "[]", 0)]
        engine.commit()
    except BaseException:
        engine.rollback()
        raise
    taken, position, unsettled, journal = found[0]
    progress = None
    if position is not None:
        progress = Progress(str(position), tuple(json.loads(str(unsettled))), journal=int(str(journal or 0)))
    return int(str(taken)), progress


def store(engine: EngineSession, number: int, epoch: int, progress: Progress, now: datetime) -> bool:
    """Store progress in the open transaction; False where the epoch is no longer ours."""
    ours = engine.execute(
        "UPDATE boathouse.capture_progress SET position = $1, unsettled = $2, noted = $3, journal = $6 WHERE id = $4 AND "
        "epoch = $5",
        (progress.position, json.dumps(sorted(progress.unsettled)), now.replace(tzinfo=None), number, epoch,
         progress.journal),
    )  # fmt: skip
    if not ours:
        return False
    if progress.dump is not None:
        dumps.advance(engine, *progress.dump, now)
    for path in sorted(progress.redump):
        dumps.begin(engine, number, path, now)
    for path, layout in progress.layouts.items():
        engine.execute(
            "UPDATE boathouse.capture_tables SET layout = $1 WHERE id = $2 AND schema_name = $3 AND table_name = $4",
            (layout, number, *path),
        )
    for path, reason in progress.failed.items():
        dumps.fail(engine, number, path, reason, now)
    store_outputs(engine, number, progress.outputs)
    schemas.store(engine, number, progress.schemas, now)
    if progress.lag is not None:
        store_lag(engine, number, progress.lag, now)
    return True


def store_lag(engine: EngineSession, number: int, lag: Lag, now: datetime) -> None:
    """Store how far behind the capture is, in place of what was known."""
    log = lag.standing
    engine.execute("DELETE FROM boathouse.capture_lags WHERE id = $1", (number,))
    engine.execute(
        "INSERT INTO boathouse.capture_lags VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        (number, now.replace(tzinfo=None), lag.caught_up and lag.caught_up.replace(tzinfo=None), log.bytes_behind,
         log.transactions_behind, log.kept_from, log.kept_bytes, log.kept_state, lag.window, lag.remembered),
    )  # fmt: skip


def set_options(
    engine: EngineSession, number: int, refresh_seconds: int | None, truncates: bool | None, replaces: bool | None
) -> None:
    """Store how an integration is refreshed, and what becomes of texts that do not fit; None leaves the one as it is."""
    engine.execute(
        "UPDATE boathouse.capture_integrations SET refresh_seconds = coalesce($1, refresh_seconds), truncates = "
        "coalesce($2, truncates), replaces = coalesce($3, replaces) WHERE id = $4",
        (refresh_seconds, truncates, replaces, number),
    )


def tables(engine: EngineSession, number: int) -> list[TablePath]:
    """The tables that are captured."""
    rows = engine.fetch("SELECT schema_name, table_name FROM boathouse.capture_tables WHERE id = $1", (number,))
    return [(str(schema), str(table)) for schema, table in rows]


def layouts(engine: EngineSession, number: int) -> dict[TablePath, str]:
    """What the source knows its captured tables by, of those that it has said it of."""
    rows = engine.fetch(
        "SELECT schema_name, table_name, layout FROM boathouse.capture_tables WHERE id = $1 AND layout <> ''",
        (number,),
    )
    return {(str(schema), str(table)): str(layout) for schema, table, layout in rows}


def note_database(engine: EngineSession, number: int, database: str) -> None:
    """Store which database is captured."""
    engine.execute("UPDATE boathouse.capture_progress SET source_database = $1 WHERE id = $2", (database, number))


def note_tables(engine: EngineSession, integration: Integration, paths: list[TablePath]) -> bool:
    """Store which tables are captured; True where that has changed."""
    number = integration.id
    known = tables(engine, number)
    for path in sorted(set(known) - set(paths)):
        engine.execute(
            "DELETE FROM boathouse.capture_tables WHERE id = $1 AND schema_name = $2 AND table_name = $3",
            (number, *path),
        )
    for path in sorted(set(paths) - set(known)):
        engine.execute(
            "INSERT INTO boathouse.capture_tables (id, schema_name, table_name, history) VALUES ($1, $2, $3, $4)",
            (number, *path, integration.keeps_history(path)),
        )
    return set(paths) != set(known)


def failed_tables(engine: EngineSession, number: int, *, awaited: bool = False) -> set[TablePath]:
    """The tables that are set aside; only those that come back by themselves, where that is asked."""
    which = " AND awaited" if awaited else ""
    rows = engine.fetch(
        f"SELECT schema_name, table_name FROM boathouse.capture_tables WHERE id = $1 AND reason IS NOT NULL{which}",
        (number,),
    )
    return {(str(schema), str(table)) for schema, table in rows}


def note_state(engine: EngineSession, integration: Integration, state: str, message: str, now: datetime) -> None:
    """Store how it goes: running, retrying, failed."""
    engine.execute("DELETE FROM boathouse.capture_states WHERE id = $1", (integration.id,))
    engine.execute(
        "INSERT INTO boathouse.capture_states VALUES ($1, $2, $3, $4, $5)",
        (integration.id, state, message[:1000], integration.generation, now.replace(tzinfo=None)),
    )


def _paths(text: object) -> tuple[TablePath, ...] | None:
    return None if text is None else tuple((str(schema), str(name)) for schema, name in json.loads(str(text)))


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


def outputs(engine: EngineSession, number: int) -> tuple[Declared, ...]:
    """Those of an integration, by name."""
    rows = engine.fetch(
        "SELECT name, place, format, on_failure, secret, options FROM boathouse.capture_outputs WHERE id = $1 ORDER BY name",
        (number,),
    )
    return tuple(
        Declared(*told, tuple((one, value) for one, value in json.loads(str(options))))  # type: ignore[arg-type, call-arg]
        for *told, options in rows
    )


def put_output(
    engine: EngineSession, number: int, declared: Declared, guarantee: str, *, by_settings: bool = False
) -> None:
    """Store an output that is new, and what its kind promises."""
    store_outputs(engine, number, {declared.name: OutputState(state="new")})
    engine.execute(
        "INSERT INTO boathouse.capture_outputs (id, name, place, format, on_failure, secret, options, by_settings, "
        "guarantee) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        (number, declared.name, declared.place, declared.format, declared.on_failure, declared.secret,
         json.dumps(declared.options), by_settings, guarantee),
    )  # fmt: skip


def remove_output(engine: EngineSession, number: int, name: str) -> None:
    """An output is told nothing any more."""
    engine.execute("DELETE FROM boathouse.capture_outputs WHERE id = $1 AND name = $2", (number, name))


def outputs_by_settings(engine: EngineSession, number: int) -> set[str]:
    """The outputs of an integration that stand in the settings, or stood there."""
    rows = engine.fetch("SELECT name FROM boathouse.capture_outputs WHERE id = $1 AND by_settings", (number,))
    return {str(name) for (name,) in rows}


def output_states(engine: EngineSession, number: int) -> dict[str, OutputState]:
    """How far each is."""
    rows = engine.fetch(
        "SELECT name, sequence, position, state, message, behind, number FROM boathouse.capture_output_states WHERE id = $1",
        (number,),
    )
    return {str(row[0]): OutputState(*row[1:]) for row in rows}  # type: ignore[arg-type]


def store_outputs(engine: EngineSession, number: int, found: Mapping[str, OutputState]) -> None:
    """Store how far outputs are, in the open transaction."""
    for name, state in found.items():
        engine.execute("DELETE FROM boathouse.capture_output_states WHERE id = $1 AND name = $2", (number, name))
        engine.execute(
            "INSERT INTO boathouse.capture_output_states (id, name, sequence, position, state, message, behind, number) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            (
                number,
                name,
                state.sequence,
                state.position,
                state.state,
                state.message[:1000],
                state.behind,
                state.number,
            ),
        )


def move_output(engine: EngineSession, number: int, name: str, state: OutputState, epoch: int | None = None) -> None:
    """Store how far an output is, unless it has been declared anew meanwhile, or the given epoch is not the one there is."""
    engine.execute(
        "UPDATE boathouse.capture_output_states SET sequence = $1, number = $2, state = $3, message = $4, behind = $5 "
        "WHERE id = $6 AND name = $7 AND state <> 'new' AND (CAST($8 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM "
        "boathouse.capture_progress p WHERE p.id = $6 AND p.epoch = $8))",
        (state.sequence, state.number, state.state, state.message[:1000], state.behind, number, name, epoch),
    )
