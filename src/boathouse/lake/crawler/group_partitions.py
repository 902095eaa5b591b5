"""Folders to tables: which folder is a table, which are its partitions, and what their keys are.

Receives the folder tree of `list_objects`; hands `propose` one `FoundTable` per table. A folder with files, or with
Hive partitions (`key=value/`), is a table named after itself; other folders are looked into (AWS Glue Developer Guide,
"How does a crawler determine when to create partitions?").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from boathouse.contracts.types import BIGINT, DATE, INTEGER, SqlType, varchar
from boathouse.lake.crawler.list_objects import Folder
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.partitions import read_hive_folder
from boathouse.lake.tables import Columns, Partition

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class FoundTable:
    """A table that the folders show.

    Attributes:
        name: the folder's, folded to letters, digits and underscores.
        location: the folder.
        keys: the partition key with types read off the values; empty for none.
        partitions: each once.
        files: all of them, sampled later for the columns.
        strange: files whose folders do not follow the key; left out.
    """

    name: str
    location: str
    keys: Columns
    partitions: tuple[Partition, ...]
    files: tuple[LakeFile, ...]
    strange: tuple[LakeFile, ...] = ()


def group_partitions(root: Folder) -> list[FoundTable]:
    """The tables beneath a target, by location."""
    return list(_tables(root))


def table_name(place: str, prefix: str = "") -> str:
    """A table's name after its folder."""
    last = place.rstrip("/").rpartition("/")[2]
    return prefix.lower() + (re.sub(r"[^a-z0-9_]+", "_", last.lower()).strip("_") or "data")


def _tables(folder: Folder) -> Iterator[FoundTable]:
    if folder.files:
        yield FoundTable(table_name(folder.place), folder.place, (), (), tuple(folder.beneath()))
        return
    hive = {name: inner for name, inner in folder.folders.items() if read_hive_folder(name) is not None}
    if hive:
        yield _partitioned(folder, hive)
    for name in sorted(folder.folders.keys() - hive.keys()):
        yield from _tables(folder.folders[name])


def _partitioned(folder: Folder, hive: dict[str, Folder]) -> FoundTable:
    """The key is what most leaf folders say; files elsewhere are strange."""
    leaves = [leaf for name in sorted(hive) for leaf in _leaves(hive[name], (name,))]
    counts = Counter(tuple(key for key, _ in pairs) for pairs, _ in leaves)
    names = max(counts, key=lambda keys: (counts[keys], len(keys)))
    kept = [(pairs, leaf) for pairs, leaf in leaves if tuple(key for key, _ in pairs) == names]
    strange = [file for pairs, leaf in leaves if tuple(key for key, _ in pairs) != names for file in leaf.beneath()]
    partitions = [Partition(tuple(value for _, value in pairs), leaf.place) for pairs, leaf in kept]
    keys = tuple((name, key_type(one.values[place] for one in partitions)) for place, name in enumerate(names))
    files = tuple(file for _, leaf in kept for file in leaf.beneath())
    return FoundTable(table_name(folder.place), folder.place, keys, tuple(partitions), files, tuple(strange))


def _leaves(folder: Folder, names: tuple[str, ...]) -> Iterator[tuple[tuple[tuple[str, str | None], ...], Folder]]:
    """Folders that hold files, each with the (key, value) pairs on the way there."""
    inner = {name: one for name, one in folder.folders.items() if read_hive_folder(name) is not None}
    if folder.files or not inner:
        pairs = [read_hive_folder(name) for name in names]
        yield tuple(pair for pair in pairs if pair is not None), folder
        return
    for name in sorted(inner):
        yield from _leaves(inner[name], (*names, name))


def key_type(values: Iterable[str | None]) -> SqlType:
    """The narrowest of integer, bigint, date and varchar that gives back every value as it is written.

    Numbers with leading zeros (`month=01`) stay text: as integers they would lose them.
    """
    known = [value for value in values if value is not None]
    if known and all(_INTEGER.fullmatch(value) for value in known):
        return INTEGER if all(abs(int(value)) < 2**31 for value in known) else BIGINT
    if known and all(_is_date(value) for value in known):
        return DATE
    return varchar(65535)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
