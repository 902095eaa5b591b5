"""What a scan reads and leaves out, for EXPLAIN and the system views.

Made by `lake.scan` for each external table of a statement, once its files are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

SCAN = "scan"
"""Key of a scan node's meta under which its `ScanFacts` lie."""


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """One external table in one statement.

    Attributes:
        format: how its files are read.
        partitions: of the table; None where the catalog was asked for the needed ones alone.
        partitions_read: those whose files are read. Both are 0 for unpartitioned tables.
        listed: when its files were known; listing_us: microseconds that it took.
        files: read. size_bytes: their sum as stored; file_bytes_max: the largest.
        partition_filters: the conditions by which partitions were chosen, as text.
        filters: the conditions over this table alone that its rows are tested by as they are read.
        is_nested: True where nested columns are read.
    """

    table: str
    location: str
    format: str
    partitions: int | None
    partitions_read: int
    files: int
    size_bytes: int
    file_bytes_max: int
    listed: datetime
    listing_us: int
    is_partitioned: bool = False
    partition_filters: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    is_nested: bool = False


def scans_of(tree: exp.Expression) -> list[ScanFacts]:
    """The facts of every scan in an expanded tree."""
    return [node.meta[SCAN] for node in tree.find_all(exp.Subquery) if SCAN in node.meta]


def explain(tree: exp.Expression) -> list[str]:
    """What EXPLAIN says of an expanded tree's scans: a line each, and one for each kind of filter below it."""
    lines = []
    for facts in scans_of(tree):
        partitions = ""
        if facts.is_partitioned:
            pruned = "" if facts.partitions is None else f", {facts.partitions - facts.partitions_read} pruned"
            partitions = f"partitions: {facts.partitions_read} read{pruned}; "
        read = f"files: {facts.files} read; bytes: {facts.size_bytes}"
        place = f'location:"{facts.location}" format:{facts.format.upper()}'
        lines.append(f"XN S3 Seq Scan {facts.table} {place} ({partitions}{read})")
        for what, filters in (("Partition Filter", facts.partition_filters), ("Filter", facts.filters)):
            if filters:
                lines.append(f"      {what}: {' AND '.join(f'({one})' for one in filters)}")
    return lines


def shown(conditions: Sequence[exp.Expression]) -> tuple[str, ...]:
    """Conditions as EXPLAIN shows them: columns by their bare names."""
    texts = []
    for condition in conditions:
        copy = condition.copy()
        for column in copy.find_all(exp.Column):
            column.replace(exp.column(exp.to_identifier(column.name, quoted=False)))
        texts.append(copy.sql("duckdb", normalize_functions=False, comments=False))
    return tuple(texts)
