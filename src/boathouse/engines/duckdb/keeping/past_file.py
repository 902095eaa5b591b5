"""A file of the engine's own that is attached for reading: a snapshot, or a warehouse that moves."""

from __future__ import annotations

from boathouse.engines.duckdb.keeping.definitions import Fetch, Place, StoredColumn, StoredTable
from boathouse.sql.redshift.types import quoted


class PastFile:
    """See `definitions.Past`.

    Args:
        name: under which the file is attached.
    """

    def __init__(self, fetch: Fetch, name: str) -> None:
        self.fetch = fetch
        self._name = name

    def table(self, place: Place) -> StoredTable | None:
        """See the protocol."""
        of = (self._name, *place)
        where = "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3"
        notes = self.fetch(f"SELECT comment FROM duckdb_tables() {where}", of)
        if not notes:
            return None
        rows = self.fetch(
            "SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns() "
            f"{where} ORDER BY column_index",
            of,
        )
        columns = tuple(
            StoredColumn(str(name), str(kind), bool(nullable), _text(default), _text(note))
            for name, kind, nullable, default, note in rows
        )
        return StoredTable(place, columns, _text(notes[0][0]))

    def numbered(self, number: object) -> StoredTable | None:
        """The table with a number, whatever its name; None where there is none."""
        found = self.fetch(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 "
            "AND TRY_CAST(json_extract(TRY_CAST(comment AS JSON), '$.oid') AS BIGINT) = $2",
            (self._name, number),
        )
        return self.table((str(found[0][0]), str(found[0][1]))) if found else None

    def rows(self, place: Place) -> str:
        """See the protocol."""
        return ".".join(map(quoted, (self._name, *place)))

    def next_number(self, column: StoredColumn) -> int | None:
        """See the protocol."""
        return self.next_of(column.sequence)

    def next_of(self, sequence: Place) -> int | None:
        """The next number of a sequence; None where there is none. The engine writes it down as the start of what it reads
        again.
        """
        found = self.fetch(
            "SELECT start_value FROM duckdb_sequences() "
            "WHERE database_name = $1 AND schema_name = $2 AND sequence_name = $3",
            (self._name, *sequence),
        )
        return int(str(found[0][0])) if found else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
