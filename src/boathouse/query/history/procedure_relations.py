"""Redshift's system tables about procedures, as views over the history: each CALL, and what its body told.

Columns, their order and types: Redshift Developer Guide, the page of each relation.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

LEVELS = {"LOG": 20, "INFO": 30, "NOTICE": 40, "WARNING": 50, "EXCEPTION": 60}
"""RAISE's levels and their numbers, least important first."""

_LEVEL = "CASE level " + " ".join(f"WHEN '{word}' THEN {number}" for word, number in LEVELS.items()) + " END::INTEGER"
_ABORTED = "SELECT aborted FROM memory.rs.history_statements made WHERE made.query = told.query"

PROCEDURE_RELATIONS = (
    SystemRelation(
        "svl_stored_proc_call",
        (
            ("userid", "integer"), ("session_userid", "integer"), ("query", "integer"), ("label", "char(320)"),
            ("xid", "bigint"), ("pid", "integer"), ("database", "char(32)"), ("querytxt", "char(4000)"),
            ("starttime", "timestamp"), ("endtime", "timestamp"), ("aborted", "integer"), ("from_sp_call", "integer"),
        ),
        "SELECT userid, session_userid, query::INTEGER AS query, CASE WHEN label = '' THEN 'default' ELSE label END AS "
        'label, xid, pid, db AS "database", left(text, 4000) AS querytxt, started AS starttime, ended AS endtime, '
        "aborted, caller::INTEGER AS from_sp_call FROM memory.rs.history_statements WHERE verb = 'CALL'",
        "userid",
    ),
    SystemRelation(
        "svl_stored_proc_messages",
        (
            ("userid", "integer"), ("session_userid", "integer"), ("pid", "integer"), ("xid", "bigint"),
            ("query", "integer"), ("recordtime", "timestamp"), ("loglevel", "integer"), ("loglevel_text", "char(10)"),
            ("message", "char(1024)"), ("linenum", "integer"), ("querytxt", "char(500)"), ("label", "char(320)"),
            ("aborted", "integer"), ("message_xid", "bigint"),
        ),
        f"SELECT userid, session_userid, pid, xid, query::INTEGER AS query, recorded AS recordtime, {_LEVEL} AS loglevel, "
        f"level AS loglevel_text, message, line AS linenum, text AS querytxt, label, ({_ABORTED}) AS aborted, "
        "message_xid FROM memory.rs.history_messages told",
        "userid",
    ),
    SystemRelation(
        "sys_procedure_messages",
        (
            ("transaction_id", "bigint"), ("query_id", "integer"), ("record_time", "timestamp"),
            ("log_level", "char(10)"), ("message", "char(1024)"), ("line_number", "integer"),
        ),
        "SELECT xid AS transaction_id, query::INTEGER AS query_id, recorded AS record_time, level AS log_level, message, "
        "line AS line_number FROM memory.rs.history_messages WHERE userid = getvariable('user_id') "
        "OR memory.rs.sees_all_rows()",
    ),
)  # fmt: skip
