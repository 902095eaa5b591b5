"""COPY … FROM STDIN: what clients send, in any portions, to rows.

Receives the payloads of CopyData messages (their borders mean nothing); hands rows to whoever loads them: fields as
text or None from the text and CSV formats, as Python objects (`values.decode_parameter`) from the binary one.
Source: PostgreSQL's documentation, COPY, "File Formats".
"""

from __future__ import annotations

import re
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Literal

from boathouse.contracts.answers import CopyFormat, Field
from boathouse.contracts.errors import BoathouseError, DataError, FeatureNotSupported, InvalidParameterValue
from boathouse.wire.postgres.forms.parse_binary import parse_binary, utf8

Row = tuple[object, ...]

ROW_BYTES_MAX = 1 << 30
"""A row beyond PostgreSQL's gigabyte is refused before it fills the memory."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER_BYTES = 19
_WITH_OIDS = 1 << 16
_CRITICAL = 0xFFFF_0000
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def copy_decoder(
    form: CopyFormat,
    fields: Sequence[Field],
    *,
    delimiter: str | None = None,
    null: str | None = None,
    header: bool = False,
    quote: str = '"',
    escape: str | None = None,
) -> CopyDecoder:
    """The decoder of a format; None takes PostgreSQL's default (`\\t` and `\\N` for text, `,` and nothing for CSV).

    Raises:
        InvalidParameterValue: a delimiter, quote or escape that is not one single-byte character.
    """
    if form == "binary":
        return BinaryDecoder(fields)
    delimiter = delimiter or ("," if form == "csv" else "\t")
    for what, character in (("delimiter", delimiter), ("quote", quote), ("escape", escape or quote)):
        if len(character.encode()) != 1 or character in "\r\n":
            raise InvalidParameterValue(f"COPY {what} must be a single one-byte character")
    if form == "csv":
        return CsvDecoder(fields, delimiter, "" if null is None else null, header, quote, escape or quote)
    return TextDecoder(fields, delimiter, "\\N" if null is None else null, header)


class CopyDecoder(ABC):
    """Turns portions of a stream into rows.

    Attributes:
        line: number of the line (text, CSV) or row (binary) read last, from 1.
    """

    line: int

    @abstractmethod
    def feed(self, data: bytes) -> list[Row]:
        """The rows that this portion completes.

        Raises:
            DataError: 22P04 for too few or too many columns and broken framing; 22021, 22P03 for broken values.
                The detail names the line.
        """

    @abstractmethod
    def finish(self) -> list[Row]:
        """The last row, where the stream ended without a line end; errors as in `feed`."""


class _LineDecoder(CopyDecoder):
    """What text and CSV share: lines, joined where a row goes on, and the end mark `\\.`."""

    def __init__(self, fields: Sequence[Field], delimiter: str, null: str, header: bool) -> None:
        self.line = 0
        self._names = [field.name for field in fields]
        self._delimiter = delimiter
        self._null = null
        self._skip_header = header
        self._ended = False
        self._tail: list[bytes] = []
        self._held: list[bytes] = []
        self._held_bytes = 0

    def feed(self, data: bytes) -> list[Row]:
        """See `CopyDecoder`."""
        if self._ended:
            return []
        end = data.rfind(b"\n")
        if end < 0:
            self._tail.append(data)
            self._count(len(data))
            return []
        whole = b"".join((*self._tail, data[:end]))
        self._tail = [data[end + 1 :]]
        self._held_bytes = len(self._tail[0])
        return list(self._rows(whole.split(b"\n")))

    def finish(self) -> list[Row]:
        """See `CopyDecoder`."""
        rest = b"".join(self._tail)
        self._tail = []
        rows = list(self._rows([rest])) if rest and not self._ended else []
        if self._held and not self._ended:
            rows += self._unfinished(b"\n".join(self._held))
        return rows

    def _rows(self, lines: list[bytes]) -> Iterator[Row]:
        for line in lines:
            self.line += 1
            if self._goes_on(line):
                self._held.append(line)
                self._count(len(line))
                continue
            if self._held:
                line = b"\n".join((*self._held, line))
                self._held = []
            if line.endswith(b"\r"):
                line = line[:-1]
            if line == b"\\.":
                self._ended = True
                return
            if self._skip_header:
                self._skip_header = False
                continue
            yield self._checked(line)

    def _count(self, size: int) -> None:
        self._held_bytes += size
        if self._held_bytes > ROW_BYTES_MAX:
            raise DataError("a row of the COPY data exceeds one gigabyte", sqlstate="54000")

    def _checked(self, line: bytes) -> Row:
        try:
            row = self._row(utf8(line))
        except DataError as failure:
            raise _at(self.line, failure) from None
        if len(row) == len(self._names):
            return row
        if len(row) > len(self._names):
            raise self._broken("extra data after last expected column")
        raise self._broken(f'missing data for column "{self._names[len(row)]}"')

    def _broken(self, message: str) -> DataError:
        return DataError(message, detail=f"COPY data, line {self.line}.", sqlstate="22P04")

    @abstractmethod
    def _goes_on(self, line: bytes) -> bool:
        """True where the line's end belongs to a value."""

    @abstractmethod
    def _row(self, line: str) -> Row:
        """The fields of one row."""

    @abstractmethod
    def _unfinished(self, held: bytes) -> list[Row]:
        """The stream ended where a row went on."""


class TextDecoder(_LineDecoder):
    """COPY's text format: one row per line, backslash escapes."""

    def _goes_on(self, line: bytes) -> bool:
        return line.endswith(b"\\") and bool((len(line) - len(line.rstrip(b"\\"))) % 2)

    def _row(self, line: str) -> Row:
        if "\r" in line:
            raise DataError("literal carriage return found in data", hint='Use "\\r" instead.', sqlstate="22P04")
        if not self._names and not line:
            return ()
        fields = line.split(self._delimiter)
        null = self._null
        if "\\" not in line:
            return tuple([None if field == null else field for field in fields])
        if any(_escaped_end(field) for field in fields[:-1]):
            fields = _rejoined(fields, self._delimiter)
        return tuple([None if field == null else _unescaped(field) if "\\" in field else field for field in fields])

    def _unfinished(self, held: bytes) -> list[Row]:
        """A backslash at the very end stands for itself."""
        self._held = []
        return [self._checked(held)]


def _escaped_end(field: str) -> bool:
    return field.endswith("\\") and bool((len(field) - len(field.rstrip("\\"))) % 2)


def _rejoined(fields: list[str], delimiter: str) -> list[str]:
    """Fields that were split at an escaped delimiter, put together again."""
    whole: list[str] = []
    open_field: str | None = None
    for field in fields:
        current = field if open_field is None else open_field + delimiter + field
        if _escaped_end(field):
            open_field = current
        else:
            whole.append(current)
            open_field = None
    return whole if open_field is None else [*whole, open_field]


def _unescaped(field: str) -> str:
    """Escapes resolved. Octal and hexadecimal ones name bytes, which together must be UTF-8."""
    if not re.search(r"\\(?:[0-7]|x[0-9a-fA-F])", field):
        return _ESCAPE.sub(lambda found: _CONTROLS.get(found[3], found[3]), field)
    out, at = bytearray(), 0
    for found in _ESCAPE.finditer(field):
        out += field[at : found.start()].encode()
        at = found.end()
        if found[1]:
            out.append(int(found[1], 8) & 0xFF)
        elif found[2]:
            out.append(int(found[2], 16))
        else:
            out += _CONTROLS.get(found[3], found[3]).encode()
    return utf8(bytes(out) + field[at:].encode())


class CsvDecoder(_LineDecoder):
    """COPY's CSV format: quotes may open anywhere in a field, and hold delimiters and line ends."""

    def __init__(
        self, fields: Sequence[Field], delimiter: str, null: str, header: bool, quote: str, escape: str
    ) -> None:
        super().__init__(fields, delimiter, null, header)
        self._quote = quote
        self._quote_byte = quote.encode()
        self._doubled = quote == escape
        self._open = False
        q, e, d = re.escape(quote), re.escape(escape), re.escape(delimiter)
        inside = rf"(?:[^{q}]|{q}{q})*" if self._doubled else rf"(?:{e}[{q}{e}]|[^{q}])*"
        self._piece = re.compile(rf"{q}({inside}){q}|([^{d}{q}]+)", re.DOTALL)
        self._escape = re.compile(rf"{e}([{q}{e}])")
        self._marks = re.compile(rf"({e}[{q}{e}])|{q}".encode(), re.DOTALL)

    def _goes_on(self, line: bytes) -> bool:
        if self._doubled:
            if line.count(self._quote_byte) % 2:
                self._open = not self._open
            return self._open
        at = 0
        while (found := self._marks.search(line, at)) is not None:
            at = found.end()
            if found[1] is None:
                self._open = not self._open
            elif not self._open:
                # Outside quotes the escape is a character like any other.
                at = found.start() + 1
                if found[1][:1] == self._quote_byte:
                    self._open = True
        return self._open

    def _row(self, line: str) -> Row:
        null = self._null
        if not self._names and not line:
            return ()
        if self._quote not in line:
            return tuple([None if field == null else field for field in line.split(self._delimiter)])
        fields: list[str | None] = []
        at, size = 0, len(line)
        while True:
            text, quoted = "", False
            while (piece := self._piece.match(line, at)) is not None:
                at = piece.end()
                if piece[2] is not None:
                    text += piece[2]
                else:
                    quoted = True
                    text += self._escape.sub(r"\1", piece[1])
            fields.append(None if not quoted and text == null else text)
            if at >= size:
                return tuple(fields)
            if line[at] != self._delimiter:
                raise self._broken("unterminated CSV quoted field")
            at += 1

    def _unfinished(self, held: bytes) -> list[Row]:
        raise self._broken("unterminated CSV quoted field")


class BinaryDecoder(CopyDecoder):
    """COPY's binary format: a header, then rows of fields behind their lengths, then a trailer."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.line = 0
        self._fields = tuple(fields)
        self._buffer = bytearray()
        self._needed = _HEADER_BYTES
        self._state: Literal["header", "rows", "end"] = "header"

    def feed(self, data: bytes) -> list[Row]:
        """See `CopyDecoder`."""
        self._buffer += data
        rows: list[Row] = []
        if len(self._buffer) < self._needed:
            return rows
        buffer, at = bytes(self._buffer), 0
        if self._state == "header":
            at = self._header(buffer)
        while self._state == "rows":
            row, after = self._row(buffer, at)
            if after < 0:
                break
            at = after
            if row is not None:
                rows.append(row)
        if self._state == "end" and at < len(buffer):
            raise DataError("received copy data after EOF marker", sqlstate="22P04")
        self._needed -= at
        del self._buffer[:at]
        return rows

    def finish(self) -> list[Row]:
        """See `CopyDecoder`."""
        if self._state == "header" or self._buffer:
            raise DataError("unexpected EOF in COPY data", detail=f"COPY data, row {self.line + 1}.", sqlstate="22P04")
        return []

    def _header(self, buffer: bytes) -> int:
        """Where the rows begin; 0 while the header's extension has not all arrived."""
        if buffer[: len(_SIGNATURE)] != _SIGNATURE:
            raise DataError("COPY file signature not recognized", sqlstate="22P04")
        flags: int
        extension: int
        flags, extension = struct.unpack_from(">Ii", buffer, len(_SIGNATURE))
        if flags & _WITH_OIDS:
            raise FeatureNotSupported("COPY data with object identifiers is not supported")
        if flags & _CRITICAL:
            raise DataError("unrecognized critical flags in COPY file header", sqlstate="22P04")
        if extension < 0:
            raise DataError("invalid COPY file header (wrong length)", sqlstate="22P04")
        if len(buffer) < _HEADER_BYTES + extension:
            self._needed = _HEADER_BYTES + extension
            return 0
        self._state = "rows"
        return _HEADER_BYTES + extension

    def _row(self, buffer: bytes, start: int) -> tuple[Row | None, int]:
        """One row and where it ends; -1 while it has not all arrived. None for the trailer."""
        if len(buffer) < start + 2:
            return None, self._short(start + 2)
        count = int.from_bytes(buffer[start : start + 2], "big", signed=True)
        if count == -1:
            self._state = "end"
            return None, start + 2
        if count != len(self._fields):
            raise self._failed(f"row field count is {count}, expected {len(self._fields)}")
        at, spans = start + 2, []
        for _ in range(count):
            if len(buffer) < at + 4:
                return None, self._short(at + 4)
            length = int.from_bytes(buffer[at : at + 4], "big", signed=True)
            if not -1 <= length <= ROW_BYTES_MAX:
                raise self._failed("invalid field size")
            at += 4
            if len(buffer) < at + max(length, 0):
                return None, self._short(at + length)
            spans.append((at, length))
            at += max(length, 0)
        self.line += 1
        return self._values(buffer, spans), at

    def _values(self, buffer: bytes, spans: list[tuple[int, int]]) -> Row:
        values: list[object] = []
        for field, (at, length) in zip(self._fields, spans, strict=True):
            try:
                values.append(None if length < 0 else parse_binary(buffer[at : at + length], field.type))
            except DataError as failure:
                raise _at(self.line, failure, field.name) from None
        return tuple(values)

    def _short(self, needed: int) -> int:
        self._needed = needed
        return -1

    def _failed(self, message: str) -> DataError:
        return DataError(message, detail=f"COPY data, row {self.line + 1}.", sqlstate="22P04")


def _at(line: int, failure: BoathouseError, column: str | None = None) -> BoathouseError:
    """The same error, its place in the data told."""
    place = f"COPY data, line {line}" + (f', column "{column}"' if column else "") + "."
    return type(failure)(failure.message, detail=failure.detail or place, hint=failure.hint, sqlstate=failure.sqlstate)
