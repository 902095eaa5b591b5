"""How a capture without a warehouse goes, in the words and columns of the views that a warehouse has of its integrations.

Receives a session of its state; asked by the command line and over HTTP. Columns: see `capture.views`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from boathouse.capture.catalog import Integration
from boathouse.contracts.engine import EngineSession

Rows = list[dict[str, Any]]
_STATES = {"failed": "ErrorState", "retrying": "RetryingState", "running": "CdcRefreshState"}


def rows(engine: EngineSession, integration: Integration, view: str, now: datetime) -> Rows:
    """What a view shows.

    Args:
        view: `svv_integration` and those beside it.
    """
    return _VIEWS[view](engine, integration, now.replace(tzinfo=None))


def lag_seconds(engine: EngineSession, number: int, now: datetime) -> float | None:
    """Since when nothing was stored, not even that nothing happened; None before the first time."""
    found = engine.fetch("SELECT noted FROM boathouse.capture_progress WHERE id = $1", (number,))
    return seconds_since(found[0][0], now) if found else None


def seconds_since(moment: object, now: datetime) -> float | None:
    """Since a time that a store keeps; None where it keeps none."""
    since = _time(moment)
    return None if since is None else (now.replace(tzinfo=None) - since.replace(tzinfo=None)).total_seconds()


def _integration(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    ((paused, created),) = engine.fetch(
        "SELECT paused, created FROM boathouse.capture_integrations WHERE id = $1", (one.id,)
    )
    state, message = _state(engine, one)
    found = engine.fetch("SELECT position, source_database FROM boathouse.capture_progress WHERE id = $1", (one.id,))
    position, database = found[0] if found else (None, None)
    caught_up = engine.fetch("SELECT caught_up FROM boathouse.capture_lags WHERE id = $1", (one.id,))
    lag = seconds_since(caught_up[0][0], now) if caught_up else None
    lag = lag_seconds(engine, one.id, now) if lag is None else lag
    reasons = [row[0] for row in engine.fetch("SELECT reason FROM boathouse.capture_tables WHERE id = $1", (one.id,))]
    return [
        {
            "integration_id": one.name, "target_database": None, "source": one.kind.upper(),
            "state": "PausedState" if paused else _STATES.get(state, "PendingDbConnectState"),
            "current_lag": None if lag is None else int(lag * 1000), "last_replicated_checkpoint": _place(position),
            "total_tables_replicated": reasons.count(None), "total_tables_failed": len(reasons) - reasons.count(None),
            "creation_time": _time(created), "refresh_interval": 0, "source_database": database, "is_history_mode": False,
            "reason": message,
        }
    ]  # fmt: skip


def _lag(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    found = engine.fetch(
        "SELECT noted, caught_up, bytes_behind, transactions_behind, kept_from, kept_bytes, kept_state, open_window, "
        "keys_remembered FROM boathouse.capture_lags WHERE id = $1",
        (one.id,),
    )
    return [
        {
            "integration_id": one.name, "noted": _time(noted), "caught_up": _time(caught_up), "bytes_behind": size,
            "transactions_behind": count, "log_kept_from": kept_from, "log_kept_bytes": kept, "log_kept_state": state,
            "open_window": window, "keys_remembered": keys,
        }
        for noted, caught_up, size, count, kept_from, kept, state, window, keys in found
    ]  # fmt: skip


def _tables(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    state, message = _state(engine, one)
    progress = engine.fetch("SELECT position, noted FROM boathouse.capture_progress WHERE id = $1", (one.id,))
    position, noted = progress[0] if progress else (None, None)
    newest = {
        (schema, table): (bool(done), how, read)
        for schema, table, done, how, read in engine.fetch(
            "SELECT schema_name, table_name, done, state, rows FROM boathouse.capture_dumps WHERE id = $1 AND keys IS NULL "
            "ORDER BY number",
            (one.id,),
        )
    }
    found = engine.fetch(
        "SELECT schema_name, table_name, reason FROM boathouse.capture_tables WHERE id = $1 ORDER BY 1, 2", (one.id,)
    )
    return [
        {
            "integration_id": one.name, "target_database": None, "schema_name": schema, "table_name": table,
            "table_state": "Failed" if state == "failed" or reason is not None
            else _table_state(*newest.get((schema, table), (False, "", None))[:2]),
            "table_last_replicated_checkpoint": _place(position), "reason": str(reason or message)[:256],
            "last_updated_timestamp": _time(noted), "table_rows": newest.get((schema, table), (False, "", None))[2],
            "is_history_mode": False,
        }
        for schema, table, reason in found
    ]  # fmt: skip


def _table_state(is_done: bool, how: object) -> str:
    return "ResyncInitiated" if not is_done else "ResyncRequired" if how == "stopped" else "Synced"


def _dumps(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    pace = engine.fetch("SELECT chunk_rows, pause_seconds FROM boathouse.capture_paces WHERE id = $1", (one.id,))
    chunk_rows, pause = pace[0] if pace else (None, None)
    found = engine.fetch(
        "SELECT number, schema_name, table_name, state, keys, chunks, rows, rows_about, requested, began, ended, reason FROM "
        "boathouse.capture_dumps WHERE id = $1 ORDER BY number",
        (one.id,),
    )
    shown = []
    for number, schema, table, state, keys, chunks, read, about, requested, began, ended, reason in found:
        whole, since = None if about is None else _number(about), _time(began)
        left = None
        if state == "running" and _number(read) and whole is not None and since is not None:
            left = int((now - since).total_seconds() * max(whole - _number(read), 0) / _number(read))
        shown.append(
            {
                "integration_id": one.name, "dump_id": number, "schema_name": schema, "table_name": table, "dump_state": state,
                "by_keys": keys is not None, "chunks": chunks, "rows": read,
                "rows_estimated": None if whole is None else max(whole, _number(read)), "seconds_left": left,
                "requested": _time(requested), "began": since, "ended": _time(ended), "chunk_rows": chunk_rows,
                "chunk_pause_seconds": pause, "reason": None if reason is None else str(reason)[:256],
            }
        )  # fmt: skip
    return shown


def _outputs(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    found = engine.fetch(
        "SELECT o.name, o.place, o.format, o.on_failure, o.secret, o.options, o.guarantee, s.state, s.message, s.sequence, "
        "s.number, s.behind FROM boathouse.capture_outputs o LEFT JOIN boathouse.capture_output_states s ON s.id = o.id AND "
        "s.name = o.name WHERE o.id = $1 ORDER BY o.name",
        (one.id,),
    )
    return [
        {
            "integration_id": one.name, "output_name": name, "place": place, "format": word, "on_failure": on_failure,
            "output_state": state or "new", "last_place": _last_place(_number(sequence), _number(number)),
            "bytes_behind": behind, "reason": str(message or "")[:256], "secret": secret, "options": options,
            "guarantee": guarantee,
        }
        for name, place, word, on_failure, secret, options, guarantee, state, message, sequence, number, behind in found
    ]  # fmt: skip


def _last_place(sequence: int, number: int) -> str | None:
    return f"{sequence}.{number}" if number >= 0 else f"{sequence - 1}.*" if sequence > 0 else None


def _schemas(engine: EngineSession, one: Integration, now: datetime) -> Rows:
    found = engine.fetch(
        "SELECT schema_name, table_name, version, position, noted, json_schema, avro_schema FROM boathouse.capture_schemas "
        "WHERE id = $1 ORDER BY 1, 2, 3",
        (one.id,),
    )
    return [
        {
            "integration_id": one.name, "schema_name": schema, "table_name": table, "version": version, "valid_from": position,
            "noted": _time(noted), "json_schema": as_json, "avro_schema": avro,
        }
        for schema, table, version, position, noted, as_json, avro in found
    ]  # fmt: skip


_VIEWS: Mapping[str, Callable[[EngineSession, Integration, datetime], Rows]] = {
    "svv_integration": _integration,
    "svv_integration_lag": _lag,
    "svv_integration_table_state": _tables,
    "svv_integration_dump": _dumps,
    "svv_integration_output": _outputs,
    "svv_integration_schema": _schemas,
}


def _state(engine: EngineSession, one: Integration) -> tuple[str, str]:
    found = engine.fetch("SELECT state, message FROM boathouse.capture_states WHERE id = $1", (one.id,))
    return (str(found[0][0]), str(found[0][1])) if found else ("", "")


def _place(position: object) -> str | None:
    return None if position is None else str(position).partition("@")[0]


def _number(value: object) -> Any:
    return 0 if value is None else int(str(value))


def _time(value: object) -> datetime | None:
    """Stores keep times as such, or as their text."""
    return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(str(value))


def newest_schema(found: Rows, table: tuple[str, str], version: int | None, column: str) -> Any:
    """A version of a table's shape, of what `svv_integration_schema` shows; None where it is not known.

    Args:
        version: None for the newest.
        column: `json_schema` or `avro_schema`.
    """
    of_table = [one for one in found if (one["schema_name"].strip(), one["table_name"].strip()) == table]
    wanted = [one for one in of_table if version is None or one["version"] == version]
    return json.loads(max(wanted, key=lambda one: int(one["version"]))[column]) if wanted else None
