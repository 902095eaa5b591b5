"""UNLOAD: a query's result to files in a place.

Received: the parsed statement, from the journey. Handed on: files in the place, a notice and a log row, `Done`.
Files are staged under the home first, so that nothing half-written ever shows, and published under a journal, so that
a failure or a kill between two files is undone.
"""

from __future__ import annotations

import logging
import re
import shutil
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from boathouse.contracts.answers import Done, Field, Notice
from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateColumn,
    FeatureNotSupported,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.storage import Storage, full_path, storage_for
from boathouse.lake.unload.iceberg.publish import publish_version, require_library, stage_version
from boathouse.lake.unload.journal import journaled
from boathouse.lake.unload.log import LoggedFile, begin_log, end_log, fail_log
from boathouse.lake.unload.manifest import manifest_bytes
from boathouse.lake.unload.options import UnloadOptions, read_options
from boathouse.lake.unload.partitions import partition_keys
from boathouse.lake.unload.parts import StagedFile
from boathouse.lake.unload.schemas import iceberg_schema
from boathouse.lake.unload.stage import Published, empty_file, send_files, stage_anywhere
from boathouse.sql.statements import Unload

log = logging.getLogger(__name__)

NOT_EMPTY = (
    "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, "
    "manually removing the target files in S3, or using the ALLOWOVERWRITE option."
)
"""Redshift's own sentence, which scripts look for; also for places that are no bucket."""


def unload(house: House, session: Session, statement: Unload) -> Done:
    """Run one UNLOAD (Redshift Database Developer Guide, "UNLOAD").

    Raises:
        ObjectNotInPrerequisiteState: files stand at the destination, before the query runs.
        FeatureNotSupported: an outer LIMIT, or a type that the format cannot hold.
        UndefinedColumn, DuplicateColumn, …: partition keys and names. StorageError: the place. QueryCanceled.
    """
    started = house.clock.now()
    options = read_options(statement)
    _refuse_limit(statement)
    storage = storage_for(house, statement.destination, statement.credentials)
    prefix = _prefix(house, statement, options)
    number = begin_log(session, options.format, options.compression, prefix, started)
    try:
        files = _write(house, session, statement, options, storage, prefix)
    except BaseException as failure:
        fail_log(house, session, number, failure)
        raise
    return _report(house, session, number, started, options, files, prefix)


def _write(
    house: House, session: Session, statement: Unload, options: UnloadOptions, storage: Storage, prefix: str
) -> list[StagedFile]:
    """Run the query and publish its files; returns those with rows, without the manifest."""
    _require_empty(storage, prefix, options)
    translated = session.translate(statement.query)
    keys = partition_keys(translated.fields, options)
    kept = tuple(f for place, f in enumerate(translated.fields) if options.include or place not in keys)
    _check_columns(session, kept, options)

    name = uuid.uuid4().hex
    if options.format == "iceberg":
        require_library()
        options = replace(options, extension=f".{name}.parquet")
    staging = house.home / "tmp" / f"unload-{name}"
    staging.mkdir(parents=True)
    try:
        slices = house.settings["lake"].unload_slices if options.parallel else 1
        files = stage_anywhere(session, translated, translated, keys, kept, options, staging, slices)
        if not files and not keys and options.format not in ("json", "iceberg"):
            files = [empty_file(kept, options, staging)]
        session.check_cancelled()
        if options.format == "iceberg":
            files = [replace(file, name=f"data/{file.name}") for file in files]
            version = stage_version(storage, prefix, iceberg_schema(kept), files, options, staging)
            _require_empty(storage, prefix, options)
            publish_version(house, session, storage, statement.credentials, name, prefix, version, options)
            return files
        targets = [Published(prefix + file.name, file) for file in files]
        if options.manifest:
            manifest = _stage_manifest(staging, targets, kept, options)
            targets.append(Published(prefix + "manifest", manifest))
        _publish(house, session, storage, statement, name, prefix, options, targets)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return files


def _prefix(house: House, statement: Unload, options: UnloadOptions) -> str:
    """What all paths begin with; partition folders and tables need a slash before what is theirs."""
    prefix = full_path(house, statement.destination)
    return (
        prefix + "/" if (options.partition_by or options.format == "iceberg") and not prefix.endswith("/") else prefix
    )


def _refuse_limit(statement: Unload) -> None:
    """UNLOAD takes no LIMIT in the outer SELECT; inside a sub-query it may stand."""
    try:
        tree = sqlglot.parse_one(statement.query, dialect="redshift")
    except SqlglotError:
        return  # The binder says what is wrong with the text, and where.
    if isinstance(tree, exp.Query) and (tree.args.get("limit") is not None or tree.args.get("offset") is not None):
        found = [match.start() for match in re.finditer(r"\b(limit|top|offset)\b", statement.text, re.IGNORECASE)]
        raise FeatureNotSupported(
            "Limit clause is not supported",
            hint="Put the LIMIT into a sub-query: SELECT * FROM (SELECT ... LIMIT n).",
            position=found[-1] + 1 if found else None,
        )


def _require_empty(storage: Storage, prefix: str, options: UnloadOptions) -> None:
    if options.allow_overwrite or options.clean_path:
        return
    if (found := next(iter(storage.list(prefix)), None)) is not None:
        raise ObjectNotInPrerequisiteState(
            NOT_EMPTY, detail=f"The first file found is {found.path}.", hint="Use ALLOWOVERWRITE or CLEANPATH."
        )


_SPATIAL = ("geometry", "geography")
_NO_ICEBERG = ("interval", "time with time zone", *_SPATIAL)
_NO_PARQUET = ("varbyte", "bytea", *_NO_ICEBERG)
_NAMES = {"json": "JSON", "parquet": "Parquet", "iceberg": "Iceberg"}


def _check_columns(session: Session, fields: tuple[Field, ...], options: UnloadOptions) -> None:
    if options.widths and len(options.widths) != len(fields):
        raise InvalidParameterValue(
            f"FIXEDWIDTH names {len(options.widths)} fields where the query returns {len(fields)} columns"
        )
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice and options.format in ("json", "iceberg"):
        raise DuplicateColumn(
            f'column "{twice[0]}" stands more than once in the query',
            hint=f"{_NAMES[options.format]} needs a name of its own per column.",
        )
    refused = {"parquet": _NO_PARQUET, "iceberg": _NO_ICEBERG, "json": _SPATIAL}.get(options.format, ())
    for field in fields:
        if field.type.name in refused:
            raise FeatureNotSupported(
                f'column "{field.name}" is of type {field.type}, which UNLOAD cannot write to {_NAMES[options.format]}',
                hint="Cast it in the query, or unload to text or CSV.",
            )
    for name in twice if options.format in ("parquet", "iceberg") else ():
        session.notify(
            Notice("WARNING", f'column "{name}" stands more than once in the query; the later ones get a number')
        )


def _stage_manifest(
    staging: Path, targets: Sequence[Published], fields: tuple[Field, ...], options: UnloadOptions
) -> StagedFile:
    local = staging / "manifest"
    text = manifest_bytes([(target.path, target.file) for target in targets], fields, options.verbose)
    local.write_bytes(text)
    return StagedFile(local, "manifest", 0, 0, 0, len(text))


def _publish(
    house: House,
    session: Session,
    storage: Storage,
    statement: Unload,
    name: str,
    prefix: str,
    options: UnloadOptions,
    targets: Sequence[Published],
) -> None:
    """Make the staged files visible, or none of them.

    Files that stood there before and are overwritten cannot be brought back by a failure; they are kept out of the
    journal, so that at least the name stays. The place is looked at once more: the query may have taken hours.
    """
    _require_empty(storage, prefix, options)
    old = set()
    if options.allow_overwrite or options.clean_path:
        old = {found.path for found in storage.list(prefix)}
    fresh = [target.path for target in targets if not _stands(storage, target.path, old)]
    with journaled(house, storage, statement.credentials, name, prefix, fresh):
        last = [target for target in targets if target.file.name == "manifest"]
        send_files(session, storage, [target for target in targets if target.file.name != "manifest"])
        send_files(session, storage, last)
        session.publish()
        if options.clean_path:
            storage.delete(_superseded(storage, old, targets))


def _stands(storage: Storage, path: str, old: set[str]) -> bool:
    if not old:
        return False
    found = storage.head(path)
    return found is not None and found.path in old


def _superseded(storage: Storage, old: Iterable[str], targets: Sequence[Published]) -> list[str]:
    """The old files that CLEANPATH deletes: in folders that got files, but for those just written."""
    written = {found.path for target in targets if (found := storage.head(target.path)) is not None}
    folders = {path.rpartition("/")[0] for path in written if not path.endswith("/manifest")}
    partitioned = any("/" in target.file.name for target in targets)
    return sorted(
        path for path in old if path not in written and (not partitioned or path.rpartition("/")[0] in folders)
    )


def _report(
    house: House,
    session: Session,
    number: int,
    started: datetime,
    options: UnloadOptions,
    files: Sequence[StagedFile],
    prefix: str,
) -> Done:
    """Log the files, tell the client the count."""
    count = sum(file.rows for file in files)
    logged = [LoggedFile(file.slice, prefix + file.name, file.lines, file.size) for file in files]
    try:
        end_log(house, session, number, logged, count, options.format, started)
    except BoathouseError as problem:  # the files are out: the statement has succeeded
        log.warning("the log of unload %d could not be written: %s", number, problem.message)
    session.engine.execute(f"SET VARIABLE last_unload_count = {count}")
    session.engine.execute(f"SET VARIABLE last_unload_id = {number}")
    session.notify(Notice("INFO", f"UNLOAD completed, {count} record(s) unloaded successfully."))
    return Done("UNLOAD")
