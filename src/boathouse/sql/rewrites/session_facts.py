"""Facts of the session and the moment: who, where, when.

Received: CURRENT_USER, GETDATE() and their like. Handed back: reads of session variables, which the journey sets just
before a statement whose text has them, so that one plan serves every session.

Source: Redshift Developer Guide, "System information functions", "GETDATE", "SYSDATE".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.contracts.types import SqlType
from boathouse.sql.rewrites.forms import ENGINE_CALL, call, cast, literal_text, number, text

_FACTS: dict[str, tuple[str, SqlType]] = {
    "current_user": ("current_user", t.NAME),
    "user": ("current_user", t.NAME),
    "session_user": ("session_user", t.NAME),
    "current_user_id": ("current_user_id", t.INTEGER),
    "current_database": ("current_database", t.NAME),
    "current_schema": ("current_schema", t.NAME),
    "pg_backend_pid": ("backend_pid", t.INTEGER),
    "pg_last_query_id": ("last_query_id", t.INTEGER),
    "pg_last_copy_count": ("last_copy_count", t.BIGINT),
    "pg_last_copy_id": ("last_copy_id", t.BIGINT),
    "pg_last_unload_count": ("last_unload_count", t.BIGINT),
    "pg_last_unload_id": ("last_unload_id", t.BIGINT),
    "getdate": ("statement_start", t.TIMESTAMP),
    "sysdate": ("transaction_start", t.TIMESTAMP),
    "now": ("transaction_start", t.TIMESTAMPTZ),
    "current_date": ("transaction_start", t.DATE),
    "current_timestamp": ("transaction_start", t.TIMESTAMPTZ),
}
_CLASSES: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.CurrentUser, "current_user"),
    (exp.SessionUser, "session_user"),
    (exp.CurrentUserId, "current_user_id"),
    (exp.CurrentSchema, "current_schema"),
    (exp.CurrentDatabase, "current_database"),
    (exp.CurrentDate, "current_date"),
    (exp.CurrentVersion, "version"),
    (exp.CurrentSchemas, "current_schemas"),
)


def rewrite_session_fact(node: exp.Expression) -> exp.Expression:
    """Rewrite one such call."""
    name = _name(node)
    if name is None:
        return node
    if name in _FACTS:
        variable, of = _FACTS[name]
        return cast(_read(variable), of)
    if name == "slice_num":
        return number(0)
    if name == "db_collation":
        return text("case_sensitive")
    if name == "version":
        return cast(_read("server"), t.TEXT)
    if name == "timeofday":
        return call("strftime", cast(_read("statement_start"), t.TIMESTAMP), text("%a %b %d %H:%M:%S.%f %Y UTC"))
    if name == "current_schemas":
        shown = cast(_read("current_schemas"), t.VARCHAR)
        implicit = node.this if isinstance(node, exp.CurrentSchemas) else next(iter(node.expressions), None)
        if isinstance(implicit, exp.Boolean) and implicit.this:
            shown = exp.DPipe(this=text("pg_catalog,"), expression=shown)
        return call("string_split", shown, text(","))
    setting = literal_text(node.expressions[0]) if node.expressions else None
    if setting is None:
        if not node.expressions:
            raise FeatureNotSupported("CURRENT_SETTING takes a name")
        return call("rs.setting_of", node.expressions[0], text("system:session_settings"), of=t.VARCHAR)
    if not setting.replace("_", "").replace(".", "").isalnum():
        raise InvalidParameterValue("invalid setting name")
    optional = len(node.expressions) > 1 and isinstance(node.expressions[1], exp.Boolean) and node.expressions[1].this
    return cast(_read(f"{'optional' if optional else 'setting'}_{setting.lower()}"), t.VARCHAR)


_SPECIAL_DAYS = {"now": 0, "today": 0, "tomorrow": 1, "yesterday": -1}


def special_moment(literal: str | None, wanted: SqlType) -> exp.Expression | None:
    """`'now'`, `'today'`, `'tomorrow'` and `'yesterday'` read as a date or a timestamp; None for other texts."""
    word = (literal or "").strip().lower()
    if word not in _SPECIAL_DAYS or wanted not in (t.DATE, t.TIMESTAMP, t.TIMESTAMPTZ):
        return None
    start = _read("transaction_start")
    if word == "now":
        return cast(start, wanted)
    return cast(exp.Paren(this=exp.Add(this=cast(start, t.DATE), expression=number(_SPECIAL_DAYS[word]))), wanted)


def _name(node: exp.Expression) -> str | None:
    if isinstance(node, exp.CurrentTimestamp):
        return "sysdate" if node.args.get("sysdate") else "current_timestamp"
    for kind, name in _CLASSES:
        if isinstance(node, kind):
            return name
    if isinstance(node, exp.Anonymous) and not node.meta.get(ENGINE_CALL):
        name = str(node.this).lower()
        if name in ("current_schemas", "current_setting"):
            return name
        if (name in _FACTS or name in ("version", "timeofday", "slice_num", "db_collation")) and not node.expressions:
            return name
    return None


def _read(variable: str) -> exp.Expression:
    return call("getvariable", exp.Literal.string(variable))
