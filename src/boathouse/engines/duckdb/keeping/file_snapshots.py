"""Snapshots of a warehouse in a file of the engine's own: copies of it, made while statements go on.

The engine never writes to a block that its newest header names before a checkpoint has written the next header, and commits
stand in the log beside the file until then. So while no checkpoint begins, the log so far and then the file are what a crash
would have left at that moment, and the engine recovers that. Readers and writers go on; the log grows meanwhile.

A copy is made as `NAME.part` and becomes `NAME` once the transaction that notes it has committed; one that is let go waits as
`NAME.gone`. `sweep` finishes either after a crash.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import DiskFull, ObjectNotInPrerequisiteState
from boathouse.contracts.past.snapshots import Between, Instant, Kept, Restored
from boathouse.contracts.relations import Past, Relation
from boathouse.engines.duckdb.catalog import column_of
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.extensions import CLOSED
from boathouse.engines.duckdb.keeping.attached import AttachedFiles
from boathouse.engines.duckdb.keeping.definitions import literal
from boathouse.engines.duckdb.keeping.past_file import PastFile
from boathouse.engines.duckdb.keeping.restore import no_table, require_backup, restore
from boathouse.engines.duckdb.macros import install
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted

LOG = logging.getLogger(__name__)

FILE = "warehouse.duckdb"
_PART, _GONE = ".part", ".gone"
_TRIES_MAX = 20
_BETWEEN_TRIES_SECONDS = 0.25
_CHUNK_BYTES = 8 << 20
_CLONE = 0x40049409
"""The system's FICLONE: two files share their blocks until one changes, where the file system can."""
_HEADERS_BYTES = 3 * 4096
"""The engine's headers; a checkpoint changes them."""


class FileSnapshots:
    """See `contracts.past.snapshots.Snapshots`.

    Args:
        file: the warehouse.
        folder: of the snapshots; made where there is none.
        database: the name under which users know the warehouse.
        open_cursor: a further connection to the engine that has the warehouse.
        checkpoints: of that engine.
    """

    def __init__(
        self,
        file: Path,
        folder: Path,
        database: str,
        open_cursor: Callable[[], duckdb.DuckDBPyConnection],
        checkpoints: Checkpoints,
    ) -> None:
        self._file = file
        self._folder = folder
        self._database = database
        self._open_cursor = open_cursor
        self._checkpoints = checkpoints
        self._making = threading.Lock()
        self._between: Between | None = None
        self._attached = AttachedFiles(open_cursor)

    def watch(self, between: Between) -> None:
        """See the protocol."""
        self._between = between

    def keep(self, session: EngineSession, check: Callable[[], None]) -> Kept:
        """See the protocol."""
        while not self._making.acquire(timeout=_BETWEEN_TRIES_SECONDS):
            check()
        name = secrets.token_hex(8)
        part = self._folder / (name + _PART)
        try:
            part.mkdir(parents=True)
            with self._checkpoints.held():
                instant = self._copy(part, check)
            self._fold(part / FILE)
            durable(part / FILE, part, self._folder)
            return Kept(name, (part / FILE).stat().st_size, instant)
        except BaseException as failure:
            shutil.rmtree(part, ignore_errors=True)
            if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f'no space left on device to write a snapshot in "{self._folder}"') from failure
            if isinstance(failure, OSError | duckdb.Error):
                raise translate(failure) from failure
            raise
        finally:
            self._making.release()

    def forget(self, place: str) -> None:
        """See the protocol."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / place).rename(self._folder / (place + _GONE))

    def settle(self, place: str, *, committed: bool) -> None:
        """See the protocol."""
        part, gone, whole = (self._folder / (place + suffix) for suffix in (_PART, _GONE, ""))
        try:
            if part.exists():
                _keep_or_remove(part, whole, keep=committed)
            if gone.exists():
                _keep_or_remove(gone, whole, keep=not committed)
            if not whole.exists():
                self._attached.let_go(_file(place))
        except OSError as failure:
            LOG.warning("the snapshot in %s is not as it should be: %s", whole, type(failure).__name__)

    def sweep(self, noted: Collection[str]) -> None:
        """See the protocol."""
        if not self._folder.is_dir():
            return
        for one in self._folder.iterdir():
            place = one.name.removesuffix(_PART).removesuffix(_GONE)
            if one.name != place:
                _keep_or_remove(one, self._folder / place, keep=place in noted)

    def restore(self, session: EngineSession, place: str, table: Restored) -> int | None:
        """See the protocol. The engine's transaction goes on with the copy where it is detached."""
        past = self._hold(session, place)
        try:
            return restore(session, past, self._database, table)
        finally:
            self.release(place)

    def relation_at(self, session: EngineSession, relation: Relation, place: str) -> Relation:
        """See the protocol. A table is known by its number, which its note keeps through all its names."""
        past = self._hold(session, place)
        try:
            now = PastFile(session.fetch, self._database).table((relation.schema, relation.name))
            number = read_note(None if now is None else now.note).get("oid")
            found = past.numbered(number)
            if found is None:
                raise no_table(relation)
            require_backup(found)
            columns = tuple(
                column_of((one.name, one.type, one.nullable, one.default, one.note)) for one in found.columns
            )
            live = Past(None, {})  # columns have no numbers: who may read some may not read what was under their names
            return Relation(relation.schema, relation.name, relation.kind, columns, past.rows(found.place), live=live)
        except BaseException:
            self.release(place)
            raise

    def release(self, place: str) -> None:
        """See the protocol."""
        self._attached.release(_file(place))

    def rest(self) -> None:
        """See the protocol."""
        self._attached.rest()

    def _hold(self, session: EngineSession, place: str) -> PastFile:
        """A copy, attached until `release`. One that is just noted, or forgotten, by another transaction has the name that it
        had, or will have.
        """
        files = [self._folder / (place + suffix) / FILE for suffix in ("", _PART, _GONE)]
        name = self._attached.hold(_file(place), files)
        if name is None:
            raise ObjectNotInPrerequisiteState("the snapshot is not kept any more")
        return PastFile(session.fetch, name)

    # -- copying -----------------------------------------------------------------------------------------

    def _copy(self, part: Path, check: Callable[[], None]) -> Instant | None:
        """Copy the log and the file; again where a checkpoint that had begun before came between.

        Returns:
            Of when they are, where somebody knows.
        """
        for _ in range(_TRIES_MAX):
            before = self._state()
            if before is not None:
                instant, length = self._end_of_log()
                if length:
                    _copy_file(_log_of(self._file), _log_of(part / FILE), check, length)
                _copy_file(self._file, part / FILE, check)
                if self._state() == before:
                    return instant
                for one in part.iterdir():
                    one.unlink()
            check()
            time.sleep(_BETWEEN_TRIES_SECONDS)
        raise ObjectNotInPrerequisiteState(
            "the warehouse was being written to its file all the while", hint="Make the snapshot again."
        )

    def _end_of_log(self) -> tuple[Instant | None, int]:
        """Up to where the log is copied: to the end that it has while nothing is being committed, so that the moment is known."""
        found: list[int] = []

        def look() -> None:
            log = _log_of(self._file)
            found.append(log.stat().st_size if log.exists() else 0)

        instant = None if self._between is None else self._between(look)
        if instant is None:
            look()
        return instant, found[-1]

    def _state(self) -> tuple[bytes, int] | None:
        """What a checkpoint changes; None in the middle of one."""
        if any(self._file.parent.glob(f"{self._file.name}.wal.*")):
            return None
        log = _log_of(self._file)
        with self._file.open("rb") as file:
            return file.read(_HEADERS_BYTES), log.stat().st_ino if log.exists() else 0

    def _fold(self, copy: Path) -> None:
        """Open the copy as after a crash, which shows that it is whole, and write its log into it."""
        connection = duckdb.connect(config={**CLOSED, "threads": 1})
        try:
            install(connection)  # defaults of columns call our functions, and are bound with the log
            connection.execute(f"ATTACH {literal(str(copy))} AS {quoted(self._database)}")
            connection.execute(f"CHECKPOINT {quoted(self._database)}")
        finally:
            connection.close()


def _file(place: str) -> str:
    """What a copy is called among the attached files."""
    return f"snapshot_{place}"


def _log_of(file: Path) -> Path:
    return file.with_name(file.name + ".wal")


def _copy_file(source: Path, target: Path, check: Callable[[], None], length: int | None = None) -> None:
    """Copy a file, or so many bytes of it, by sharing its blocks where the file system can."""
    with source.open("rb") as reader, target.open("wb") as writer:
        with contextlib.suppress(OSError):
            fcntl.ioctl(writer.fileno(), _CLONE, reader.fileno())
            if length is not None:
                writer.truncate(length)
            return
        left = os.fstat(reader.fileno()).st_size if length is None else length
        while left > 0 and (chunk := reader.read(min(left, _CHUNK_BYTES))):
            writer.write(chunk)
            left -= len(chunk)
            check()


def durable(*places: Path) -> None:
    """Files, and folders with the names in them, survive a loss of power from now on."""
    for place in places:
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _keep_or_remove(found: Path, whole: Path, *, keep: bool) -> None:
    if keep:
        found.rename(whole)
        durable(whole.parent)
    else:
        shutil.rmtree(found, ignore_errors=True)
