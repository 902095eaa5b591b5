"""Places: local folders and S3 buckets behind one interface.

Receives a place as users write it and the statement's credentials; hands COPY, UNLOAD, external tables and the crawler
something that lists, reads and writes. Local paths stay under the configured roots, whatever links or dots they hold.
"""

from __future__ import annotations

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.lake import storage_s3
from boathouse.lake.storage_local import LocalStorage
from boathouse.lake.stored_files import Storage, StoredFile
from boathouse.sql.statements import Credentials

__all__ = ["Storage", "StoredFile", "full_path", "storage_for"]


def storage_for(house: House, place: str, credentials: Credentials) -> Storage:
    """The storage that holds a place.

    Raises:
        InsufficientPrivilege: a local path outside the roots. InvalidParameterValue: a scheme that is not known.
        UndefinedObject: a secret that does not exist.
    """
    scheme, found, _ = place.partition("://")
    if found and scheme.lower() == "s3":
        return storage_s3.s3_storage(house, place, credentials)
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
    return LocalStorage(house).resolve(place)
