"""What stands in the way of capturing a server: its settings, its log's reach, the user's rights, each table.

Receives a connection, hands `Finding`s to the source, each with the SQL that mends it. Reads only.

Source: MySQL documentation, "Binary Logging Options and Variables"; MariaDB documentation, "Binary Log System Variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pymysql.connections import Connection

from boathouse.capture.mysql.connect import first_answer, name, rows
from boathouse.capture.mysql.watermarks import Watermarks
from boathouse.capture.source import Finding

RETENTION_SECONDS_MIN = 86_400
"""A log that is kept for less is gone before a weekend's outage is mended."""

_WANTED = {
    "log_bin": ("ON", "Start the server with --log-bin."),
    "binlog_format": ("ROW", "SET GLOBAL binlog_format = ROW;"),
    "binlog_row_image": ("FULL", "SET GLOBAL binlog_row_image = FULL;"),
}
_WANTED_MYSQL = {
    "gtid_mode": ("ON", "SET GLOBAL gtid_mode = ON; by its four steps, see MySQL's manual."),
    "binlog_order_commits": ("ON", "SET GLOBAL binlog_order_commits = ON;"),
    "binlog_row_value_options": ("", "SET GLOBAL binlog_row_value_options = '';"),
}


def variables(connection: Connection) -> dict[str, str]:
    """The server's global settings."""
    found = rows(connection, "SHOW GLOBAL VARIABLES")
    return {str((key or b"").decode()): (value or b"").decode("utf-8", "replace") for key, value in found}


def is_mariadb(settings: dict[str, str]) -> bool:
    """True for MariaDB, whose GTIDs, log and variables are others."""
    return "mariadb" in settings.get("version", "").lower()


def check_server(connection: Connection, watermarks: Watermarks | None) -> Iterator[Finding]:
    """Settings, reach of the log, rights.

    Args:
        watermarks: None where none are written.
    """
    settings = variables(connection)
    maria = is_mariadb(settings)
    yield from _version(settings["version"], maria)
    if watermarks is None and not maria and _number(settings["version"]) < (5, 7, 5):
        yield Finding("error", "version", 'only MySQL 5.7.5 and newer are captured without writes (watermarks = "off")')
    for setting, (wanted, mend) in (_WANTED if maria else {**_WANTED, **_WANTED_MYSQL}).items():
        found = settings.get(setting)
        if found is None and setting != "gtid_mode":
            continue
        if (found or "").upper() != wanted:
            yield Finding(
                "error", setting, f"{setting} is {found or 'not there'}, and must be {wanted or 'empty'}", mend
            )
    metadata = settings.get("binlog_row_metadata")
    if metadata != "FULL":
        yield Finding(
            "warning",
            "binlog_row_metadata",
            "the log does not name its columns: they are named by the tables as they are now, and a table whose definition "
            "changes while the capture is behind is dumped again",
            "SET GLOBAL binlog_row_metadata = FULL;" if metadata else "Only MySQL 8.0.1 and newer ones can.",
        )
    for setting in ("binlog_do_db", "binlog_ignore_db"):
        if settings.get(setting):
            yield Finding("warning", setting, f"{setting} keeps databases out of the log: {settings[setting]}")
    updates = (settings.get("log_slave_updates"), settings.get("log_replica_updates"))
    if "OFF" in updates and first_answer(connection, "SHOW REPLICA STATUS", "SHOW SLAVE STATUS"):
        yield Finding(
            "error",
            "log_slave_updates",
            "the server is a replica that keeps its primary's changes out of its own log",
            "Start the server with --log-slave-updates, or capture its primary.",
        )
    kept = _kept_seconds(settings)
    if 0 < kept < RETENTION_SECONDS_MIN:
        yield Finding(
            "warning",
            "binlog_expire_logs_seconds",
            f"the log is kept for {kept:.0f} seconds; a longer outage needs all tables dumped anew",
            "SET GLOBAL binlog_expire_logs_seconds = 604800;",
        )
    if watermarks is not None and settings.get("read_only") == "ON":
        yield Finding(
            "warning",
            "read_only",
            "the server takes no writes but from those who may override that; a watermark is one",
            'Say watermarks = "off" in the secret.',
        )
    yield from _rights(connection, maria, watermarks)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _version(version: str, maria: bool) -> Iterator[Finding]:
    if _number(version) < ((10, 5, 0) if maria else (5, 6, 9)):
        what = "MariaDB 10.5" if maria else "MySQL 5.6.9, the first with its GTIDs of today"
        yield Finding("error", "version", f"version {version} is older than {what}")


def _kept_seconds(settings: dict[str, str]) -> float:
    """How long the log is kept; 0: for ever, or unknown."""
    seconds = float(settings.get("binlog_expire_logs_seconds") or 0)
    return seconds or float(settings.get("expire_logs_days") or 0) * 86_400


_ALL = "ALL PRIVILEGES"


def _rights(connection: Connection, maria: bool, watermarks: Watermarks | None) -> Iterator[Finding]:
    granted = [str((row[0] or b"").decode()) for row in rows(connection, "SHOW GRANTS")]
    everywhere = ", ".join(grant.split(" ON ")[0] for grant in granted if " ON *.* " in grant)
    user = "CURRENT_USER()"
    monitor = "BINLOG MONITOR" if maria else "REPLICATION CLIENT"
    for right in ("REPLICATION SLAVE", monitor):
        if _ALL not in everywhere and right not in everywhere:
            yield Finding("error", right, f"the user lacks {right}", f"GRANT {right} ON *.* TO {user};")
    if watermarks is not None and not watermarks.exists(connection):
        may_create = any("CREATE" in grant.split(" ON ")[0] or _ALL in grant for grant in granted)
        if not may_create:
            yield Finding(
                "error",
                ".".join(watermarks.path),
                "the table of watermarks is missing, and the user may not make it",
                "; ".join(watermarks.definition())
                + f"; GRANT SELECT, INSERT, UPDATE, DELETE ON {name(*watermarks.path)} TO {user};",
            )
