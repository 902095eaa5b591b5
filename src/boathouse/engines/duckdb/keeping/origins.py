"""A whole warehouse that is read to be made again elsewhere: attached beside the new one, under a name of its own.

Received: a session of the new warehouse and the old one's place. Handed on, to `move`: schemas, tables, views and counters.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from boathouse.contracts.engine import EngineSession
from boathouse.engines.duckdb.keeping.definitions import Past, Place, StoredColumn, StoredTable, literal
from boathouse.engines.duckdb.keeping.past_file import PastFile
from boathouse.engines.duckdb.keeping.past_lake import PastLake
from boathouse.sql.redshift.notes import read_note

NAME = "origin"
"""Under which the warehouse that is read is attached."""
BOOKS = "boathouse"
"""The schema of the house's own tables."""
_VIEW_COLUMN_NOTES = "column_notes"
"""Under which a lake's view keeps the notes of its columns; see `storage.lake_notes`."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A sequence of the house's own: its next number and its step."""

    name: str
    next_number: int
    step: int


class Origin:
    """A warehouse that is read.

    Attributes:
        past: its tables.
    """

    def __init__(self, session: EngineSession, past: Past, counters: str) -> None:
        self.past = past
        self._session = session
        self._counters = counters

    def schemas(self) -> list[str]:
        """Of users."""
        rows = self._session.fetch(
            "SELECT schema_name FROM duckdb_schemas() WHERE database_name = $1 "
            "AND schema_name NOT IN ('boathouse', 'main', 'information_schema', 'pg_catalog') ORDER BY 1",
            (NAME,),
        )
        return [str(name) for (name,) in rows]

    def tables(self) -> list[Place]:
        """All of them, the house's own too, in the order of their names."""
        return self._places("duckdb_tables()", "table_name")

    def table(self, place: Place) -> StoredTable:
        """What a table that is listed is."""
        found = self.past.table(place)
        assert found is not None
        return found

    def views(self) -> list[StoredTable]:
        """Views: their names, columns and notes."""
        return [self._view(place) for place in self._places("duckdb_views()", "view_name")]

    def counters(self) -> list[Counter]:
        """The house's own sequences."""
        return [
            Counter(str(name).removeprefix(f"{BOOKS}."), int(str(number)), int(str(step)))
            for name, number, step in self._session.fetch(self._counters)
        ]

    def _places(self, listed: str, name: str) -> list[Place]:
        rows = self._session.fetch(
            f"SELECT schema_name, {name} FROM {listed} WHERE database_name = $1 AND NOT internal ORDER BY 1, 2",
            (NAME,),
        )
        return [(str(schema), str(found)) for schema, found in rows]

    def _view(self, place: Place) -> StoredTable:
        of = (NAME, *place)
        ((text,),) = self._session.fetch(
            "SELECT comment FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3", of
        )
        note = None if text is None else str(text)
        kept: dict[str, str] = read_note(note).get(_VIEW_COLUMN_NOTES, {})
        columns = [
            StoredColumn(
                str(name), str(kind), True, None, kept.get(f"c:{name}") or (None if comment is None else str(comment))
            )
            for name, kind, comment in self._session.fetch(
                "SELECT column_name, data_type, comment FROM duckdb_columns() "
                "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 ORDER BY column_index",
                of,
            )
        ]
        return StoredTable(place, tuple(columns), note)


def file_origin(session: EngineSession, file: Path) -> Origin:
    """A warehouse in a file that nobody has open."""
    session.execute(f"ATTACH {literal(str(file))} AS {NAME} (READ_ONLY)")
    counters = (
        "SELECT sequence_name, start_value, increment_by FROM duckdb_sequences() "
        f"WHERE database_name = '{NAME}' AND schema_name = '{BOOKS}'"
    )
    return Origin(session, PastFile(session.fetch, NAME), counters)


def lake_origin(session: EngineSession, books: str, version: int | None = None) -> Origin:
    """A lake that is attached as `NAME` to be read, as it is or as it was at a commit.

    Args:
        books: where the tables of its catalog are, quoted.
    """
    if version is None:
        ((newest,),) = session.fetch(f"SELECT max(snapshot_id) FROM {books}.ducklake_snapshot")
        version = int(str(newest))
    counters = f"SELECT name, next_number, step FROM {books}.boathouse_numbers WHERE name LIKE '{BOOKS}.%'"
    return Origin(session, PastLake(session.fetch, NAME, version, books), counters)


def let_go(session: EngineSession) -> None:
    """Close what was read."""
    session.execute(f"DETACH {NAME}")
