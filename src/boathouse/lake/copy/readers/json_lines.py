"""A look at the bytes of a JSON file: is every line one object that the engine's reader takes to mean what COPY would?

Receives a local file; tells `plain_json`. All is looked for by numpy over pieces of whole lines, a fraction of the time
that reading them takes. What is not surely plain is not plain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_PIECE_BYTES = 4 << 20
_FEED, _RETURN, _SPACE, _QUOTE, _COMMA, _COLON, _BACKSLASH = b'\n\r ",:\\'
_OPEN, _CLOSE, _CLOSE_LIST = b"{}]"
_BLANKS = np.frombuffer(b" \t", np.uint8)

Bytes = npt.NDArray[np.uint8]


def look_into(path: Path, text_names: Sequence[str], digits_matter: bool) -> bool | None:
    """None where a line is not plain; else whether all values of some keys are strings, as far as can be told.

    Args:
        text_names: the keys of the columns that hold text.
        digits_matter: numbers must keep every digit.
    """
    keys = [np.frombuffer(name.encode(), np.uint8) for name in text_names]
    strings_only = True
    last = b""
    for piece in _whole_lines(path):
        if piece is None:
            return None
        data = np.frombuffer(piece, np.uint8)
        if not _are_objects(data) or _has_trailing_comma(data) or (digits_matter and _has_long_number(data)):
            return None
        strings_only = strings_only and _are_strings(data, piece, keys)
        last = piece
    final = last.rstrip(b"\r\n").rpartition(b"\n")[2]
    return strings_only if _is_object(final) else None


def _whole_lines(path: Path) -> Iterator[bytes | None]:
    """The file in pieces of whole lines; None for a line of megabytes."""
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            joined = rest + piece
            cut = joined.rfind(b"\n") + 1
            if not cut and len(joined) >= _PIECE_BYTES:
                yield None
                return
            if cut:
                yield joined[:cut]
            rest = joined[cut:]
    if rest:
        yield rest


def _are_objects(data: Bytes) -> bool:
    """True where each line begins and ends with the bracket of an object."""
    feeds = np.flatnonzero(data == _FEED)
    if data[-1] != _FEED:
        feeds = np.append(feeds, len(data))
    starts = np.append(0, feeds[:-1] + 1)
    if (feeds - starts < 2).any():
        return False
    ends = feeds - 1 - (data[feeds - 1] == _RETURN)
    return bool((data[starts] == _OPEN).all() and (data[ends] == _CLOSE).all())


def _has_trailing_comma(data: Bytes) -> bool:
    """True where a comma stands, or may stand, before a closing bracket: the engine's reader forgives it."""
    after = np.flatnonzero(data[:-1] == _COMMA) + 1
    following = data[after]
    if ((following == _CLOSE) | (following == _CLOSE_LIST)).any():
        return True
    blank = after[np.isin(following, _BLANKS)]
    further = data[np.minimum(blank + 1, len(data) - 1)]
    return bool(((further == _CLOSE) | (further == _CLOSE_LIST) | np.isin(further, _BLANKS)).any())


def _has_long_number(data: Bytes) -> bool:
    """True where digits and points stand in a row for so long, sixteen, that a number may not be kept exactly."""
    run = (data >= ord(".")) & (data <= ord("9"))
    for step in (1, 2, 4, 8):
        if len(run) <= step:
            return False
        run = run[:-step] & run[step:]
    return bool(run.any())


def _are_strings(data: Bytes, piece: bytes, keys: Sequence[Bytes]) -> bool:
    """True where every value of one of the keys is surely a string or null.

    A key may be spelled with escapes, and stand apart from its colon: then nothing is sure. Letters' case is not looked at.
    """
    if not keys:
        return True
    if b"\\" in piece:
        return False
    colons = np.flatnonzero(data[:-1] == _COLON)
    before, after = data[colons - 1], data[colons + 1]
    if ((before == _SPACE) | (before == ord("\t"))).any():
        return False
    colons = colons[(before == _QUOTE) & (after != _QUOTE)]
    after = data[colons + 1]
    spaced = after == _SPACE
    if spaced.any():
        further = data[np.minimum(colons + 2, len(data) - 1)]
        colons = colons[~(spaced & (further == _QUOTE))]
    if not len(colons):
        return True
    for key in keys:
        places = colons
        for back, byte in enumerate((*key[::-1], _QUOTE), 2):
            places = places[places >= back]
            places = places[(data[places - back] | 0x20) == (byte | 0x20)]
        if len(places) and not _are_nulls(data, places):
            return False
    return True


def _are_nulls(data: Bytes, colons: npt.NDArray[np.intp]) -> bool:
    starts = colons + 1 + (data[colons + 1] == _SPACE)
    ends = starts + 4
    if (ends > len(data)).any():
        return False
    return all(bool((data[starts + place] == byte).all()) for place, byte in enumerate(b"null"))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
