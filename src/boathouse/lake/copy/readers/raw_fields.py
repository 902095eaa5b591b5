"""Where in a raw line a field stands, and which of its bytes are no UTF-8: the places that `stl_load_errors` tells.

Received: raw lines of records in error, from the readers and from `additions`.
Source: Redshift Developer Guide, "STL_LOAD_ERRORS", "Multibyte character load errors".
"""

from __future__ import annotations

from boathouse.lake.copy.options import LoadOptions

_SEQUENCE_BYTES_MAX = 4


def field_start(raw: str, place: int, options: LoadOptions) -> int:
    """Characters before a field of a raw line; 0 for formats whose fields have no places."""
    if options.widths:
        return sum(options.widths[:place])
    if options.format not in ("text", "csv"):
        return 0
    quotes = options.quote if options.format == "csv" else "\"'" if options.remove_quotes else ""
    quote, at, start = "", 0, 0
    while place and at < len(raw):
        char = raw[at]
        if options.escape and char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char == options.delimiter:
            place, start = place - 1, at + 1
        elif char in quotes and not raw[start:at].strip():
            quote = char
        at += 1
    return start


def utf8_error(text: bytes) -> str:
    """The first bytes that are no UTF-8, in hexadecimal with Redshift's number of what is wrong; empty where all are."""
    try:
        text.decode()
    except UnicodeDecodeError as failure:
        return _told(text[failure.start : failure.start + _SEQUENCE_BYTES_MAX], failure.end - failure.start)
    return ""


def _told(bad: bytes, wrong: int) -> str:
    lead = bad[0]
    if 0x80 <= lead < 0xC0 or lead >= 0xFE:
        return f"{bad[:1].hex()} (error 3)"
    if lead >= 0xF8:
        return f"{bad[:1].hex()} (error 1)"
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if len(bad) < length:
        return f"{bad.hex(' ')} (error 2)"
    trailing = bad[1:length]
    if any(not 0x80 <= byte < 0xC0 for byte in trailing):
        return f"{bad[: max(wrong, 1) + 1].hex(' ')} (error 4)"
    # A surrogate, one beyond U+10FFFF, or written with more bytes than it needs.
    return f"{bad[:length].hex(' ')} (error {5 if lead == 0xED else 6})"
