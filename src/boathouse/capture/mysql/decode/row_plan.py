"""Reads row images: a plan compiled once for each shape of a table, run over the bytes of its ROWS events.

Receives columns and the bytes of images; hands `Image`s (slices of bytes, column by column) to `values`, which makes Arrow
arrays of them. Pure.

A run of columns of fixed width is cut out as one slice and taken apart by numpy for all rows at once, so that Python
touches each row once, not each value. The loop is generated as text, because a loop over a description of the columns
costs three times as much; only integers enter the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boathouse.capture.mysql.decode.columns import Column
from boathouse.capture.mysql.decode.frames import MalformedEvent


@dataclass(slots=True)
class Images:
    """Row images read so far: the null bitmap of each, and for each part of the plan one slice a row."""

    nulls: list[bytes]
    parts: list[list[bytes]]

    def __len__(self) -> int:
        return len(self.nulls)


@dataclass(frozen=True, slots=True)
class Part:
    """Columns `first` to `last` (exclusive): a run of fixed width, or one column with a length of `prefix` bytes."""

    first: int
    last: int
    width: int
    prefix: int
    layout: np.dtype[Any] | None


_Read = Callable[[bytes, int, int, Images], int]


@dataclass(frozen=True)
class RowPlan:
    """How the rows of one shape are read."""

    columns: tuple[Column, ...]
    parts: tuple[Part, ...] = field(init=False)
    bitmap_bytes: int = field(init=False)
    _read: _Read = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bitmap_bytes", (len(self.columns) + 7) // 8)
        object.__setattr__(self, "parts", tuple(_parts(self.columns)))
        object.__setattr__(self, "_read", _compile(self))

    def images(self) -> Images:
        """An empty collection."""
        return Images([], [[] for _ in self.parts])

    def read(self, content: bytes, start: int, images: Images) -> int:
        """Add the images in `content` from `start` to its end; their number.

        Raises:
            MalformedEvent: the images do not end where the content does; then nothing was added.
        """
        before = len(images)
        try:
            end = self._read(content, start, len(content), images)
        except IndexError:
            end = -1
        if end != len(content):
            del images.nulls[before:]
            for part in images.parts:
                del part[before:]
            raise MalformedEvent("the rows of a binlog event do not end where the event does")
        return len(images) - before


def _parts(columns: tuple[Column, ...]) -> list[Part]:
    parts: list[Part] = []
    first = 0
    while first < len(columns):
        last = first
        fields: list[tuple[str, str, tuple[int, ...]]] = []
        while last < len(columns) and columns[last].width:
            fields.append((str(last), "u1", (columns[last].width,)))
            last += 1
        if last > first:
            layout: np.dtype[Any] = np.dtype(fields)
            parts.append(Part(first, last, layout.itemsize, 0, layout))
        else:
            last += 1
            parts.append(Part(first, last, 0, columns[first].prefix, None))
        first = last
    return parts


def _compile(plan: RowPlan) -> _Read:
    """The loop as a function: no null in the row takes the fast way, any other row `_read_sparse`."""
    lines = [
        "def read(content, at, end, images):",
        "    nulls = images.nulls.append",
        *(f"    add{i} = images.parts[{i}].append" for i in range(len(plan.parts))),
        "    while at < end:",
        f"        stop = at + {plan.bitmap_bytes}",
        "        bits = content[at:stop]",
        "        if bits == NONE or bits == ZERO:",
    ]
    for i, part in enumerate(plan.parts):
        if part.width:
            lines += ["            at = stop", f"            stop = at + {part.width}"]
        else:
            length = " | ".join(f"content[stop + {i}] << {8 * i}" if i else "content[stop]" for i in range(part.prefix))
            lines += [f"            at = stop + {part.prefix}", f"            stop = at + ({length})"]
        lines.append(f"            add{i}(content[at:stop])")
    lines += [
        "        else:",
        "            stop = sparse(content, stop, bits, images.parts)",
        "        nulls(bits)",
        "        at = stop",
        "    return at",
    ]
    unused = 0xFF << (len(plan.columns) - 1) % 8 + 1 & 0xFF  # bits behind the last column, which servers set
    zero = bytes(plan.bitmap_bytes)
    names: dict[str, Any] = {"NONE": zero[:-1] + bytes((unused,)), "ZERO": zero, "sparse": _sparse(plan)}
    exec("\n".join(lines), names)  # noqa: S102 - the text is ours but for integers
    read: _Read = names["read"]
    return read


def _sparse(plan: RowPlan) -> Callable[[bytes, int, bytes, list[list[bytes]]], int]:
    """Reads a row with nulls: a null takes no bytes there, and gets zero bytes here so that runs keep their width."""
    widths = [(part, [column.width for column in plan.columns[part.first : part.last]]) for part in plan.parts]

    def read(content: bytes, at: int, bits: bytes, parts: list[list[bytes]]) -> int:
        for target, (part, columns) in zip(parts, widths, strict=True):
            if part.prefix:
                if bits[part.first >> 3] >> (part.first & 7) & 1:
                    target.append(b"")
                    continue
                start = at + part.prefix
                at = start + int.from_bytes(content[at:start], "little")
                target.append(content[start:at])
                continue
            pieces = []
            for index, width in enumerate(columns, part.first):
                if bits[index >> 3] >> (index & 7) & 1:
                    pieces.append(bytes(width))
                else:
                    pieces.append(content[at : at + width])
                    at += width
            target.append(b"".join(pieces))
        return at

    return read
