"""What the system views show of integrations, their tables and their dumps: SQL over the room's own tables.

Columns of the first two: Redshift Developer Guide, "SVV_INTEGRATION", "SVV_INTEGRATION_TABLE_STATE"; the first one's reason, and
the third, are our own.
"""

from __future__ import annotations

from boathouse.capture.databases.names import TABLE_ROWS, TABLE_STATE
from boathouse.contracts.rooms import SystemRelation

_NOW = "(now() AT TIME ZONE 'UTC')"
_DATABASE = (
    "coalesce((SELECT any_value(b.name) FROM boathouse.capture_databases b WHERE b.integration = i.id), current_database()) "
    "AS target_database"
)

SYSTEM_RELATIONS = (
    SystemRelation(
        "svv_integration",
        (
            ("integration_id", "char(128)"), ("target_database", "char(128)"), ("source", "char(128)"),
            ("state", "char(128)"), ("current_lag", "bigint"), ("last_replicated_checkpoint", "char(128)"),
            ("total_tables_replicated", "integer"), ("total_tables_failed", "integer"), ("creation_time", "timestamp"),
            ("refresh_interval", "integer"), ("source_database", "char(128)"), ("is_history_mode", "boolean"),
            ("reason", "varchar(1000)"),
        ),
        f"SELECT i.name AS integration_id, {_DATABASE}, upper(i.kind) AS source, "
        "CASE WHEN i.paused THEN 'PausedState' WHEN s.state = 'failed' THEN 'ErrorState' WHEN s.state = 'retrying' THEN "
        "'RetryingState' WHEN s.state IS NULL THEN 'PendingDbConnectState' ELSE 'CdcRefreshState' END AS state, "
        f"(date_diff('millisecond', coalesce(g.caught_up, p.noted), {_NOW}))::BIGINT AS current_lag, "
        "split_part(p.position, '@', 1) AS last_replicated_checkpoint, "
        "(SELECT count(*) FROM boathouse.capture_tables t WHERE t.id = i.id AND t.reason IS NULL)::INTEGER "
        "AS total_tables_replicated, (SELECT count(*) FROM boathouse.capture_tables t WHERE t.id = i.id AND t.reason IS NOT "
        "NULL)::INTEGER AS total_tables_failed, i.created AS creation_time, i.refresh_seconds::INTEGER AS refresh_interval, "
        "p.source_database, i.history IS NOT NULL AS is_history_mode, coalesce(s.message, '') AS reason FROM "
        "boathouse.capture_integrations i "
        "LEFT JOIN boathouse.capture_progress p ON p.id = i.id LEFT JOIN boathouse.capture_states s ON s.id = i.id "
        "LEFT JOIN boathouse.capture_lags g ON g.id = i.id",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_integration_lag",
        (
            ("integration_id", "char(128)"), ("noted", "timestamp"), ("caught_up", "timestamp"), ("bytes_behind", "bigint"),
            ("transactions_behind", "bigint"), ("log_kept_from", "varchar(128)"), ("log_kept_bytes", "bigint"),
            ("log_kept_state", "varchar(16)"), ("open_window", "varchar(260)"), ("keys_remembered", "bigint"),
        ),
        "SELECT i.name AS integration_id, g.noted, g.caught_up, g.bytes_behind, g.transactions_behind, "
        "g.kept_from AS log_kept_from, g.kept_bytes AS log_kept_bytes, g.kept_state AS log_kept_state, g.open_window, "
        "g.keys_remembered FROM boathouse.capture_lags g JOIN boathouse.capture_integrations i USING (id)",
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
        f"SELECT i.name AS integration_id, {_DATABASE}, t.schema_name, t.table_name, "
        f"{TABLE_STATE} AS table_state, split_part(p.position, '@', 1) AS table_last_replicated_checkpoint, "
        "left(coalesce(t.reason, s.message, ''), 256) AS reason, p.noted AS last_updated_timestamp, "
        f"{TABLE_ROWS}::BIGINT AS table_rows, "
        "coalesce(t.history, false) AS is_history_mode FROM boathouse.capture_tables t "
        "JOIN boathouse.capture_integrations i USING (id) "
        "LEFT JOIN boathouse.capture_progress p ON p.id = i.id LEFT JOIN boathouse.capture_states s ON s.id = i.id",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_integration_dump",
        (
            ("integration_id", "char(128)"), ("dump_id", "bigint"), ("schema_name", "varchar(128)"),
            ("table_name", "varchar(128)"), ("dump_state", "varchar(16)"), ("by_keys", "boolean"), ("chunks", "bigint"),
            ("rows", "bigint"), ("rows_estimated", "bigint"), ("seconds_left", "bigint"), ("requested", "timestamp"),
            ("began", "timestamp"), ("ended", "timestamp"), ("chunk_rows", "bigint"), ("chunk_pause_seconds", "double precision"),
            ("reason", "varchar(256)"),
        ),
        "SELECT i.name AS integration_id, d.number AS dump_id, d.schema_name, d.table_name, d.state AS dump_state, "
        "d.keys IS NOT NULL AS by_keys, d.chunks, d.rows, greatest(d.rows_about, d.rows) AS rows_estimated, "
        "CASE WHEN d.state = 'running' AND d.rows > 0 AND d.rows_about IS NOT NULL THEN "
        f"(date_diff('second', d.began, {_NOW}) * greatest(d.rows_about - d.rows, 0) / d.rows)::BIGINT END AS seconds_left, "
        "d.requested, d.began, d.ended, p.chunk_rows, p.pause_seconds AS chunk_pause_seconds, "
        "left(d.reason, 256) AS reason FROM boathouse.capture_dumps d "
        "JOIN boathouse.capture_integrations i USING (id) LEFT JOIN boathouse.capture_paces p USING (id)",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_integration_output",
        (
            ("integration_id", "char(128)"), ("output_name", "varchar(128)"), ("place", "varchar(1024)"),
            ("format", "varchar(16)"), ("on_failure", "varchar(16)"), ("output_state", "varchar(16)"),
            ("last_place", "varchar(64)"),
            ("entries_behind", "bigint"), ("bytes_behind", "bigint"), ("reason", "varchar(256)"),
            ("secret", "varchar(128)"),
            ("options", "varchar(65535)"), ("guarantee", "varchar(64)"),
        ),
        "SELECT i.name AS integration_id, o.name AS output_name, o.place, o.format, o.on_failure, "
        "coalesce(s.state, 'new') AS output_state, CASE WHEN s.number >= 0 THEN s.sequence || '.' || s.number "
        "WHEN s.sequence > 0 THEN (s.sequence - 1) || '.*' END AS last_place, "
        "CASE WHEN s.state <> 'dropped' THEN greatest(p.journal + 1 - s.sequence, 0) END AS entries_behind, "
        "s.behind AS bytes_behind, "
        "left(s.message, 256) AS reason, o.secret, o.options, o.guarantee FROM boathouse.capture_outputs o "
        "JOIN boathouse.capture_integrations i USING (id) LEFT JOIN boathouse.capture_output_states s "
        "ON s.id = o.id AND s.name = o.name LEFT JOIN boathouse.capture_progress p ON p.id = o.id",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_integration_schema",
        (
            ("integration_id", "char(128)"), ("schema_name", "varchar(128)"), ("table_name", "varchar(128)"),
            ("version", "bigint"), ("valid_from", "varchar(65535)"), ("noted", "timestamp"),
            ("json_schema", "varchar(65535)"), ("avro_schema", "varchar(65535)"),
        ),
        "SELECT i.name AS integration_id, v.schema_name, v.table_name, v.version, v.position AS valid_from, v.noted, "
        "v.json_schema, v.avro_schema FROM boathouse.capture_schemas v JOIN boathouse.capture_integrations i USING (id)",
        superusers_only=True,
    ),
)  # fmt: skip
