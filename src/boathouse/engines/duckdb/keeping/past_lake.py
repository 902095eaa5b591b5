"""A lake as it was at one of its commits, which its catalog goes on knowing.

A second ATTACH of the same lake at an older commit would share the catalog's file with the first and take it along when it is
detached, so the definitions of that time are read from the catalog's own tables.
"""

from __future__ import annotations

import json

from boathouse.engines.duckdb.keeping.definitions import Fetch, Place, StoredColumn, StoredTable, literal
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted

_TABLE_NOTE = "table"
"""Under which a table's note stands in that of one of its columns; see `storage.lake_notes`."""


class PastLake:
    """See `definitions.Past`.

    Args:
        name: under which the lake is attached.
        version: the commit, by the catalog's number.
        catalog: where the tables of its catalog are, quoted.
    """

    def __init__(self, fetch: Fetch, name: str, version: int, catalog: str) -> None:
        self.fetch = fetch
        self._name = name
        self._version = version
        self._catalog = catalog

    def table(self, place: Place) -> StoredTable | None:
        """See the protocol."""
        catalog, then = self._catalog, self._then
        found = self.fetch(
            f"SELECT t.table_id FROM {catalog}.ducklake_table t JOIN {catalog}.ducklake_schema s USING (schema_id) "
            f"WHERE s.schema_name = $1 AND t.table_name = $2 AND {then('t')} AND {then('s')}",
            place,
        )
        if not found:
            return None
        number = int(str(found[0][0]))
        types = {str(row[0]): str(row[1]) for row in self.fetch(f"DESCRIBE SELECT * FROM {self.rows(place)}")}
        rows = self.fetch(
            "SELECT c.column_name, c.nulls_allowed, nullif(c.default_value, 'NULL'), c.default_value_type, n.value "
            f"FROM {catalog}.ducklake_column c LEFT JOIN {catalog}.ducklake_column_tag n ON n.table_id = c.table_id "
            f"AND n.column_id = c.column_id AND n.key = 'comment' AND {then('n')} "
            f"WHERE c.table_id = {number} AND c.parent_column IS NULL AND {then('c')} ORDER BY c.column_order"
        )
        note, columns = None, []
        for name, nullable, default, kind, text in rows:
            facts = read_note(None if text is None else str(text))
            note = facts.pop(_TABLE_NOTE, None) or note
            written = None if default is None else str(default) if kind == "expression" else literal(str(default))
            own = json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else None
            columns.append(StoredColumn(str(name), types[str(name)], bool(nullable), written, own))
        return StoredTable(place, tuple(columns), note)

    def rows(self, place: Place) -> str:
        """See the protocol."""
        return f"{'.'.join(map(quoted, (self._name, *place)))} AT (VERSION => {self._version})"

    def next_number(self, column: StoredColumn) -> int | None:
        """See the protocol. Numbers have no history: what would come next now is as free as it was then."""
        found = self.fetch(
            f"SELECT next_number FROM {self._catalog}.boathouse_numbers WHERE name = $1", (column.numbers,)
        )
        return int(str(found[0][0])) if found else None

    def _then(self, alias: str) -> str:
        return (
            f"{alias}.begin_snapshot <= {self._version} "
            f"AND ({alias}.end_snapshot IS NULL OR {alias}.end_snapshot > {self._version})"
        )
