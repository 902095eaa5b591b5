"""Redshift's system tables about sessions, connections and what runs now, as views over the history and the moment.

Columns, their order and types: Redshift Developer Guide, the page of each relation.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_RUNNING = "query_started IS NOT NULL AND query_ended IS NULL"

_CONNECTION = (
    ("event", "event", "char(50)"), ("recordtime", "recorded", "timestamp"), ("remotehost", "host", "char(45)"),
    ("remoteport", "port", "char(32)"), ("pid", "pid", "integer"), ("dbname", "db", "char(50)"),
    ("username", "username", "char(50)"), ("authmethod", "method", "char(32)"), ("duration", "duration", "bigint"),
    ("sslversion", "tls_version", "char(50)"), ("sslcipher", "tls_cipher", "char(128)"),
    ("mtu", "NULL::INTEGER", "integer"), ("sslcompression", "NULL::VARCHAR", "char(64)"),
    ("sslexpansion", "NULL::VARCHAR", "char(64)"), ("iamauthguid", "NULL::VARCHAR", "char(36)"),
    ("application_name", "application_name", "char(250)"), ("os_version", "os_version", "char(64)"),
    ("driver_version", "driver_version", "char(64)"), ("plugin_name", "plugin_name", "char(32)"),
    ("protocol_version", "protocol_version", "integer"),
)  # fmt: skip
_NEW_NAMES = {
    "recordtime": "record_time", "remotehost": "remote_host", "remoteport": "remote_port", "pid": "session_id",
    "dbname": "database_name", "username": "user_name", "authmethod": "auth_method", "sslversion": "ssl_version",
    "sslcipher": "ssl_cipher", "sslcompression": "ssl_compression", "sslexpansion": "ssl_expansion",
    "iamauthguid": "iam_auth_guid",
}  # fmt: skip
_NEW_ORDER = ("driver_version", "os_version")
"""`sys_connection_log` has these two the other way round."""


def _connections(name: str, columns: tuple[tuple[str, str, str], ...]) -> SystemRelation:
    shown = ", ".join(f'{source} AS "{column}"' for column, source, _ in columns)
    return SystemRelation(
        name,
        tuple((column, kind) for column, _, kind in columns),
        f"SELECT {shown} FROM memory.rs.history_connections WHERE event NOT IN ('cancel', 'terminate')",
        superusers_only=True,
    )


def _renamed() -> tuple[tuple[str, str, str], ...]:
    found = [(_NEW_NAMES.get(column, column), source, kind) for column, source, kind in _CONNECTION]
    places = [place for place, one in enumerate(found) if one[0] in _NEW_ORDER]
    found[places[0]], found[places[1]] = found[places[1]], found[places[0]]
    return tuple(found)


SESSION_RELATIONS = (
    SystemRelation(
        "stv_recents",
        (
            ("userid", "integer"), ("status", "char(20)"), ("starttime", "timestamp"), ("duration", "bigint"),
            ("user_name", "char(50)"), ("db_name", "char(50)"), ("query", "char(600)"), ("pid", "integer"),
        ),
        f"SELECT userid, CASE WHEN {_RUNNING} THEN 'Running' ELSE 'Done' END AS status, query_started AS starttime, "
        "date_diff('microsecond', query_started, coalesce(query_ended, now() AT TIME ZONE 'UTC')) AS duration, "
        "username AS user_name, db AS db_name, left(text, 600) AS query, "
        f"CASE WHEN {_RUNNING} THEN pid ELSE -1 END AS pid "
        "FROM memory.rs.live_sessions WHERE query_started IS NOT NULL",
        "userid",
    ),
    SystemRelation(
        "stv_inflight",
        (
            ("userid", "integer"), ("slice", "integer"), ("query", "integer"), ("label", "char(320)"),
            ("xid", "bigint"), ("pid", "integer"), ("starttime", "timestamp"), ("text", "char(100)"),
            ("suspended", "integer"), ("insert_pristine", "integer"), ("concurrency_scaling_status", "integer"),
        ),
        "SELECT userid, 0::INTEGER AS slice, query::INTEGER AS query, label, xid, pid, started AS starttime, "
        "left(text, 100) AS text, 0::INTEGER AS suspended, 0::INTEGER AS insert_pristine, "
        "(burst IS NOT NULL)::INTEGER AS concurrency_scaling_status "
        "FROM memory.rs.live_statements WHERE kind = 'query' AND ended IS NULL",
        "userid",
    ),
    SystemRelation(
        "stv_sessions",
        (
            ("starttime", "timestamp"), ("process", "integer"), ("user_name", "char(50)"), ("db_name", "char(50)"),
            ("timeout_sec", "integer"),
        ),
        "SELECT started AS starttime, pid AS process, username AS user_name, db AS db_name, timeout AS timeout_sec "
        "FROM memory.rs.live_sessions",
    ),
    SystemRelation(
        "pg_stat_activity",
        (
            ("datid", "oid"), ("datname", "name"), ("procpid", "integer"), ("usesysid", "integer"),
            ("usename", "name"), ("current_query", "text"), ("query_start", "timestamptz"),
        ),
        "SELECT 1::BIGINT AS datid, db AS datname, pid AS procpid, userid AS usesysid, username AS usename, "
        "CASE WHEN query_started IS NULL OR query_ended IS NOT NULL THEN '<IDLE>' ELSE text END AS current_query, "
        "query_started AT TIME ZONE 'UTC' AS query_start FROM memory.rs.live_sessions",
        "usesysid",
    ),
    SystemRelation(
        "stv_active_cursors",
        (
            ("userid", "integer"), ("name", "varchar(256)"), ("xid", "bigint"), ("pid", "integer"),
            ("starttime", "timestamp"), ("row_count", "bigint"), ("byte_count", "bigint"), ("fetched_rows", "bigint"),
        ),
        # A cursor's rows are computed as they are fetched: how many there will be is not known.
        "SELECT userid, name, xid, pid, started AS starttime, NULL::BIGINT AS row_count, NULL::BIGINT AS byte_count, "
        "fetched AS fetched_rows FROM memory.rs.live_cursors",
        "userid",
    ),
    SystemRelation(
        "stv_cursor_configuration",
        (
            ("current_cursor_count", "integer"), ("max_diskspace_usable", "integer"),
            ("current_diskspace_used", "integer"),
        ),
        # What a cursor gives is computed as it is fetched: nothing of it lies on the disk, and nothing limits it.
        "SELECT count(*)::INTEGER AS current_cursor_count, NULL::INTEGER AS max_diskspace_usable, "
        "0::INTEGER AS current_diskspace_used FROM memory.rs.live_cursors",
        superusers_only=True,
    ),
    SystemRelation(
        "stl_sessions",
        (
            ("userid", "integer"), ("starttime", "timestamp"), ("endtime", "timestamp"), ("process", "integer"),
            ("user_name", "char(50)"), ("db_name", "char(50)"), ("timeout_sec", "integer"), ("timed_out", "integer"),
        ),
        "SELECT userid, started AS starttime, ended AS endtime, pid AS process, username AS user_name, db AS db_name, "
        "timeout AS timeout_sec, coalesce(timed_out, 0) AS timed_out FROM memory.rs.history_sessions",
        "userid",
    ),
    SystemRelation(
        "sys_session_history",
        (
            ("user_id", "integer"), ("session_id", "integer"), ("database_name", "char(128)"), ("status", "char(10)"),
            ("session_timeout", "integer"), ("start_time", "timestamp"), ("end_time", "timestamp"),
        ),
        "SELECT userid AS user_id, pid AS session_id, db AS database_name, 'closed' AS status, timeout AS "
        "session_timeout, started AS start_time, ended AS end_time FROM memory.rs.history_sessions UNION ALL "
        "SELECT userid, pid, db, 'active', timeout, started, NULL FROM memory.rs.live_sessions",
        "user_id",
    ),
    _connections("stl_connection_log", _CONNECTION),
    _connections("sys_connection_log", _renamed()),
    SystemRelation(
        "svl_terminate",
        (("pid", "integer"), ("eventtime", "timestamp"), ("userid", "integer"), ("type", "char(50)")),
        "SELECT pid, recorded AS eventtime, userid, upper(event) AS type FROM memory.rs.history_connections "
        "WHERE event IN ('cancel', 'terminate')",
        "userid",
    ),
    SystemRelation(
        "svv_transactions",
        (
            ("txn_owner", "varchar"), ("txn_db", "varchar"), ("xid", "bigint"), ("pid", "integer"),
            ("txn_start", "timestamp"), ("lock_mode", "varchar"), ("lockable_object_type", "varchar"),
            ("relation", "integer"), ("granted", "boolean"),
        ),
        # Readers and writers do not lock each other out here: a transaction holds the lock on its own number alone.
        "SELECT username AS txn_owner, db AS txn_db, xid, pid, transaction_started AS txn_start, 'ExclusiveLock' AS "
        "lock_mode, 'transactionid' AS lockable_object_type, NULL::INTEGER AS relation, true AS granted "
        "FROM memory.rs.live_sessions WHERE in_transaction",
    ),
)  # fmt: skip
