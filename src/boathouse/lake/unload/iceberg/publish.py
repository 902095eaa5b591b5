"""UNLOAD … FORMAT ICEBERG: staged Parquet files to a table that other engines read.

Received: the staged data files of a query, from `write`. Handed on: files in the place, the one that names all others last:
before it stands there, no engine sees anything of the new version. No catalog is asked: versions are numbered files, and
`version-hint.text` names the latest, as tables in plain folders have it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, ObjectNotInPrerequisiteState
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.scans.table_formats import latest_metadata
from boathouse.lake.storage import Storage
from boathouse.lake.unload.journal import journaled
from boathouse.lake.unload.options import UnloadOptions
from boathouse.lake.unload.parts import StagedFile
from boathouse.lake.unload.stage import Published, send_files
from boathouse.sql.statements import Credentials

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IcebergVersion:
    """A version of a table that is ready to be published.

    Attributes:
        files: data and manifests. metadata: the file that names them.
        number: of the version, from 1. first: no table stands there yet.
    """

    files: list[Published]
    metadata: Published
    number: int
    first: bool


def require_library() -> None:
    """Fail before the query runs where pyiceberg is not installed.

    Raises:
        FeatureNotSupported: it is not.
    """
    try:
        import boathouse.lake.unload.iceberg.metadata  # noqa: F401 - takes a second, and most houses never need it
    except ImportError as failure:
        raise FeatureNotSupported(
            "support for writing Iceberg tables is not installed", hint="pip install 'boathouse[table-formats]'"
        ) from failure


def stage_version(
    storage: Storage, prefix: str, schema: pa.Schema, files: Sequence[StagedFile], options: UnloadOptions, staging: Path
) -> IcebergVersion:
    """Write the manifests and the metadata of a table of `files`.

    With `allow_overwrite` the table that stands there gets a further version, which has these rows alone; its older ones
    can still be read. With `clean_path` a new table takes its place.

    Raises:
        DatatypeMismatch: the table there has other columns.
    """
    from boathouse.lake.unload.iceberg.metadata import describe_table

    found = latest_metadata(storage, prefix) if options.allow_overwrite or options.clean_path else None
    number = 1 if found is None else found[0] + 1
    stands = found[1] if found is not None and options.allow_overwrite else None
    manifests, text = describe_table(storage, prefix, schema, options.partition_by, files, stands, staging)
    local = staging / "metadata.json"
    local.write_bytes(text)
    return IcebergVersion(
        [Published(prefix + file.name, file) for file in files]
        + [Published(path, _plain(one)) for path, one in manifests],
        Published(f"{prefix}metadata/v{number}.metadata.json", _plain(local)),
        number,
        found is None,
    )


def publish_version(
    house: House,
    session: Session,
    storage: Storage,
    credentials: Credentials,
    name: str,
    prefix: str,
    version: IcebergVersion,
    options: UnloadOptions,
) -> None:
    """Make the version visible, or nothing of it. What CLEANPATH deletes goes after that.

    Raises:
        ObjectNotInPrerequisiteState: somebody else has published a version with this number.
    """
    hint = prefix + "metadata/version-hint.text"
    told = str(version.number).encode()
    old = [file.path for file in storage.list(prefix)] if options.clean_path else []
    fresh = [target.path for target in version.files]
    last = [version.metadata.path, *([hint] if version.first else [])]
    if storage.head(version.metadata.path) is not None:
        raise _overtaken(prefix, version)
    with journaled(house, storage, credentials, name, prefix, paths := fresh + last):
        send_files(session, storage, version.files)
        session.publish()
        if storage.head(version.metadata.path) is not None:
            paths[:] = fresh  # what is somebody else's stays
            raise _overtaken(prefix, version)
        send_files(session, storage, [version.metadata])
        if version.first:
            storage.write(hint, told)
    # The new version is the table's from here on, whatever fails: readers look for later ones than the hint's.
    try:
        if not version.first:
            storage.write(hint, told)
        storage.delete([path for path in old if path != hint])
    except BoathouseError as problem:
        log.warning(
            "version %d of the table in %s is published; what it replaces stays: %s",
            version.number,
            prefix,
            problem.message,
        )


def _overtaken(prefix: str, version: IcebergVersion) -> ObjectNotInPrerequisiteState:
    return ObjectNotInPrerequisiteState(
        f'the table in "{prefix}" got version {version.number} meanwhile', hint="Run the statement again."
    )


def _plain(local: Path) -> StagedFile:
    return StagedFile(local, local.name, 0, 0, 0, local.stat().st_size)
