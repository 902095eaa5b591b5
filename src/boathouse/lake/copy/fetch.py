"""Files on their way to the reader: fetched ahead, checked, decompressed and brought to UTF-8 in the home's spool.

Receives stored files in order; hands `load` local ones that are ready to be read. A plain local file is read where it
lies; what was spooled is removed as soon as it is read, or as soon as it arrives where nobody waits for it any more.
"""

from __future__ import annotations

import errno
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from boathouse.contracts.errors import DataError, DiskFull, FeatureNotSupported, QueryCanceled, StorageUnavailable
from boathouse.contracts.house import House
from boathouse.lake import attend
from boathouse.lake.copy.decode import lzop
from boathouse.lake.copy.decode.transcode import NotInEncoding, to_utf8
from boathouse.lake.copy.options import COLUMNAR, LoadOptions
from boathouse.lake.storage import Storage, StoredFile

_CODECS = {"gzip": "gzip", "zstd": "zstd", "bzip2": "bz2", "lzop": "lzop"}
_SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".snappy": "snappy"}
_MAGIC = (b"PAR1", b"ORC")
_PIECE_BYTES = 4 << 20


@dataclass
class FetchedFile:
    """A local file.

    Attributes:
        name: the place it came from.
        stored: what was listed.
        spooled: it is ours, and removed on exit.
        mismatch: why it is not in the encoding that was named; None where it is.
    """

    name: str
    local: Path
    stored: StoredFile
    spooled: bool
    unchanged: Callable[[], bool] = lambda: True
    mismatch: str | None = None

    def require_unchanged(self) -> None:
        """Called once all is read, and before anybody is told what was wrong with it.

        Raises:
            StorageUnavailable: it is not the file that was listed.
        """
        if not self.unchanged():
            raise _changed(self.name)

    def remove(self) -> None:
        """Give the spool's room back."""
        if self.spooled:
            self.local.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def fetch_ahead(
    house: House, files: Sequence[tuple[Storage, StoredFile]], options: LoadOptions, check: Callable[[], None]
) -> Iterator[FetchedFile]:
    """The files in order; `copy_prefetch` of them are on their way while one is read.

    Args:
        check: raises where the statement was cancelled.
    """
    ahead = max(1, house.settings["lake"].copy_prefetch)
    abandoned = threading.Event()

    def still_wanted() -> None:
        if abandoned.is_set():
            raise QueryCanceled("the load has ended")

    waiting: deque[Future[FetchedFile]] = deque()
    try:
        for storage, file in files:
            work = _Fetch(house, storage, file, options, still_wanted)
            waiting.append(attend.begin(work.run, "copy-fetch"))
            if len(waiting) > ahead:
                yield attend.wait(waiting[0], check)
                waiting.popleft()
        while waiting:
            yield attend.wait(waiting[0], check)
            waiting.popleft()
    finally:
        abandoned.set()
        for future in waiting:
            future.add_done_callback(_remove)


def _remove(future: Future[FetchedFile]) -> None:
    if future.exception() is None:
        future.result().remove()


@dataclass
class _Fetch:
    """One file on its way."""

    house: House
    storage: Storage
    file: StoredFile
    options: LoadOptions
    check: Callable[[], None]

    def run(self) -> FetchedFile:
        remote = self.file.path.startswith("s3://")
        by_suffix = self.options.format in COLUMNAR and Path(self.file.path).suffix.lower() in _SUFFIXES
        if not remote and self.options.compression is None and self.options.encoding == "utf8" and not by_suffix:
            return FetchedFile(self.file.path, Path(self.file.path), self.file, False, self._unchanged)
        local = self._spool()
        try:
            mismatch = self._fill(local, remote, by_suffix)
            if not remote and not self._unchanged():
                raise _changed(self.file.path)
        except BaseException:
            local.unlink(missing_ok=True)
            raise
        return FetchedFile(self.file.path, local, self.file, True, mismatch=mismatch)

    def _unchanged(self) -> bool:
        return self.storage.head(self.file.path) == self.file

    def _spool(self) -> Path:
        with tempfile.NamedTemporaryFile(dir=self.house.home / "tmp", prefix="copy-", delete=False) as spool:
            return Path(spool.name)

    def _fill(self, local: Path, remote: bool, by_suffix: bool) -> str | None:
        """Bring the file to the spool; why its encoding is another one, or None."""
        codec = _CODECS[self.options.compression] if self.options.compression is not None else None
        if remote and codec is None and self.options.encoding == "utf8" and not by_suffix:
            self._fetch_listed(local)
            return None
        source = self._spool() if remote else Path(self.file.path)
        try:
            if remote:
                self._fetch_listed(source)
            if by_suffix:
                codec = self._codec_of(source)
            self._rewrite(source, codec, local)
        except NotInEncoding as failure:
            return str(failure)
        except pa.ArrowException as failure:
            raise self._packed_badly(codec) from failure
        except OSError as failure:
            if failure.errno == errno.ENOSPC:
                raise DiskFull(f'no space left in tmp/ for "{self.file.path}"') from failure
            if failure.errno == errno.ENOENT:
                raise _changed(self.file.path) from failure
            raise self._packed_badly(codec) from failure
        finally:
            if remote:
                source.unlink(missing_ok=True)
        return None

    def _rewrite(self, source: Path, codec: str | None, local: Path) -> None:
        pieces = self._pieces(source, codec)
        if self.options.encoding != "utf8":
            pieces = to_utf8(pieces, self.options.encoding)
        with local.open("wb") as out:
            for piece in pieces:
                out.write(piece)

    def _pieces(self, source: Path, codec: str | None) -> Iterator[bytes]:
        if codec == "lzop":
            for piece in lzop.unpacked(source):
                self.check()
                yield piece
            return
        with pa.OSFile(str(source)) as raw:
            stream = raw if codec is None else pa.CompressedInputStream(raw, codec)
            while piece := stream.read(_PIECE_BYTES):
                self.check()
                yield piece

    def _codec_of(self, source: Path) -> str | None:
        """How a columnar file is packed as a whole: by its suffix, unless it plainly is not."""
        with source.open("rb") as file:
            if file.read(4).startswith(_MAGIC):
                return None
        codec = _SUFFIXES[Path(self.file.path).suffix.lower()]
        if codec == "snappy":
            raise FeatureNotSupported(f'"{self.file.path}": files packed by snappy as a whole are not supported')
        return codec

    def _packed_badly(self, codec: str | None) -> DataError:
        return DataError(
            f'"{self.file.path}" is not a whole {codec} file', hint="Check the compression option and the file."
        )

    def _fetch_listed(self, local: Path) -> None:
        """Copy exactly the version that was listed: one of the same length with other bytes is another file."""
        try:
            read = self.storage.fetch(self.file.path, local, self.check, self.file.etag)
        except OSError as failure:
            if failure.errno == errno.ENOSPC:
                raise DiskFull(f'no space left in tmp/ for "{self.file.path}"') from failure
            raise
        same = read is None or self.file.etag is None or read == self.file.etag
        if local.stat().st_size != self.file.size or not same:
            raise _changed(self.file.path)


def _changed(path: str) -> StorageUnavailable:
    return StorageUnavailable(
        f'"{path}" changed while it was read', hint="Nothing was loaded. Load again when nobody writes the file."
    )
