"""Folders to tables: which folder is a table, which are its partitions, and what their keys are.

Receives the folder tree of `list_objects` and a way to look into a folder's files; hands `crawl` one `FoundTable` per
table. A folder with files is a table named after itself. Folders named `key=value` are partitions. Other folders beside
each other are partitions (`partition_0`, …) where most of their schemas are similar, else tables of their own.
Source: AWS Glue Developer Guide, "How does a crawler determine when to create partitions?".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from boathouse.contracts.types import BIGINT, DATE, INTEGER, SqlType, varchar
from boathouse.lake.crawler.inferred import Inferred
from boathouse.lake.crawler.list_objects import Folder, spread
from boathouse.lake.crawler.merge_types import similarity
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.partitions import read_hive_folder
from boathouse.lake.tables import Columns, Partition

SIMILAR_MIN = 0.7
"""Part of the columns that two schemas must share to be one table's, as in Glue."""
LOOKED_INTO_MAX = 3
"""Folders beside each other that are looked into; where they agree, the others are taken to be like them."""
FILES_MAX = 16
"""Files of one table that are looked into."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INVENTORY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}Z")
_COUNTED = re.compile(r"[0-9]+(?:-[0-9]+)*")
"""Names that even a single folder has as a partition only: `2020`, `07`, `2020-07-01`."""

LookInto = Callable[[list[LakeFile]], Inferred]


@dataclass(frozen=True)
class FoundTable:
    """A table that the folders show.

    Attributes:
        name: the folder's, folded to letters, digits and underscores.
        location: the folder.
        keys: the partition key with types read off the values; empty for none.
        partitions: each once.
        sampled: some of its files, from all partitions.
        count, bytes: all files.
        strange: folders that do not follow the key, and files beside the partitions, left out, with the number of files.
        manifest: of an S3 inventory, the file that says its columns.
    """

    name: str
    location: str
    keys: Columns
    partitions: tuple[Partition, ...]
    sampled: tuple[LakeFile, ...]
    count: int
    bytes: int
    strange: tuple[tuple[str, int], ...] = ()
    manifest: LakeFile | None = None


@dataclass
class Grouping:
    """How a tree becomes tables.

    Args:
        look: infers the schema of some files of one folder.
        similar: part of the columns that siblings must share; 0 where their formats decide alone.
        known: tables of the catalog by their folder, with their partition keys: what was one table stays one.
    """

    look: LookInto
    similar: float = SIMILAR_MIN
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def tables(self, folder: Folder) -> list[FoundTable]:
        """The tables beneath a folder, by location."""
        hive = {name: inner for name, inner in folder.folders.items() if read_hive_folder(name) is not None}
        if folder.count and not hive:
            return [_whole(folder)]
        if (inventory := _inventory(folder)) is not None:
            return [inventory]
        bare = {name: folder.folders[name] for name in sorted(folder.folders.keys() - hive.keys())}
        found = [_beside(_partitioned(folder, hive), folder.sampled)] if hive else []
        if not hive and bare and self._are_partitions(folder, bare):
            return [_partitioned(folder, bare)]
        nested = {name: self.tables(inner) for name, inner in bare.items()}
        alike = set() if hive else self._largest_group(bare, nested)
        if alike:
            found.append(_partitioned(folder, {name: bare[name] for name in sorted(alike)}))
        return found + [one for name in bare if name not in alike for one in nested[name]]

    def _are_partitions(self, folder: Folder, bare: dict[str, Folder]) -> bool:
        """True where a look at some of the folders says that all are one table's partitions."""
        keys = self.known.get(folder.place)
        if keys and keys[0] == "partition_0":
            return True
        if len(bare) == 1 and not _COUNTED.fullmatch(next(iter(bare))):
            return False
        names = list(bare)
        step = max(1, (len(names) - 1) // max(1, LOOKED_INTO_MAX - 1))
        looked = names[::step][: LOOKED_INTO_MAX - 1] + names[-1:]
        nested = {name: self.tables(bare[name]) for name in dict.fromkeys(looked)}
        return len(self._largest_group(bare, nested)) == len(nested)

    def _largest_group(self, bare: dict[str, Folder], nested: dict[str, list[FoundTable]]) -> set[str]:
        """The folders of one table: more than half of those that were looked into; empty for none."""
        groups: list[tuple[tuple[str, ...], Inferred, set[str]]] = []
        for name, tables in nested.items():
            if len(tables) != 1 or not _spans(bare[name], tables[0]):
                continue
            keys = tuple(key for key, _ in tables[0].keys)
            shape = self.look(list(tables[0].sampled))
            if not shape.columns:
                continue
            for other, seen, members in groups:
                if keys == other and self._similar(shape, seen):
                    members.add(name)
                    break
            else:
                groups.append((keys, shape, {name}))
        largest = max((members for _, _, members in groups), key=len, default=set[str]())
        enough = len(largest) > 1 or all(_COUNTED.fullmatch(name) for name in largest)
        return largest if enough and 2 * len(largest) > len(nested) else set()

    def _similar(self, one: Inferred, other: Inferred) -> bool:
        return one.classification == other.classification and similarity(one.columns, other.columns) >= self.similar


def table_name(place: str, prefix: str = "") -> str:
    """A table's name after its folder."""
    last = place.rstrip("/").rpartition("/")[2]
    return prefix.lower() + (re.sub(r"[^a-z0-9_]+", "_", last.lower()).strip("_") or "data")


def _spans(folder: Folder, table: FoundTable) -> bool:
    """True where a table is all that a folder holds."""
    return table.location == folder.place and not table.strange


def _whole(folder: Folder) -> FoundTable:
    inner = list(folder.walk())
    return FoundTable(
        table_name(folder.place),
        folder.place,
        (),
        (),
        tuple(spread([file for one in inner for file in one.sampled], FILES_MAX)),
        sum(one.count for one in inner),
        sum(one.bytes for one in inner),
    )


def _partitioned(folder: Folder, inner: dict[str, Folder]) -> FoundTable:
    """The key is what most folders with files say; files elsewhere are strange."""
    leaves = [leaf for name in sorted(inner) for leaf in _leaves(inner[name], (name,))]
    counts = Counter(tuple(key for key, _ in pairs) for pairs, _ in leaves)
    names = max(counts, key=lambda keys: (counts[keys], len(keys)))
    kept = [(pairs, leaf) for pairs, leaf in leaves if tuple(key for key, _ in pairs) == names]
    strange = [(leaf.place, _whole(leaf).count) for pairs, leaf in leaves if tuple(key for key, _ in pairs) != names]
    partitions = [Partition(tuple(value for _, value in pairs), leaf.place) for pairs, leaf in kept]
    keys = tuple((name, key_type(one.values[place] for one in partitions)) for place, name in enumerate(names))
    wholes = [_whole(leaf) for _, leaf in kept]
    sampled = spread([file for one in wholes for file in one.sampled], FILES_MAX)
    return FoundTable(
        table_name(folder.place),
        folder.place,
        keys,
        tuple(partitions),
        tuple(sampled),
        sum(one.count for one in wholes),
        sum(one.bytes for one in wholes),
        tuple(strange),
    )


def _beside(table: FoundTable, files: Iterable[LakeFile]) -> FoundTable:
    """A partitioned table, with the files that lie directly in its folder, an UNLOAD's manifest perhaps."""
    return replace(table, strange=table.strange + tuple((file.path, 1) for file in files))


def _inventory(folder: Folder) -> FoundTable | None:
    """An S3 inventory as the one table that it is: lists of links by date beside the files and a manifest for each date.

    Source: Amazon S3 User Guide, "Locating your inventory list".
    """
    links, dated = (
        folder.folders.get("hive"),
        [one for name, one in folder.folders.items() if _INVENTORY.fullmatch(name)],
    )
    if links is None or "data" not in folder.folders or not dated:
        return None
    days = {name: one for name, one in links.folders.items() if name.startswith("dt=")}
    files = [file for one in dated for file in one.sampled if file.path.endswith("/manifest.json")]
    if not days or not files:
        return None
    found = _partitioned(links, days)
    manifest = max(files, key=lambda file: file.path)
    return replace(found, name=table_name(folder.place), manifest=manifest)


def _leaves(folder: Folder, names: tuple[str, ...]) -> Iterator[tuple[tuple[tuple[str, str | None], ...], Folder]]:
    """Folders that hold files, each with the (key, value) pairs on the way there."""
    if folder.count or not folder.folders:
        pairs: list[tuple[str, str | None]] = []
        bare = 0
        for name in names:
            found = read_hive_folder(name)
            pairs.append(found if found is not None else (f"partition_{bare}", name))
            bare += found is None
        yield tuple(pairs), folder
        return
    for name in sorted(folder.folders):
        yield from _leaves(folder.folders[name], (*names, name))


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
