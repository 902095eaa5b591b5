"""The files of an external table or of its needed partitions.

Receives places from the catalog; hands `lake.scan` files with the partition that each belongs to. Listing is paged by
the storage and never remembered: what the lake holds now is what a query reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boathouse.contracts.errors import StorageError
from boathouse.contracts.house import House
from boathouse.lake.places import absolute, folder_of, is_ignored
from boathouse.lake.scans.projection import is_projected, root_of
from boathouse.lake.scans.serdes import is_symlinked
from boathouse.lake.storage import Storage, storage_for
from boathouse.lake.tables import ExternalTable, Partition
from boathouse.sql.statements import Credentials

LISTED_SINGLY_MAX = 16
"""Up to this many partitions are listed one by one; more of them by one listing of the table's folder."""


_TEXT_ENDINGS = ("csv", "tsv", "psv", "txt", "tbl")
_MANIFEST_BEGIN_BYTES = 4096
"""Where a manifest's only key stands."""


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A file to read; size in bytes as stored."""

    path: str
    size: int


def list_table(house: House, table: ExternalTable, credentials: Credentials) -> list[LakeFile]:
    """All files beneath the table's location, or those that its manifest names."""
    storage = storage_for(house, table.location, credentials)
    if not table.location.endswith("/"):
        file = storage.head(table.location)
        if file is not None and _is_manifest(storage, table.location):
            return _from_manifest(house, storage, table.location, credentials)
        if file is not None:
            return [LakeFile(file.path, file.size)] if file.size else []
    return _followed(house, table, list(_beneath(storage, table.location)), credentials)


def list_partitions(
    house: House, table: ExternalTable, partitions: Sequence[Partition], credentials: Credentials
) -> list[tuple[LakeFile, Partition | None]]:
    """The files of some partitions, each with its partition.

    Many partitions beneath the table's folder share one listing of it, up to the first folder that they differ in.
    """
    root = root_of(table) if is_projected(table) else folder_of(table.location)
    inside = {folder_of(one.location): one for one in partitions if folder_of(one.location).startswith(root)}
    found: list[tuple[LakeFile, Partition | None]] = []
    singly = list(partitions)
    if len(inside) > LISTED_SINGLY_MAX:
        singly = [one for one in partitions if folder_of(one.location) not in inside]
        shared = _common_folder(list(inside))
        for file in _beneath(storage_for(house, root, credentials), shared):
            owner = _owner(file.path, inside, len(root))
            if owner is not None:
                found.append((file, owner))
    for partition in singly:
        storage = storage_for(house, partition.location, credentials)
        found += [(file, partition) for file in _beneath(storage, partition.location)]
    if not is_symlinked(table):
        return found
    return [(file, owner) for link, owner in found for file in _followed(house, table, [link], credentials)]


def is_one_file(house: House, table: ExternalTable, credentials: Credentials) -> bool:
    """True where the location is a file with the table's rows, or is to become one: it ends as text files do, and nothing
    is there.
    """
    if table.location.endswith("/") or table.partitions:
        return False
    storage = storage_for(house, table.location, credentials)
    if storage.head(table.location) is not None:
        return not _is_manifest(storage, table.location)
    ending = table.location.rsplit("/", 1)[-1].rpartition(".")[2].lower()
    return ending in _TEXT_ENDINGS and next(iter(storage.list(folder_of(table.location))), None) is None


def _is_manifest(storage: Storage, place: str) -> bool:
    with storage.open(place) as source:
        begin = source.read(_MANIFEST_BEGIN_BYTES)
    return begin.lstrip().startswith(b"{") and b'"entries"' in begin


def _followed(house: House, table: ExternalTable, files: list[LakeFile], credentials: Credentials) -> list[LakeFile]:
    """The files themselves, or where the table is one of links, those that they name, a path in each line."""
    if not is_symlinked(table):
        return files
    found = []
    for link in files:
        with storage_for(house, link.path, credentials).open(link.path) as source:
            paths = source.read().decode().split("\n")
        for path in filter(None, (path.strip() for path in paths)):
            file = storage_for(house, absolute(house, path), credentials).head(absolute(house, path))
            if file is None:
                raise StorageError(f'"{link.path}" names a file that does not exist: {path}')
            found.append(LakeFile(file.path, file.size))
    return found


def _beneath(storage: Storage, location: str) -> Iterator[LakeFile]:
    for file in storage.list(folder_of(location)):
        if not is_ignored(file.path) and file.size > 0:
            yield LakeFile(file.path, file.size)


def _owner(path: str, folders: dict[str, Partition], root_length: int) -> Partition | None:
    """The partition with the deepest folder that holds the path."""
    end = path.rfind("/")
    while end + 1 >= root_length:
        found = folders.get(path[: end + 1])
        if found is not None:
            return found
        end = path.rfind("/", 0, end)
    return None


def _common_folder(folders: Sequence[str]) -> str:
    low, high = min(folders), max(folders)
    same = next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[: low.rfind("/", 0, same) + 1]


def _from_manifest(house: House, storage: Storage, place: str, credentials: Credentials) -> list[LakeFile]:
    """The files that a manifest names. Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE", LOCATION."""
    try:
        with storage.open(place) as source:
            entries = json.load(source)["entries"]
        wanted = [(str(entry["url"]), bool(entry.get("mandatory", False))) for entry in entries]
    except (ValueError, KeyError, TypeError) as failure:
        raise StorageError(
            f"{place} is a file but no manifest", hint="LOCATION names a folder or a manifest."
        ) from failure
    files = []
    for url, mandatory in wanted:
        file = storage_for(house, url, credentials).head(url)
        if file is not None:
            files.append(LakeFile(file.path, file.size))
        elif mandatory:
            raise StorageError(f"the manifest {place} names a mandatory file that does not exist: {url}")
    return files
