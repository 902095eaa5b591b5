"""Which files a COPY loads: those of a prefix, or those of a manifest.

Receives the statement's place; hands `load` the files in order. Source: Redshift Developer Guide, "COPY: data sources",
"Using a manifest to specify data files".
"""

from __future__ import annotations

import json
from typing import Any

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, LoadFailed, StorageError
from boathouse.contracts.house import House
from boathouse.lake.copy.options import COLUMNAR, LoadOptions
from boathouse.lake.storage import Storage, StoredFile, full_path, storage_for
from boathouse.sql.statements import CopyFrom, Credentials

MANIFEST_BYTES_MAX = 64 << 20

SourceFile = tuple[Storage, StoredFile]
"""A file and where it lies: a manifest in one place may list files of another."""


_OTHERS = {
    "emr": "an Amazon EMR cluster", "dynamodb": "a DynamoDB table", "ssh": "a host by SSH",
}  # fmt: skip


def find_files(house: House, statement: CopyFrom, options: LoadOptions) -> list[SourceFile]:
    """The files that a COPY loads.

    Raises:
        FeatureNotSupported: they do not lie in files.
        StorageError, InvalidParameterValue, LoadFailed: see the two ways below.
    """
    place = statement.source
    other = _OTHERS.get(place.partition("://")[0].lower()) if "://" in place else None
    if other is not None:
        raise FeatureNotSupported(f"COPY from {other} is not supported", hint="Load files from a folder or s3://.")
    if not options.manifest:
        return files_of_prefix(house, place, statement.credentials)
    return files_of_manifest(house, place, statement.credentials, lengths=options.format in COLUMNAR)


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


def files_of_manifest(house: House, place: str, credentials: Credentials, *, lengths: bool = False) -> list[SourceFile]:
    """The files that a manifest lists, in its order; one listed twice is loaded twice.

    Args:
        lengths: each entry must tell its file's length.

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
        if lengths and not isinstance(length, int):
            raise InvalidParameterValue(
                f'the manifest does not say how long "{entry["url"]}" is',
                hint='Entries of Parquet and ORC files need "meta": {"content_length": bytes}.',
            )
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
