"""Files of other encodings to UTF-8, as everything after this expects them.

Receives a stream of bytes; hands `fetch` a local file. The marks of byte order decide as on Redshift: UTF16 needs one,
UTF16LE and UTF16BE take a file with or without theirs, and whatever is not in the named encoding is no file to load.

Source: Redshift Developer Guide, "Data conversion parameters", ENCODING.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

_CODECS = {"utf16le": "utf-16-le", "utf16be": "utf-16-be", "iso88591": "iso-8859-1"}
_MARKS = {"utf16le": codecs.BOM_UTF16_LE, "utf16be": codecs.BOM_UTF16_BE}


class NotInEncoding(Exception):
    """The file is not in the encoding that was named; the text says why."""


def to_utf8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The content in UTF-8.

    Args:
        encoding: `utf16`, `utf16le`, `utf16be` or `iso88591`.

    Raises:
        NotInEncoding: no mark of byte order, the other one, or bytes that are no characters.
    """
    decoder: codecs.IncrementalDecoder | None = None
    place = 0
    head = b""
    try:
        for piece in pieces:
            if decoder is None:
                head += piece
                if len(head) < len(codecs.BOM_UTF16_LE):
                    continue
                decoder, piece = _begin(head, encoding)
            yield decoder.decode(piece).encode()
            place += len(piece)
        if decoder is None and head:
            decoder, head = _begin(head, encoding)
            yield decoder.decode(head).encode()
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode()
    except UnicodeError as failure:
        raise NotInEncoding(f"no {encoding.upper()} text near byte {place}: {getattr(failure, 'reason', '')}") from None


def _begin(head: bytes, encoding: str) -> tuple[codecs.IncrementalDecoder, bytes]:
    """The decoder, and the first bytes without their mark."""
    found = next((name for name, mark in _MARKS.items() if head.startswith(mark)), None)
    if encoding == "iso88591":
        return codecs.getincrementaldecoder(_CODECS[encoding])(), head
    if encoding == "utf16" and found is None:
        raise NotInEncoding("UTF16 needs a byte order mark: name UTF16LE or UTF16BE for files without")
    if encoding != "utf16" and found not in (None, encoding):
        raise NotInEncoding(f"the byte order mark is that of {str(found).upper()}, not {encoding.upper()}")
    return codecs.getincrementaldecoder(_CODECS[found or encoding])(), head[2:] if found else head
