"""Files on their way to the reader: fetched ahead, checked, decompressed into the home's spool.

Receives stored files in order; hands `load` local, uncompressed ones. A local plain file is read where it lies; what was
spooled is removed as soon as it is read.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from boathouse.contracts.errors import DataError, StorageUnavailable
from boathouse.contracts.house import House
from boathouse.lake.storage import Storage, StoredFile

_CODECS = {"gzip": "gzip", "zstd": "zstd", "bzip2": "bz2"}
_PIECE_BYTES = 4 << 20


@dataclass
class FetchedFile:
    """A local file: `name` is the place it came from; `spooled` ones are removed on exit."""

    name: str
    local: Path
    spooled: bool
    unchanged: Callable[[], bool] = lambda: True

    def require_unchanged(self) -> None:
        """Called once all is read.

        Raises:
            StorageUnavailable: it is not the file that was listed.
        """
        if not self.unchanged():
            raise _changed(self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.spooled:
            self.local.unlink(missing_ok=True)


def fetch_ahead(
    house: House, files: Sequence[tuple[Storage, StoredFile]], compression: str | None
) -> Iterator[FetchedFile]:
    """The files in order; `copy_prefetch` of them are on their way while one is read."""
    ahead = max(1, house.settings["lake"].copy_prefetch)
    waiting: deque[Future[FetchedFile]] = deque()
    with ThreadPoolExecutor(ahead, thread_name_prefix="copy-fetch") as pool:
        try:
            rest = iter(files)
            for storage, file in rest:
                waiting.append(pool.submit(_fetch, house, storage, file, compression))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            for future in waiting:
                if not future.cancelled() and future.exception() is None:
                    future.result().__exit__(None, None, None)


def _fetch(house: House, storage: Storage, file: StoredFile, compression: str | None) -> FetchedFile:
    remote = file.path.startswith("s3://")
    if not remote and compression is None:
        return FetchedFile(file.path, Path(file.path), spooled=False, unchanged=lambda: storage.head(file.path) == file)
    with tempfile.NamedTemporaryFile(dir=house.home / "tmp", prefix="copy-", delete=False) as spool:
        local = Path(spool.name)
    try:
        if compression is not None:
            _decompress(storage, file, _CODECS[compression], local)
        else:
            _fetch_listed(storage, file, local)
        if not remote and storage.head(file.path) != file:
            raise _changed(file.path)
    except BaseException:
        local.unlink(missing_ok=True)
        raise
    return FetchedFile(file.path, local, spooled=True)


def _fetch_listed(storage: Storage, file: StoredFile, local: Path) -> None:
    """Copy exactly the version that was listed: one of the same length with other bytes is another file."""
    read = storage.fetch(file.path, local)
    if local.stat().st_size != file.size or (read is not None and file.etag is not None and read != file.etag):
        raise _changed(file.path)


def _changed(path: str) -> StorageUnavailable:
    return StorageUnavailable(
        f'"{path}" changed while it was read', hint="Nothing was loaded. Load again when nobody writes the file."
    )


def _decompress(storage: Storage, file: StoredFile, codec: str, local: Path) -> None:
    packed = Path(file.path)
    spooled = file.path.startswith("s3://")
    if spooled:
        packed = local.with_suffix(".packed")
    try:
        if spooled:
            _fetch_listed(storage, file, packed)
        with pa.OSFile(str(packed)) as raw, pa.CompressedInputStream(raw, codec) as stream, local.open("wb") as out:
            while piece := stream.read(_PIECE_BYTES):
                out.write(piece)
    except (OSError, pa.ArrowException) as failure:
        raise DataError(
            f'"{file.path}" is not a whole {codec} file', hint="Check the compression option and the file."
        ) from failure
    finally:
        if spooled:
            packed.unlink(missing_ok=True)
