"""Files packed by lzop: blocks of LZO1X between a header and a zero, each with its sums.

Receives a local file; hands `fetch` its content in pieces, one block at a time. Several archives in a row are one file,
as lzop takes them. Source: the format that lzop 1.04 writes (`lzop.c`, header flags).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"\x89LZO\x00\r\n\x1a\n"
_BLOCK_BYTES_MAX = 64 << 20
"""lzop's own limit."""
_ADLER_PLAIN, _ADLER_PACKED, _CRC_PLAIN, _CRC_PACKED = 0x1, 0x2, 0x100, 0x200
_EXTRA_FIELD, _MULTIPART, _FILTERED, _CRC_HEADER = 0x40, 0x400, 0x800, 0x1000
_SUMS: tuple[tuple[int, Callable[[bytes], int], bool], ...] = (
    (_ADLER_PLAIN, zlib.adler32, True),
    (_CRC_PLAIN, zlib.crc32, True),
    (_ADLER_PACKED, zlib.adler32, False),
    (_CRC_PACKED, zlib.crc32, False),
)
"""The sums before a block, in order: flag, sum, of the plain bytes or of the packed ones."""


class NotLzop(OSError):
    """The file is no lzop file, ends too early, or a sum is wrong."""


def unpacked(path: Path) -> Iterator[bytes]:
    """The content of a file, block by block.

    Raises:
        NotLzop: see there.
    """
    with path.open("rb") as file:
        while True:
            flags = _read_header(file)
            while (size := _number(file)) != 0:
                yield _read_block(file, flags, size)
            if not file.peek(1):
                return


def _read_header(file: BinaryIO) -> int:
    """Read an archive's header; its flags."""
    if _exactly(file, len(_MAGIC)) != _MAGIC:
        raise NotLzop("the magic is missing")
    read = bytearray()

    def take(layout: str) -> int:
        part = _exactly(file, struct.calcsize(layout))
        read.extend(part)
        return int(struct.unpack(layout, part)[0])

    version = take(">H")
    take(">H")
    recent = version >= 0x0940
    if recent:
        take(">H")
    method = take(">B")
    if recent:
        take(">B")
    flags = take(">I")
    if flags & _FILTERED:
        take(">I")
    for layout in (">I", ">I", *((">I",) if recent else ())):  # mode, time of change
        take(layout)
    name_length = take(">B")
    read.extend(_exactly(file, name_length))
    total = zlib.crc32(bytes(read)) if flags & _CRC_HEADER else zlib.adler32(bytes(read))
    if _number(file) != total:
        raise NotLzop("the header's sum is wrong")
    if flags & _EXTRA_FIELD:
        _exactly(file, _number(file) + 4)
    if method not in (1, 2, 3) or flags & (_MULTIPART | _FILTERED):
        raise NotLzop("it is packed in a way that is not known")
    return flags


def _read_block(file: BinaryIO, flags: int, size: int) -> bytes:
    packed_size = _number(file)
    if size > _BLOCK_BYTES_MAX or not 0 < packed_size <= size:
        raise NotLzop("a block's size is wrong")
    is_packed = packed_size < size
    wanted = [(total, plain, _number(file)) for flag, total, plain in _SUMS if flags & flag and (plain or is_packed)]
    packed = _exactly(file, packed_size)
    block = packed
    if is_packed:
        import lzallright  # not at start: few need it

        try:
            block = lzallright.LZOCompressor.decompress(packed, size)
        except lzallright.LZOError as failure:
            raise NotLzop("a block cannot be unpacked") from failure
    if len(block) != size or any(total(block if plain else packed) != value for total, plain, value in wanted):
        raise NotLzop("a block's sum is wrong")
    return block


def _number(file: BinaryIO) -> int:
    return int(struct.unpack(">I", _exactly(file, 4))[0])


def _exactly(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise NotLzop("it ends too early")
    return found
