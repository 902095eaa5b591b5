"""The table through which watermarks enter the log: one row for each capture, overwritten again and again.

Receives tokens, writes them; hands `follow` the way to know them again in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from pymysql.connections import Connection

from boathouse.capture.mysql.connect import name, rows, text

TABLE = "watermark"
COLUMNS = ("capture", "token")


@dataclass(frozen=True, slots=True)
class Watermarks:
    """The row of one capture in `schema`.`watermark`."""

    schema: str
    capture: str

    @property
    def path(self) -> tuple[str, str]:
        """The table's name in the log."""
        return self.schema, TABLE

    def definition(self) -> list[str]:
        """The SQL that makes the table."""
        return [
            f"CREATE DATABASE IF NOT EXISTS {name(self.schema)}",
            f"CREATE TABLE IF NOT EXISTS {name(self.schema, TABLE)} "
            "(capture VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, "
            "token VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL) ENGINE = InnoDB",
        ]

    def exists(self, connection: Connection) -> bool:
        """True where the table is there."""
        return bool(
            rows(
                connection,
                "SELECT 1 FROM information_schema.tables "
                f"WHERE table_schema = {text(self.schema)} AND table_name = {text(TABLE)}",
            )
        )

    def make(self, connection: Connection) -> None:
        """Make the table where it is missing."""
        if not self.exists(connection):
            for statement in self.definition():
                rows(connection, statement)

    def write(self, connection: Connection, token: str) -> None:
        """One statement, committed when it returns."""
        rows(
            connection,
            f"INSERT INTO {name(self.schema, TABLE)} ({', '.join(COLUMNS)}) VALUES ({text(self.capture)}, {text(token)}) "
            "ON DUPLICATE KEY UPDATE token = VALUES(token)",
        )

    def drop(self, connection: Connection) -> None:
        """Remove the capture's row; the table stays, for other captures may use it."""
        if self.exists(connection):
            rows(connection, f"DELETE FROM {name(self.schema, TABLE)} WHERE capture = {text(self.capture)}")
