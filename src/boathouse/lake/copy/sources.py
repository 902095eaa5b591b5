"""Which files a COPY loads: those of a prefix, or those of a manifest.

Receives the statement's place; hands `load` the files in order. Source: Redshift Developer Guide, "COPY: data sources",
"Using a manifest to specify data files".
"""

from __future__ import annotations

import json
from typing import Any

from boathouse.contracts.errors import InvalidParameterValue, LoadFailed, StorageError
from boathouse.contracts.house import House
from boathouse.lake.storage import Storage, StoredFile, full_path, storage_for
from boathouse.sql.statements import Credentials

MANIFEST_BYTES_MAX = 64 << 20


def files_of_prefix(house: House, place: str, credentials: Credentials) -> tuple[Storage, list[StoredFile]]:
    """Every file whose path starts with the place, by name.

    Raises:
        StorageError: there is none.
    """
    storage = storage_for(house, place, credentials)
    found = [file for file in storage.list(full_path(house, place)) if not file.path.endswith("/")]
    if not found:
        raise StorageError(
            f"The specified S3 prefix '{place}' does not exist" if place.lower().startswith("s3:") else
            f"The specified path '{place}' does not exist",
            hint="COPY loads every file whose path starts with this; check bucket, prefix and spelling.",
            sqlstate="XX000",
        )  # fmt: skip
    return storage, found


def files_of_manifest(house: House, place: str, credentials: Credentials) -> tuple[Storage, list[StoredFile]]:
    """The files that a manifest lists, in its order; one listed twice is loaded twice.

    Raises:
        StorageError: no manifest, or a mandatory file is missing, or none of its files exists.
        InvalidParameterValue: not a manifest.
        LoadFailed: a file has another length than the manifest says.
    """
    storage = storage_for(house, place, credentials)
    manifest = storage.head(full_path(house, place))
    if manifest is None:
        raise StorageError(f'the manifest "{place}" does not exist', hint="MANIFEST needs the full path of one file.")
    if manifest.size > MANIFEST_BYTES_MAX:
        raise InvalidParameterValue(f'the manifest "{place}" is larger than {MANIFEST_BYTES_MAX >> 20} MB')
    with storage.open(manifest.path) as stream:
        entries = _entries(place, stream.read())
    found = []
    for entry in entries:
        path = full_path(house, entry["url"])
        file = storage_for(house, path, credentials).head(path)
        if file is None:
            if entry.get("mandatory", False):
                raise StorageError(f'the mandatory file "{entry["url"]}" of the manifest does not exist')
            continue
        length = (entry.get("meta") or {}).get("content_length")
        if length is not None and length != file.size:
            raise LoadFailed(f'"{entry["url"]}" has {file.size} bytes where the manifest says {length}')
        found.append(file)
    if not found:
        raise StorageError(f'none of the files that the manifest "{place}" lists exists')
    return storage, found


def _entries(place: str, content: bytes) -> list[dict[str, Any]]:
    try:
        entries = json.loads(content)["entries"]
        if all(isinstance(entry["url"], str) for entry in entries):
            return list(entries)
    except (ValueError, KeyError, TypeError):
        pass
    raise InvalidParameterValue(
        f'"{place}" is not a manifest', hint='It should be like {"entries": [{"url": "s3://…", "mandatory": true}]}.'
    )
