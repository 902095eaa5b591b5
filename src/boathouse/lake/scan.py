"""External tables in a bound query become scans: sub-queries over the engine's readers with an explicit list of files.

Receives the bound tree of each execution; hands the journey a tree in which no external table is left. Files are
listed anew for each statement, and only those of partitions that the query's filters need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from boathouse.contracts.engine import ALONE
from boathouse.contracts.errors import UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import FILES, Relation
from boathouse.contracts.session import Session
from boathouse.lake.catalogs.choose import Found, find_table
from boathouse.lake.insert.append import waiting_rows
from boathouse.lake.insert.pending import visible
from boathouse.lake.scans.access import access_of, keys_of, open_for_engine
from boathouse.lake.scans.elsewhere import files_elsewhere
from boathouse.lake.scans.facts import SCAN, ScanFacts, scans_of, shown
from boathouse.lake.scans.formats import check_format, reader
from boathouse.lake.scans.history import note_scans
from boathouse.lake.scans.list_files import LakeFile, list_partitions, list_table
from boathouse.lake.scans.partitions import (
    HIVE_NULL,
    alias_of,
    conjuncts_over,
    is_hive_style,
    names_of,
    needed_among,
)
from boathouse.lake.scans.projection import is_projected, projected
from boathouse.lake.scans.records.streams import STREAMED, streamed
from boathouse.lake.scans.serdes import FILE_COLUMN, is_symlinked, kind_of
from boathouse.lake.scans.table_formats import LOGGED, logged_table, read_log
from boathouse.lake.scans.values import engine_type, literal, quoted
from boathouse.lake.tables import PATH_COLUMN, SIZE_COLUMN, ExternalSchema, ExternalTable, Partition
from boathouse.sql.bind.bound import put_in_place, relation_of


def expand(house: House, session: Session, tree: exp.Expression, relations: tuple[Relation, ...]) -> exp.Expression:
    """The tree with each external table replaced by its scan; the same tree where it has none."""
    if not any(relation.kind in ("external", "view") for relation in relations):
        return tree
    if not any(_is_external(node) for node in tree.find_all(exp.Table)):
        return tree
    copy = tree.copy()
    for place, node in enumerate(list(copy.find_all(exp.Table))):
        relation = relation_of(node)
        if relation is not None and relation.kind == "external":
            put_in_place(node, _scan(house, session, node, relation, copy, place))
    note_scans(house, session, scans_of(copy))
    return copy


def _is_external(node: exp.Table) -> bool:
    relation = relation_of(node)
    return relation is not None and relation.kind == "external"


def _scan(
    house: House, session: Session, node: exp.Table, relation: Relation, tree: exp.Expression, place: int
) -> exp.Subquery:
    shown_by = find_table(house, session, relation.schema, relation.name)
    if shown_by is None:
        raise UndefinedTable(f'relation "{relation.schema}.{relation.name}" does not exist')
    table, schema = shown_by.table, shown_by.schema
    if schema.glue is not None:
        check_format(table)  # of what others declared
    alias = node.alias_or_name
    session.check_cancelled()
    kind = kind_of(table)
    inner = None
    began = house.clock.monotonic()
    if kind in LOGGED:
        table = logged_table(table)
        inner, files = read_log(house, session, table, kind, schema.credentials)
    deciding = conjuncts_over(node, alias)
    keys = {name for name, _ in table.partitions}
    filters = [one for one in deciding if names_of(one) <= keys]
    if table.partitions:
        partitions, total = _partitions(house, session, shown_by, alias, filters)
        found = list_partitions(house, table, partitions, schema.credentials)
    else:
        partitions, total = [], 0
        if inner is None:
            files = list_table(house, table, schema.credentials)
            files += [LakeFile(path, size) for path, size in waiting_rows(session, table.location)]
        found = [(file, None) for file in files]
    found = [one for one in found if visible(session, one[0].path)]
    listing_us = int((house.clock.monotonic() - began) * 1_000_000)
    session.check_cancelled()
    is_alone = inner is None and kind not in STREAMED
    is_listed = inner is None
    folders: list[str] = []
    if found and inner is None:
        # Files of a manifest and of partitions may lie elsewhere.
        others = {file.path.rpartition("/")[0] + "/" for file, _ in found if not file.path.startswith(table.location)}
        folders = [table.location, *sorted(others)]
        for folder in folders:
            open_for_engine(house, session, folder, schema.credentials)
    names = {column.name for column in tree.find_all(exp.Column)}
    if inner is None:
        inner = _reader(house, session, table, [file.path for file, _ in found], schema, place, names)
    sql = scan_sql(table, found, inner, sized=SIZE_COLUMN in names)
    scan = exp.Subquery(this=exp.Var(this=sql), alias=alias_of(node, alias))
    scan.meta[SCAN] = ScanFacts(
        f"{relation.schema}.{relation.name}",
        table.location,
        kind,
        total,
        len(partitions),
        len(found),
        sum(file.size for file, _ in found),
        max((file.size for file, _ in found), default=0),
        house.clock.now(),
        listing_us,
        bool(table.partitions),
        shown(filters),
        shown([one for one in deciding if one not in filters]),
        any(of.is_nested and name in names for name, of in table.columns),
    )
    if is_listed:
        reached = keys_of(house, table.location, schema.credentials)
        scan.meta[FILES] = replace(files_elsewhere(relation, table, kind, found), keys=reached)
    if is_alone:
        scan.meta[ALONE] = access_of(house, folders, schema.credentials)
    return scan


def _partitions(
    house: House, session: Session, found: Found, alias: str, filters: list[exp.Expression]
) -> tuple[list[Partition], int | None]:
    """The partitions to read, and how many there are in all, from the table's properties or the catalog."""
    if is_projected(found.table):
        return projected(
            found.table,
            filters,
            house.clock.now(),
            lambda table, conditions, some: needed_among(session, table, alias, conditions, some),
        )
    return found.catalog.needed(found.table, alias, filters), found.catalog.count(found.table)


def _reader(
    house: House,
    session: Session,
    table: ExternalTable,
    files: Sequence[str],
    schema: ExternalSchema,
    place: int,
    names: set[str],
) -> str:
    """SQL over the files' rows, from the engine's own reader or from one of ours."""
    kind = kind_of(table)
    if files and kind in STREAMED:
        return streamed(house, session, table, kind, files, schema.credentials, place, names.__contains__)
    return reader(table, files)


def scan_sql(
    table: ExternalTable, found: Sequence[tuple[LakeFile, Partition | None]], inner: str, *, sized: bool = True
) -> str:
    """Engine SQL of the scan: columns, partition columns, `$path`, `$size`.

    Key values come out of the path where folders name them, which costs nothing per row; else, and for `$size`, by a
    join with the list of files.

    Args:
        inner: the rows of the files: the table's columns, then `FILE_COLUMN`.
        sized: False leaves `$size` NULL, for queries that do not ask for it.
    """
    partitions = {partition for _, partition in found if partition is not None}
    # Files that lists of links name lie anywhere: their paths say nothing of their partition.
    hive = not is_symlinked(table) and all(is_hive_style(table, one) for one in partitions)
    columns = [f"r.{quoted(name)}" for name, _ in table.columns]
    if table.partitions and hive:
        columns += [f"{_from_path(name, engine_type(kind))} AS {quoted(name)}" for name, kind in table.partitions]
    elif table.partitions:
        columns += [
            f"TRY_CAST(f.k{place} AS {engine_type(kind)}) AS {quoted(name)}"
            for place, (name, kind) in enumerate(table.partitions)
        ]
    columns.append(f"r.{FILE_COLUMN} AS {quoted(PATH_COLUMN)}")
    joined = bool(found) and (sized or (bool(table.partitions) and not hive))
    columns.append(f"{'f.size' if joined else 'CAST(NULL AS BIGINT)'} AS {quoted(SIZE_COLUMN)}")
    join = f" JOIN ({_file_list(table, found)}) AS f ON f.path = r.{FILE_COLUMN}" if joined else ""
    return f"SELECT {', '.join(columns)} FROM ({inner}) AS r{join}"


def _from_path(name: str, kind: str) -> str:
    """SQL for a partition column out of the file's path; RE2 takes the last folder of that name."""
    pattern = literal(f"(?i).*/{_escaped(name)}=([^/]*)/")
    return f"TRY_CAST(nullif(url_decode(regexp_extract(r.{FILE_COLUMN}, {pattern}, 1)), '{HIVE_NULL}') AS {kind})"


def _escaped(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "_" else "\\" + letter for letter in name)


def _file_list(table: ExternalTable, found: Iterable[tuple[LakeFile, Partition | None]]) -> str:
    rows = []
    for file, partition in found:
        values = partition.values if partition is not None else ()
        keys = "".join(", " + ("NULL" if value is None else literal(value)) for value in values)
        rows.append(f"({literal(file.path)}, {file.size}{keys})")
    names = "".join(f", k{place}" for place in range(len(table.partitions)))
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS v(path, size{names})"
