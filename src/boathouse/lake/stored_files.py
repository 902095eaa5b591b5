"""Files as a storage knows them, and what every storage can do; the words of `storage` and its kinds."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file or object: its full path (`/…` or `s3://bucket/key`), size in bytes, time of change, entity tag."""

    path: str
    size: int
    modified: datetime
    etag: str | None = None


def _wanted() -> None:
    """Nobody has given a file up."""


class Storage(Protocol):
    """Files of one kind of place. Errors are StorageError or StorageUnavailable and name the path."""

    def list(self, prefix: str) -> Iterator[StoredFile]:
        """Every file whose path starts with the prefix, sorted, in pages; staging files are left out."""
        ...

    def head(self, path: str) -> StoredFile | None:
        """The file, or None."""
        ...

    def open(self, path: str) -> BinaryIO:
        """Read it as a stream; the caller closes it."""
        ...

    def seekable(self, path: str) -> BinaryIO:
        """Read it from anywhere, a portion at a time; the caller closes it."""
        ...

    def fetch(self, path: str, to: Path, check: Callable[[], None] = _wanted, etag: str | None = None) -> str | None:
        """Copy it whole to a local file; what is cut on the way is taken up again, and in the end an error.

        Args:
            check: called between portions; raises where nobody wants the file any more.
            etag: the version that is wanted; another one may be an error.

        Returns:
            The entity tag of what came.
        """
        ...

    def write_file(self, local: Path, path: str, check: Callable[[], None] = _wanted) -> None:
        """Put a local file there; nothing is visible before it is whole.

        Args:
            check: called between portions; raises where nobody wants the file any more.
        """
        ...

    def write(self, path: str, data: bytes) -> None:
        """Put bytes there; nothing is visible before they are whole."""
        ...

    def delete(self, paths: Sequence[str]) -> None:
        """Remove files; missing ones do not matter."""
        ...


_BUFFER_BYTES = 1 << 20


def in_ranges(ask: Callable[[int, int], bytes], size: int) -> BinaryIO:
    """The file.

    Args:
        ask: the bytes from a first to a last place, both included.
        size: of the whole, in bytes.
    """
    return io.BufferedReader(_Ranges(ask, size), _BUFFER_BYTES)


class _Ranges(io.RawIOBase):
    def __init__(self, ask: Callable[[int, int], bytes], size: int) -> None:
        self._ask = ask
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        wanted = min(len(view), self._size - self._at)
        if wanted <= 0:
            return 0
        data = self._ask(self._at, self._at + wanted - 1)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
