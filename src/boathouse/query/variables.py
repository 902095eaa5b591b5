"""Session variables: facts of a session that a statement's SQL reads with `getvariable('name')`.

`current_user`, GETDATE() and their like become such reads, so that a plan holds no fact of one session or one moment
and serves every session. Set on the engine just before a statement that reads them, and only then.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, InvalidParameterValue
from boathouse.sql.redshift.patterns.zones import engine_zone

REDSHIFT = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.118217 (Boathouse 0.1.0)"
)
POSTGRES = "PostgreSQL 15.0 (Boathouse 0.1.0) on x86_64-pc-linux-gnu, 64-bit"
"""What VERSION() says, by the session's personality."""

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


READ = re.compile(r"getvariable\('([a-z_][a-z_0-9.]*)'\)", re.IGNORECASE)
"""In an engine's text."""


def variables_in(sql: str) -> tuple[str, ...]:
    """The variables that an engine's text reads."""
    return tuple(dict.fromkeys(name.lower() for name in READ.findall(sql)))


def variable_sql(session: QuerySession, name: str) -> str | None:
    """The engine statement that sets the variable; None for those that rooms set themselves (`last_copy_count`)."""
    if name == "statement_start":
        return _timestamp(name, session.house.clock.now().replace(microsecond=0).isoformat(sep=" "))
    if name == "transaction_start":
        return _timestamp(name, session.transaction_start.isoformat(sep=" "))
    if name == "server":
        return _text(name, POSTGRES if session.parameters.is_postgres else REDSHIFT)
    if name == "current_user":
        return _text(name, session.user)
    if name == "session_user":
        return _text(name, session.identity.session_user.name)
    if name == "current_user_id":
        return f"SET VARIABLE current_user_id = {session.user_id}::INTEGER"
    if name == "current_database":
        return _text(name, session.database)
    if name == "current_schema":
        existing = [schema for schema in session.search_path() if session.catalog.has_schema(schema)]
        return _text(name, existing[0] if existing else None)
    if name == "current_schemas":
        existing = [schema for schema in session.search_path() if session.catalog.has_schema(schema)]
        return _text(name, ",".join(existing))
    if name == "backend_pid":
        return f"SET VARIABLE backend_pid = {session.pid}::INTEGER"
    if name == "last_query_id":
        return f"SET VARIABLE last_query_id = {session.observed.last_query or -1}::INTEGER"
    if name.startswith("config_"):
        setting, value, local = json.loads(bytes.fromhex(name.removeprefix("config_")))
        session.set_parameter(setting, value, local=local)
        return _text(name, session.setting(setting))
    if name.startswith("optional_"):
        return _text(name, dict(session.parameters.all()).get(name.removeprefix("optional_")))
    if name.startswith("setting_"):
        return _text(name, session.setting(name.removeprefix("setting_")))
    return None


def set_zone(engine: EngineSession, zone: str) -> None:
    """Set the session's time zone.

    Raises:
        InvalidParameterValue: there is no such zone. FeatureNotSupported: see `engine_zone`.
    """
    quoted = engine_zone(zone).replace("'", "''")
    try:
        engine.execute(f"SET TimeZone = '{quoted}'")
    except BoathouseError as failure:
        raise InvalidParameterValue(f'invalid value for parameter "TimeZone": "{zone}"') from failure


def _timestamp(name: str, text: str) -> str:
    return f"SET VARIABLE {name} = TIMESTAMPTZ '{text}'"


def _text(name: str, value: str | None) -> str:
    quoted = "NULL" if value is None else "'" + value.replace("'", "''") + "'"
    return f'SET VARIABLE "{name}" = {quoted}'
