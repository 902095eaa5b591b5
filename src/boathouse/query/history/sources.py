"""Views of the history's files and of what runs now, in the process's own database.

The system relations, here and in other rooms, are views over these: `memory.rs.history_statements`,
`history_connections`, `history_sessions`, `history_messages`, `history_profiles`, `history_scans`, `live_statements`,
`live_sessions` and `live_cursors`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from boathouse.query.history.profiles import PROFILE
from boathouse.query.history.rows import CONNECTION, CURSOR, LIVE_SESSION, MESSAGE, SCAN, SESSION, STATEMENT

LIVE_FUNCTION = "boathouse_live"
LINE_BYTES_MAX = 1024 * 1024
"""Of a text of 65,535 characters, each at most twelve bytes of JSON, and the rest. The engine's reader takes twice as much
memory for each of its threads; at its own 16 MB, a look at the log needed more than a small warehouse had.
"""
_MOMENTS = frozenset(
    {
        "started", "planned", "ended", "recorded", "listed", "query_started", "query_ended", "transaction_started", "entered",
        "admitted",
    }
)  # fmt: skip


def source_views(
    statements: str, connections: str, sessions: str, messages: str, profiles: str, scans: str
) -> list[str]:
    """The views' SQL over files that these patterns match."""
    return [
        _over_files("history_statements", statements, STATEMENT, "query"),
        _over_files("history_connections", connections, CONNECTION, "event"),
        _over_files("history_sessions", sessions, SESSION, "pid"),
        _over_files("history_messages", messages, MESSAGE, "query"),
        _over_files("history_profiles", profiles, PROFILE, "query"),
        _over_files("history_scans", scans, SCAN, "query"),
        _over_memory("live_statements", "statements", STATEMENT),
        _over_memory("live_sessions", "sessions", LIVE_SESSION),
        _over_memory("live_cursors", "cursors", CURSOR),
    ]


def _over_files(name: str, pattern: str, columns: Mapping[str, str], present: str) -> str:
    quoted = pattern.replace("'", "''")
    kinds = ", ".join(f"{column}: '{kind}'" for column, kind in columns.items())
    # A line that a crash cut short is skipped, or read as a row of nothing.
    read = (
        f"read_json('{quoted}', format = 'newline_delimited', ignore_errors = true, columns = {{{kinds}}}, "
        f"maximum_object_size = {LINE_BYTES_MAX})"
    )
    return (
        f"CREATE OR REPLACE VIEW memory.rs.{name} AS SELECT {_shown(columns)} FROM {read} WHERE {present} IS NOT NULL"
    )


def _over_memory(name: str, what: str, columns: Mapping[str, str]) -> str:
    kinds = json.dumps([columns])
    rows = f"SELECT unnest(from_json({LIVE_FUNCTION}('{what}'), '{kinds}'), recursive := true)"
    return f"CREATE OR REPLACE VIEW memory.rs.{name} AS SELECT {_shown(columns)} FROM ({rows})"


def _shown(columns: Mapping[str, str]) -> str:
    return ", ".join(f"make_timestamp({name}) AS {name}" if name in _MOMENTS else name for name in columns)
