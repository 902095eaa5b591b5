"""What of the scripts a lake answers differently, statement by statement; see `lake_gaps` for whole scripts.

Where a script makes one table that a lake refuses, it and what asks for it are named here, and the rest of the script must answer
as it is written. A statement that is named must differ: one that works makes the test fail.
"""

from __future__ import annotations

_SUPER = "no SUPER columns"
_NAMES = "its plans name tables without their schemas"
_STEPS = "its plans tell no inserts and deletes from other steps"

STATEMENTS: dict[str, dict[str, str]] = {
    "connect_by/joins": dict.fromkeys(("CREATE TABLE carts", "INSERT INTO carts", "SELECT c.id, l.sku"), _SUPER),
    "copy/errors": dict.fromkeys(("CREATE TABLE narrow", "COPY narrow"), _SUPER),
    "copy/json": dict.fromkeys(("CREATE TABLE documents", "COPY documents", "SELECT whole.names[1]"), _SUPER),
    "explain/plans": {
        "EXPLAIN DELETE FROM t": _NAMES,
        "EXPLAIN INSERT INTO t": "writing the file is a step of its plans",
    },
    "history/maintenance": {
        "SELECT trim(v.status)": "VACUUM has work to do",
        "SELECT vacuum_type, status": "VACUUM has work to do",
    },
    "history/outcomes": {
        "SELECT trim(s.perm_table_name)": _NAMES,
        "SELECT i.rows FROM stl_insert": _STEPS,
        "SELECT d.rows FROM stl_delete": _STEPS,
    },
    "history/query_steps": dict.fromkeys(
        ("SELECT trim(label) AS label, rows", "SELECT trim(step_name) AS step, trim(table_name)"), _NAMES
    ),
    "history/further_relations": {"SELECT segment, step_type, step,": "its plans have fewer steps"},
}
"""Script → how its statements begin → the reason, as docs/storage.md gives it."""


def differs(script: str, sql: str) -> str | None:
    """The reason why a lake answers a statement differently; None where it does not."""
    return next((reason for start, reason in STATEMENTS.get(script, {}).items() if sql.startswith(start)), None)
