"""pg_settings, pg_stat_activity and their like: what sessions are, and how they are set, at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from boathouse.contracts.observing import CursorFacts
from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.system.snapshot import Viewer
from boathouse.sql.redshift.patterns.zones import ABBREVIATIONS

_SETTING_COLUMNS = (
    ("name", "text"), ("setting", "text"), ("unit", "text"), ("category", "text"), ("short_desc", "text"),
    ("extra_desc", "text"), ("context", "text"), ("vartype", "text"), ("source", "text"), ("min_val", "text"),
    ("max_val", "text"), ("enumvals", "text[]"), ("boot_val", "text"), ("reset_val", "text"), ("sourcefile", "text"),
    ("sourceline", "integer"), ("pending_restart", "boolean"),
)  # fmt: skip

_SUMMERS = (
    "ACDT", "ADT", "AEDT", "AKDT", "BRST", "BST", "CDT", "CEST", "CLST", "EDT", "EEST", "EGST", "IDT", "MDT", "MSD", "NDT",
    "NZDT", "PDT", "WADT",
)  # fmt: skip
_ABBREVIATED = ", ".join(
    f"('{name}', {minutes}, {str(name in _SUMMERS).lower()})" for name, minutes in sorted(ABBREVIATIONS.items())
)
_ACTIVITY_COLUMNS = (
    ("datid", "oid"), ("datname", "name"), ("pid", "integer"), ("leader_pid", "integer"), ("usesysid", "oid"),
    ("usename", "name"), ("application_name", "text"), ("client_addr", "inet"), ("client_hostname", "text"),
    ("client_port", "integer"), ("backend_start", "timestamptz"), ("xact_start", "timestamptz"),
    ("query_start", "timestamptz"), ("state_change", "timestamptz"), ("wait_event_type", "text"), ("wait_event", "text"),
    ("state", "text"), ("backend_xid", "xid"), ("backend_xmin", "xid"), ("query_id", "bigint"), ("query", "text"),
    ("backend_type", "text"), ("procpid", "integer"), ("current_query", "text"),
)  # fmt: skip

_RUNNING = "query_started IS NOT NULL AND query_ended IS NULL"

ACTIVITY = (
    SystemRelation(
        "pg_settings",
        _SETTING_COLUMNS,
        "SELECT name, setting, NULL::VARCHAR AS unit, 'Session' AS category, name AS short_desc, "
        "NULL::VARCHAR AS extra_desc, CASE WHEN fixed THEN 'internal' ELSE 'user' END AS context, "
        "CASE WHEN setting IN ('on', 'off') THEN 'bool' WHEN regexp_full_match(setting, '-?[0-9]+') THEN 'integer' "
        "ELSE 'string' END AS vartype, CASE WHEN setting = start THEN 'default' ELSE 'session' END AS source, "
        "NULL::VARCHAR AS min_val, NULL::VARCHAR AS max_val, NULL::VARCHAR[] AS enumvals, start AS boot_val, "
        "start AS reset_val, NULL::VARCHAR AS sourcefile, NULL::INTEGER AS sourceline, false AS pending_restart "
        "FROM system.session_settings",
        kept=True,
    ),
    SystemRelation(
        "pg_stat_activity",
        _ACTIVITY_COLUMNS,
        "SELECT 16384::BIGINT AS datid, db AS datname, pid, NULL::INTEGER AS leader_pid, userid::BIGINT AS usesysid, "
        "username AS usename, NULL::VARCHAR AS application_name, NULL::VARCHAR AS client_addr, NULL::VARCHAR AS client_hostname, "
        "NULL::INTEGER AS client_port, started::TIMESTAMPTZ AS backend_start, "
        f"CASE WHEN {_RUNNING} THEN query_started END::TIMESTAMPTZ AS xact_start, "
        "query_started::TIMESTAMPTZ AS query_start, coalesce(query_ended, query_started)::TIMESTAMPTZ AS state_change, "
        "NULL::VARCHAR AS wait_event_type, NULL::VARCHAR AS wait_event, "
        f"CASE WHEN {_RUNNING} THEN 'active' ELSE 'idle' END AS state, NULL::BIGINT AS backend_xid, "
        "NULL::BIGINT AS backend_xmin, NULL::BIGINT AS query_id, text AS query, 'client backend' AS backend_type, "
        f"pid AS procpid, CASE WHEN {_RUNNING} THEN text ELSE '<IDLE>' END AS current_query "
        "FROM memory.rs.live_sessions",
        "usesysid",
    ),
    SystemRelation(
        "pg_locks",
        (
            ("locktype", "text"), ("database", "oid"), ("relation", "oid"), ("page", "integer"), ("tuple", "smallint"),
            ("virtualxid", "text"), ("transactionid", "xid"), ("classid", "oid"), ("objid", "oid"),
            ("objsubid", "smallint"), ("virtualtransaction", "text"), ("pid", "integer"), ("mode", "text"),
            ("granted", "boolean"), ("fastpath", "boolean"), ("waitstart", "timestamptz"), ("transaction", "xid"),
        ),
        "SELECT NULL::VARCHAR AS locktype, NULL::BIGINT AS database, NULL::BIGINT AS relation, NULL::INTEGER AS page, "
        "NULL::SMALLINT AS tuple, NULL::VARCHAR AS virtualxid, NULL::BIGINT AS transactionid, NULL::BIGINT AS classid, "
        "NULL::BIGINT AS objid, NULL::SMALLINT AS objsubid, NULL::VARCHAR AS virtualtransaction, NULL::INTEGER AS pid, "
        'NULL::VARCHAR AS mode, NULL::BOOLEAN AS granted, NULL::BOOLEAN AS fastpath, NULL::TIMESTAMPTZ AS waitstart, '
        'NULL::BIGINT AS "transaction" WHERE false',
    ),
    SystemRelation(
        "pg_prepared_statements",
        (
            ("name", "text"), ("statement", "text"), ("prepare_time", "timestamptz"), ("parameter_types", "text[]"),
            ("from_sql", "boolean"),
        ),
        "SELECT name, statement, NULL::TIMESTAMPTZ AS prepare_time, types AS parameter_types, true AS from_sql "
        "FROM system.session_prepared",
        kept=True,
    ),
    SystemRelation(
        "pg_cursors",
        (
            ("name", "text"), ("statement", "text"), ("is_holdable", "boolean"), ("is_binary", "boolean"),
            ("is_scrollable", "boolean"), ("creation_time", "timestamptz"),
        ),
        "SELECT name, NULL::VARCHAR AS statement, NULL::BOOLEAN AS is_holdable, false AS is_binary, "
        "false AS is_scrollable, started AS creation_time FROM system.session_cursors",
        kept=True,
    ),
    *(
        SystemRelation(
            name,
            (("name", "text"), ("abbrev", "text"), ("utc_offset", "interval"), ("is_dst", "boolean")),
            "SELECT name, abbrev, utc_offset, is_dst FROM system.main.pg_timezone_names()",
        )
        for name in ("pg_timezone_names", "pg_timezone_names()")
    ),
    *(
        SystemRelation(
            name,
            (("abbrev", "text"), ("utc_offset", "interval"), ("is_dst", "boolean")),
            f"SELECT abbrev, to_minutes(minutes) AS utc_offset, is_dst FROM (VALUES {_ABBREVIATED}) z(abbrev, minutes, is_dst)",
        )
        for name in ("pg_timezone_abbrevs", "pg_timezone_abbrevs()")
    ),
)  # fmt: skip
"""Sessions do not wait for locks here: a transaction that meets another's change fails, so `pg_locks` is empty."""

LIVE = frozenset((
    "pg_settings", "session_settings", "owners", "pg_prepared_statements", "session_prepared", "pg_cursors",
    "session_cursors",
))  # fmt: skip
"""Never kept: they change without the catalog."""


class _Parameters(Protocol):
    def all(self) -> list[tuple[str, str]]: ...

    def starts(self) -> dict[str, str]: ...

    def is_fixed(self, name: str) -> bool: ...


class _Prepared(Protocol):
    @property
    def statement(self) -> _Text: ...

    @property
    def types(self) -> Sequence[object]: ...


class _Text(Protocol):
    @property
    def text(self) -> str: ...


class _Cursors(Protocol):
    @property
    def facts(self) -> Mapping[str, CursorFacts]: ...


class _Session(Viewer, Protocol):
    """A session as this module sees it, beyond what the snapshot needs."""

    @property
    def parameters(self) -> _Parameters: ...

    @property
    def prepared(self) -> Mapping[str, _Prepared]: ...

    @property
    def cursors(self) -> _Cursors: ...


def session_settings(viewer: _Session, table: Callable[[str], pa.Table]) -> pa.Table:
    """The session's parameters."""
    starts = viewer.parameters.starts()
    rows = viewer.parameters.all()
    return pa.table({
        "name": pa.array([name for name, _ in rows], pa.string()),
        "setting": pa.array([value for _, value in rows], pa.string()),
        "start": pa.array([starts.get(name, "") for name, _ in rows], pa.string()),
        "fixed": pa.array([viewer.parameters.is_fixed(name) for name, _ in rows], pa.bool_()),
    })  # fmt: skip


def session_prepared(viewer: _Session, table: Callable[[str], pa.Table]) -> pa.Table:
    """What the session has prepared by PREPARE."""
    found = list(viewer.prepared.items())
    return pa.table({
        "name": pa.array([name for name, _ in found], pa.string()),
        "statement": pa.array([one.statement.text for _, one in found], pa.string()),
        "types": pa.array([[str(kind) for kind in one.types] for _, one in found], pa.list_(pa.string())),
    })  # fmt: skip


def session_cursors(viewer: _Session, table: Callable[[str], pa.Table]) -> pa.Table:
    """The session's open cursors."""
    found = list(viewer.cursors.facts.values())
    return pa.table({
        "name": pa.array([one.name for one in found], pa.string()),
        "started": pa.array([one.started for one in found], pa.timestamp("us", "UTC")),
    })  # fmt: skip
