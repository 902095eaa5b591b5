"""A table of a lake as its files at one commit, for an engine that reads them by itself.

Asked by the query room for Spark. The files' columns are known by numbers, so that those that were renamed or added since are
found; what a file lacks has the value that its column was added with. Rows that are gone are told by files of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.relations import StoredFiles
from boathouse.engines.duckdb.keeping.definitions import Fetch, Place, literal


def files_at(fetch: Fetch, database: str, catalog: str, place: Place, commit: int) -> StoredFiles | None:
    """The table's files; None where they are not all that there is to it, or not to be read as they are.

    Args:
        database: the lake's name.
        catalog: where the tables of its catalog are, quoted.
        place: the schema's name and the table's.
    """

    def then(alias: str) -> str:
        return (
            f"{alias}.begin_snapshot <= {commit} AND ({alias}.end_snapshot IS NULL OR {alias}.end_snapshot > {commit})"
        )

    found = fetch(
        f"SELECT t.table_id FROM {catalog}.ducklake_table t JOIN {catalog}.ducklake_schema s USING (schema_id) "
        f"WHERE s.schema_name = $1 AND t.table_name = $2 AND {then('t')} AND {then('s')}",
        place,
    )
    if len(found) != 1:
        return None
    number = int(str(found[0][0]))
    odd = fetch(
        f"SELECT 1 FROM {catalog}.ducklake_inlined_data_tables WHERE table_id = {number} UNION ALL "
        f"SELECT 1 FROM {catalog}.ducklake_data_file f WHERE table_id = {number} AND {then('f')} AND (mapping_id IS NOT NULL "
        f"OR encryption_key IS NOT NULL OR partial_max > {commit} OR file_format <> 'parquet') UNION ALL "
        f"SELECT 1 FROM {catalog}.ducklake_delete_file f WHERE table_id = {number} AND {then('f')} AND "
        f"(encryption_key IS NOT NULL OR partial_max > {commit} OR format <> 'parquet')"
    )
    if odd:
        return None
    named = fetch(
        f"SELECT c.column_name, c.column_id, nullif(c.initial_default, 'NULL') FROM {catalog}.ducklake_column c "
        f"WHERE c.table_id = {number} AND c.parent_column IS NULL AND {then('c')}"
    )
    columns = {str(name): (int(str(one)), None if value is None else str(value)) for name, one, value in named}
    listed = fetch(
        f"SELECT data_file, data_file_size_bytes, delete_file FROM ducklake_list_files({literal(database)}, "
        f"{literal(place[1])}, schema => {literal(place[0])}, snapshot_version => {commit}) ORDER BY data_file"
    )
    files = tuple((str(file), int(str(size))) for file, size, _ in listed)
    gone = tuple(str(deleted) for _, _, deleted in listed if deleted is not None)
    late = [one for one, value in columns.values() if value is not None]
    lacking = _lacking(fetch, catalog, number, late, then("f")) if late else {}
    return StoredFiles(columns, files, gone, lacking)


def _lacking(fetch: Fetch, catalog: str, number: int, columns: Sequence[int], then: str) -> dict[int, tuple[str, ...]]:
    """The names of the files that have not got a column: the catalog keeps facts of each column that a file has."""
    found: dict[int, tuple[str, ...]] = {}
    for column in columns:
        rows = fetch(
            f"SELECT regexp_extract(f.path, '[^/]*$') FROM {catalog}.ducklake_data_file f WHERE f.table_id = {number} AND {then} "
            f"AND NOT EXISTS (SELECT 1 FROM {catalog}.ducklake_file_column_stats s WHERE s.data_file_id = f.data_file_id "
            f"AND s.column_id = {column}) ORDER BY 1"
        )
        found[column] = tuple(str(name) for (name,) in rows)
    return found
