"""Local folders as a storage.

Paths start from the home's lake folder where they are relative, and must end under it or under a configured root once
links and dots are resolved. Files appear by rename, so that no reader sees half of one.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from boathouse.contracts.errors import DiskFull, InsufficientPrivilege, StorageError
from boathouse.contracts.house import House
from boathouse.lake.stored_files import StoredFile

STAGED = ".boathouse-"
"""Names that start so are being written; no listing shows them."""


class LocalStorage:
    """See `Storage`."""

    def __init__(self, house: House) -> None:
        self._lake = (house.home / "lake").resolve()
        self._roots = [self._lake, *(Path(root).expanduser().resolve() for root in house.settings["lake"].roots)]

    def resolve(self, place: str) -> str:
        """The absolute path, a trailing slash kept.

        Raises:
            InsufficientPrivilege: outside the roots.
        """
        text = place.removeprefix("file://")
        if "\x00" in text:
            raise StorageError("a path cannot hold a NUL character")
        resolved = (self._lake / text).resolve()
        if not any(resolved == root or root in resolved.parents for root in self._roots):
            raise InsufficientPrivilege(
                f'the path "{place}" is outside the folders that statements may use',
                hint="Add the folder to roots in [lake] of boathouse.toml.",
            )
        return f"{resolved}/" if text.endswith("/") and str(resolved) != "/" else str(resolved)

    def list(self, prefix: str) -> Iterator[StoredFile]:
        """See `Storage`."""
        start = self.resolve(prefix)
        folder = start if start.endswith("/") else f"{Path(start).parent}/"
        for entry in sorted(_beneath(folder, start), key=lambda entry: entry.path):
            # Only links may lead out of the roots: to resolve every name would take longer than all the rest.
            file = self.head(entry.path) if entry.is_symlink() else _facts(entry)
            if file is not None:
                yield file

    def head(self, path: str) -> StoredFile | None:
        """See `Storage`."""
        local = Path(self.resolve(path))
        if not local.is_file():
            return None
        return _stored(str(local), local.stat())

    def open(self, path: str) -> BinaryIO:
        """See `Storage`."""
        try:
            return Path(self.resolve(path)).open("rb")
        except OSError as failure:
            raise storage_error("read", path, failure) from failure

    def seekable(self, path: str) -> BinaryIO:
        """See `Storage`."""
        return self.open(path)

    def fetch(
        self, path: str, to: Path, check: Callable[[], None] = lambda: None, etag: str | None = None
    ) -> str | None:
        """See `Storage`."""
        try:
            shutil.copyfile(self.resolve(path), to)
        except OSError as failure:
            raise storage_error("read", path, failure) from failure
        found = self.head(path)
        return found.etag if found is not None else ""

    def write_file(self, local: Path, path: str, check: Callable[[], None] = lambda: None) -> None:
        """See `Storage`."""
        target, staged = self._staged(path)
        try:
            _give(local, staged)
            make_durable(staged)
            staged.replace(target)
        except OSError as failure:
            staged.unlink(missing_ok=True)
            raise storage_error("write", path, failure) from failure

    def write(self, path: str, data: bytes) -> None:
        """See `Storage`."""
        target, staged = self._staged(path)
        try:
            staged.write_bytes(data)
            make_durable(staged)
            staged.replace(target)
        except OSError as failure:
            staged.unlink(missing_ok=True)
            raise storage_error("write", path, failure) from failure

    def delete(self, paths: Sequence[str]) -> None:
        """See `Storage`."""
        for path in paths:
            try:
                Path(self.resolve(path)).unlink(missing_ok=True)
            except NotADirectoryError:
                continue  # a file stands where its folder would be: nothing is there
            except OSError as failure:
                raise storage_error("delete", path, failure) from failure

    def _staged(self, path: str) -> tuple[Path, Path]:
        target = Path(self.resolve(path))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            raise storage_error("write", path, failure) from failure
        return target, target.with_name(f"{STAGED}{os.getpid()}{_staged_end(target.name)}")


def left_of(folder: Path, names: Collection[str]) -> list[Path]:
    """What killed processes left in a folder of the files that they were writing there under these names."""
    ends = tuple(_staged_end(name) for name in names)
    return [left for left in folder.glob(f"{STAGED}*") if left.name.endswith(ends)]


def _staged_end(name: str) -> str:
    # Whoever looks for files of a kind by their names' ends must not find what a killed process left.
    return f"-{name}.part"


def _beneath(folder: str, start: str) -> Iterator[os.DirEntry[str]]:
    """The files and links in a folder and its folders whose paths begin so; links to folders are not followed."""
    waiting = [folder]
    while waiting:
        where = waiting.pop()
        try:
            entries = list(os.scandir(where))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(STAGED):
                continue
            if entry.is_dir(follow_symlinks=False):
                if _may_hold(f"{entry.path}/", start):
                    waiting.append(f"{entry.path}/")
            elif entry.path.startswith(start):
                yield entry


def _facts(entry: os.DirEntry[str]) -> StoredFile | None:
    """A file that was listed; None for what is none, or has gone meanwhile."""
    try:
        return _stored(entry.path, entry.stat()) if entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None


def _stored(path: str, facts: os.stat_result) -> StoredFile:
    changed = datetime.fromtimestamp(facts.st_mtime, UTC)
    return StoredFile(path, facts.st_size, changed, f"{facts.st_mtime_ns}-{facts.st_size}")


def _give(local: Path, staged: Path) -> None:
    """Another name of the file where both lie in one file system, else a copy."""
    staged.unlink(missing_ok=True)
    try:
        os.link(local, staged)
    except OSError:
        shutil.copyfile(local, staged)


def _may_hold(folder: str, start: str) -> bool:
    return folder.startswith(start) or start.startswith(folder)


def make_durable(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(verb: str, path: str, failure: OSError) -> StorageError | DiskFull:
    """What a user is told of a file that cannot be read, written or deleted."""
    if failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f'cannot {verb} "{path}": no space left on device')
    return StorageError(f'cannot {verb} "{path}": {(failure.strerror or "failed").lower()}')
