"""What another engine has to know of a table's files to read them by itself.

Receives a table of the catalog and the files that a statement reads of it; hands `lake.scan` what it notes on the scan. Text is
told only in forms of which each line can be understood alone; of all others the house reads the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.relations import LakeFiles, Lines, Relation
from boathouse.lake.scans.formats import Style, csv_style, text_style
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.serdes import cleansing, serde_properties, skipped_lines
from boathouse.lake.tables import ExternalTable, Partition

_SKIPPED_MAX = 100
"""Lines that surely stand in the first part of a file."""
_PLAIN = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".tbl", ".dat", ".log", ".gz")


def files_elsewhere(
    relation: Relation, table: ExternalTable, kind: str, found: Sequence[tuple[LakeFile, Partition | None]]
) -> LakeFiles:
    """The files with their partitions' values, and how they are read."""
    files = tuple((file.path, file.size, () if one is None else one.values) for file, one in found)
    is_cut = cleansing(table, "surplus_char_handling", "TRUNCATE") == "TRUNCATE"
    is_plain = (
        table.property("data_cleansing_enabled").lower() != "true"
        and table.property("orc.schema.resolution", "name").lower() == "name"
        and table.property("compression_type", "none").lower() == "none"
    )
    return LakeFiles(
        relation.engine_name,
        kind,
        table.columns,
        table.partitions,
        files,
        is_cut,
        lines=_lines(table, kind) if is_plain and all(_is_plain(file.path) for file, _ in found) else None,
        is_plain=is_plain,
    )


def _is_plain(path: str) -> bool:
    """True where the ending says to everybody how the file is compressed."""
    name = path.rpartition("/")[2].lower()
    return "." not in name or name.endswith(_PLAIN)


def _lines(table: ExternalTable, kind: str) -> Lines | None:
    names, skipped = tuple(name for name, _ in table.columns), skipped_lines(table)
    if kind == "json":
        serde = serde_properties(table)
        if any(not name.startswith("mapping.") for name in serde) or skipped:
            return None
        return Lines(names, tuple(serde.get(f"mapping.{name.lower()}", name).lower() for name in names))
    if kind not in ("text", "csv") or skipped > _SKIPPED_MAX:
        return None
    style: Style = text_style(table) if kind == "text" else csv_style(table)
    if len(style.delimiter) != 1 or style.escape != style.quote or not style.null or style.quote == style.delimiter:
        return None
    return Lines(names, (), style.delimiter, style.quote, style.null, skipped)
