"""Places: local folders and S3 buckets behind one interface.

Receives a place as users write it and the statement's credentials; hands COPY, UNLOAD, external tables and the crawler
something that lists, reads and writes. Local paths stay under the configured roots, whatever links or dots they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.sql.statements import Credentials


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file or object: its full path (`/…` or `s3://bucket/key`), size in bytes, time of change, entity tag."""

    path: str
    size: int
    modified: datetime
    etag: str | None = None


class Storage(Protocol):
    """Files of one kind of place. Errors are StorageError or StorageUnavailable and name the path."""

    def list(self, prefix: str) -> Iterator[StoredFile]:
        """Every file whose path starts with the prefix, sorted, in pages; staging files are left out."""
        ...

    def head(self, path: str) -> StoredFile | None:
        """The file, or None."""
        ...

    def open(self, path: str) -> BinaryIO:
        """Read it as a stream; the caller closes it."""
        ...

    def fetch(self, path: str, to: Path) -> str | None:
        """Copy it whole to a local file; one that is cut on the way is an error. Returns the entity tag of what came."""
        ...

    def write_file(self, local: Path, path: str) -> None:
        """Put a local file there; nothing is visible before it is whole."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Put bytes there; nothing is visible before they are whole."""
        ...

    def delete(self, paths: Sequence[str]) -> None:
        """Remove files; missing ones do not matter."""
        ...


def storage_for(house: House, place: str, credentials: Credentials) -> Storage:
    """The storage that holds a place.

    Raises:
        InsufficientPrivilege: a local path outside the roots. InvalidParameterValue: a scheme that is not known.
        UndefinedObject: a secret that does not exist.
    """
    from boathouse.lake.storage_local import LocalStorage
    from boathouse.lake.storage_s3 import s3_storage

    scheme, found, _ = place.partition("://")
    if found and scheme.lower() == "s3":
        return s3_storage(house, place, credentials)
    if not found or scheme.lower() == "file":
        storage = LocalStorage(house)
        storage.resolve(place)
        return storage
    raise InvalidParameterValue(
        f'the scheme "{scheme}://" is not supported', hint="Use a local path, file:// or s3://bucket/prefix."
    )


def full_path(house: House, place: str) -> str:
    """The place as `list` and `head` take it: `s3://…` as it is, local ones absolute and checked."""
    if place.lower().startswith("s3://"):
        return "s3://" + place[5:]
    from boathouse.lake.storage_local import LocalStorage

    return LocalStorage(house).resolve(place)


def engine_secret(house: House, place: str, credentials: Credentials) -> str | None:
    """Engine SQL that lets the engine read the place itself; None for local ones. Holds keys: never log it."""
    from boathouse.lake import storage_s3

    return storage_s3.engine_secret(house, place, credentials)
