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

SourceFile = tuple[Storage, StoredFile]
"""A file and where it lies: a manifest in one place may list files of another."""


def files_of_prefix(house: House, place: str, credentials: Credentials) -> list[SourceFile]:
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
    return [(storage, file) for file in found]


def files_of_manifest(house: House, place: str, credentials: Credentials) -> list[SourceFile]:
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
    found: list[SourceFile] = []
    for entry in entries:
        path = full_path(house, entry["url"])
        holder = storage_for(house, path, credentials)
        file = holder.head(path)
        if file is None:
            if entry.get("mandatory", False):
                raise StorageError(f'the mandatory file "{entry["url"]}" of the manifest does not exist')
            continue
        length = (entry.get("meta") or {}).get("content_length")
        if length is not None and length != file.size:
            raise LoadFailed(f'"{entry["url"]}" has {file.size} bytes where the manifest says {length}')
        found.append((holder, file))
    if not found:
        raise StorageError(f'none of the files that the manifest "{place}" lists exists')
    return found


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
