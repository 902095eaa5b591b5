"""How watermarks enter the log: as logical messages, or, where pgoutput does not tell those (before PostgreSQL 14) or the secret
says so, as a row of a table that is overwritten again and again.

Receives tokens and writes them; hands `decode` the way to know them again in the log.

Source: PostgreSQL documentation, `pg_logical_emit_message()`; "Logical Replication Message Formats".
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from boathouse.capture.changes import TablePath
from boathouse.capture.postgres.connect import Row, execute, rows, texts
from boathouse.capture.source import Finding
from boathouse.contracts.errors import InvalidParameterValue

PREFIX = "boathouse"
"""Of our logical messages."""
TABLE: TablePath = ("boathouse", "watermark")
MESSAGES_VERSION = 140_000
"""pgoutput tells logical messages since 14."""
_MADE = (
    "CREATE SCHEMA IF NOT EXISTS boathouse",
    "CREATE TABLE IF NOT EXISTS boathouse.watermark (capture text PRIMARY KEY, token text NOT NULL)",
)
_ALONE = "SELECT pg_advisory_xact_lock(7261737)"
"""For the transaction that makes them: of two captures that begin at once, IF NOT EXISTS lets one fail."""
_WRITTEN = (
    "INSERT INTO boathouse.watermark (capture, token) VALUES (%s::text, %s::text) "
    "ON CONFLICT (capture) DO UPDATE SET token = excluded.token"
)


def kind_wanted(secret: dict[str, str]) -> str:
    """Takes `watermarks` out of a secret: `table`, `messages`, or nothing where the server's version decides.

    Raises:
        InvalidParameterValue: it is something else.
    """
    kind = secret.pop("watermarks", "")
    if kind not in ("", "messages", "table"):
        raise InvalidParameterValue("the secret's watermarks is messages or table")
    return kind


@dataclass(frozen=True, slots=True)
class Watermarks:
    """Those of one capture.

    Attributes:
        capture: its name, in its row of the table.
        kind: see `kind_wanted`.
    """

    capture: str
    kind: str

    def in_table(self, connection: psycopg.Connection[Row]) -> bool:
        """Whether they are rows of the table at this server."""
        return self.kind == "table" or (not self.kind and connection.info.server_version < MESSAGES_VERSION)

    def check(self, connection: psycopg.Connection[Row]) -> list[Finding]:
        """What keeps this user from writing them."""
        if not self.in_table(connection):
            return _check_messages(connection)
        found = texts(
            connection,
            "SELECT has_database_privilege(current_database(), 'CREATE')::text, coalesce((SELECT "
            "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT') AND "
            "has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'SELECT') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s)::text, '')",
            TABLE,
        )[0]
        if found[1] == "true" or (not found[1] and found[0] == "true"):
            return []
        mend = "; ".join((*_MADE, "GRANT USAGE ON SCHEMA boathouse TO …", "GRANT ALL ON boathouse.watermark TO …;"))
        return [Finding("error", ".".join(TABLE), "this user may not write watermarks", mend)]

    def make(self, connection: psycopg.Connection[Row]) -> None:
        """The table, where it is needed and missing."""
        there = (
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (nspname, relname) = (%s, %s)"
        )
        if self.in_table(connection) and not rows(connection, there, TABLE):
            execute(connection, "; ".join((_ALONE, *_MADE)))

    def write(self, connection: psycopg.Connection[Row], token: str) -> None:
        """One transaction, which is in the log when it returns."""
        if self.in_table(connection):
            rows(connection, _WRITTEN, (self.capture, token))
        else:
            rows(connection, "SELECT pg_logical_emit_message(true, %s::text, %s::text)", (PREFIX, token))

    def drop(self, connection: psycopg.Connection[Row]) -> None:
        """The capture's row; the table stays, for others may use it."""
        if self.in_table(connection):
            rows(connection, "DELETE FROM boathouse.watermark WHERE capture = %s::text", (self.capture,))


def _check_messages(connection: psycopg.Connection[Row]) -> list[Finding]:
    if connection.info.server_version < MESSAGES_VERSION:
        return [
            Finding("error", "watermarks", "the log of PostgreSQL before 14 does not tell logical messages",
                    'Say watermarks = "table" in the secret, or nothing.')
        ]  # fmt: skip
    more = ", boolean" if connection.info.server_version >= 170_000 else ""
    may = f"SELECT has_function_privilege('pg_logical_emit_message(boolean, text, text{more})', 'EXECUTE')::text"
    if texts(connection, may) == [("true",)]:
        return []
    return [
        Finding("error", "pg_logical_emit_message", "this user may not write watermarks",
                "GRANT EXECUTE ON FUNCTION pg_logical_emit_message TO …;")
    ]  # fmt: skip
