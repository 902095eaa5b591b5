"""Text files to records, precisely: the path that explains what is wrong, and that reads what the engine cannot.

Receives a local, uncompressed file; hands `load` chunks of records: line number, raw line, fields or the number of the
error. Memory is bounded by the chunk and by the longest line.

Source: Redshift Developer Guide, "Data format parameters" (ESCAPE, REMOVEQUOTES, CSV), "FILLRECORD", "ACCEPTINVCHARS".
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import AnyStr, cast

from boathouse.contracts.errors import LoadFailed
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.raw_fields import utf8_error

CHUNK_RECORDS, CHUNK_CHARACTERS = 20_000, 2 << 20
RAW_CHARACTERS_MAX = 1024
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MARK = "\U0010fffe"
"""Stands for a byte that is not UTF-8 until its field is known: a code point that is no character."""


class Unreadable(LoadFailed):
    """Nothing of the file can be read from here on.

    Attributes:
        line: where, from 1.
        code: Redshift's number of the error.
    """

    def __init__(self, reason: str, line: int, code: int, hint: str | None = None) -> None:
        super().__init__(reason, hint=hint)
        self.line = line
        self.code = code


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no row.

    Attributes:
        fields: its fields up to the one that is wrong; none where the line as a whole is.
        told: what is wrong in further words than the code's own.
    """

    line: int
    raw: str
    code: int
    fields: tuple[str | None, ...] = ()
    told: str = ""


@dataclass(slots=True)
class Chunk:
    """Records of one file in columns: good ones with all fields, bad ones apart."""

    lines: list[int] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    bad: list[Rejected] = field(default_factory=list)
    replaced: list[tuple[int, str, int]] = field(default_factory=list)
    """(line number, raw line, field's place) of what ACCEPTINVCHARS has put in the place of bytes that are not UTF-8"""


def read_chunks(path: Path, columns: int, options: LoadOptions, line_bytes_max: int) -> Iterator[Chunk]:
    """The file's records, as many at a time as `CHUNK_RECORDS` and `CHUNK_CHARACTERS` allow."""
    chunk, size = Chunk(), 0
    for number, raw, fields, error in _records(path, options, line_bytes_max):
        fitted: list[str | None] | None = None
        if not error:
            fitted, error = _fit(fields, columns, options)
        if error == 1220:
            chunk.bad.append(_not_utf8(number, raw, fields))
        elif error:
            chunk.bad.append(Rejected(number, raw[:RAW_CHARACTERS_MAX], error, tuple(fields) if error == 1214 else ()))
        elif fitted is not None:
            if options.replacement is not None and _MARK in raw:
                raw = _unmarked(chunk, number, raw, fitted, options.replacement)
            chunk.lines.append(number)
            chunk.raws.append(raw[:RAW_CHARACTERS_MAX])
            chunk.rows.append(fitted)
        size += len(raw)
        if len(chunk.rows) + len(chunk.bad) >= CHUNK_RECORDS or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = Chunk(), 0
    if chunk.rows or chunk.bad:
        yield chunk


def _not_utf8(number: int, raw: str, fields: list[str]) -> Rejected:
    """A record whose bytes that are not UTF-8 stand as lone surrogates: which field has the first, and what they are."""
    clean = raw[:RAW_CHARACTERS_MAX].encode("utf-8", "replace").decode()
    for place, text in enumerate(fields):
        if not text.isascii() and (wrong := utf8_error(text.encode("utf-8", "surrogateescape"))):
            before = (one.encode("utf-8", "replace").decode() for one in fields[: place + 1])
            return Rejected(number, clean, 1220, tuple(before), wrong)
    return Rejected(number, clean, 1220, (), utf8_error(raw.encode("utf-8", "surrogateescape")))


def _unmarked(chunk: Chunk, number: int, raw: str, fields: list[str | None], replacement: str) -> str:
    """Put the replacement where the marks are, note which fields had any, and return the raw line without them."""
    raw = raw.replace(_MARK, replacement)
    for place, text in enumerate(fields):
        if text is not None and _MARK in text:
            fields[place] = text.replace(_MARK, replacement)
            chunk.replaced.append((number, raw[:RAW_CHARACTERS_MAX], place))
    return raw


def _fit(fields: list[str], columns: int, options: LoadOptions) -> tuple[list[str | None] | None, int]:
    """The fields of one record against the number of columns; None for a record to leave out."""
    found = cast(list[str | None], fields)
    if len(found) == columns and (columns > 1 or found[0]):
        return found, 0
    if found == [""] and options.ignore_blank_lines:
        return None, 0
    if len(found) == columns + 1 and found[-1] == "" and options.format == "text":
        found.pop()  # one delimiter at the line's end
    if len(found) > columns:
        return None, 1202
    if len(found) < columns:
        if not options.fill_record:
            return None, 1211 if found == [""] else 1214 if options.format == "text" else 1203
        found += [""] * (columns - len(found))  # NULL where the type or EMPTYASNULL says so
    return found, 0


def _records(path: Path, options: LoadOptions, line_bytes_max: int) -> Iterator[tuple[int, str, list[str], int]]:
    lines = _Lines(path, options, line_bytes_max)
    for _ in range(options.header_lines):
        next(lines, None)
    if options.format == "csv":
        yield from _csv(lines, options)
        return
    for line in lines:
        raw, number, broken = line, lines.number, lines.broken
        if options.escape and line.endswith("\\") and _continues(line):
            line, also_broken = _joined(lines, line)
            raw, broken = line, broken or also_broken
        fields = _split(line, options)
        yield number, raw, fields or [], 1220 if broken else 0 if fields is not None else 1216


def _replace(failure: UnicodeError) -> tuple[str, int]:
    """As many marks as there are invalid bytes, so that lengths stay as they were."""
    if not isinstance(failure, UnicodeDecodeError):
        raise failure
    return _MARK * (failure.end - failure.start), failure.end


codecs.register_error("boathouse_mark", _replace)


class _Lines:
    """Lines of a file as text, with their numbers; `broken` where the last one was not UTF-8."""

    def __init__(self, path: Path, options: LoadOptions, line_bytes_max: int) -> None:
        self._file = path.open("rb")
        self._line_bytes_max = line_bytes_max
        self._name = path.name
        self._escape = options.escape
        self._errors = "strict" if options.replacement is None else "boathouse_mark"
        self.number = 0
        self.broken = False
        self.ending = ""
        """The last line's own end, for records whose quoted fields go on beyond it."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._file.closed:
            raise StopIteration
        line = self._file.readline(self._line_bytes_max + 1)
        if not line:
            self._file.close()
            raise StopIteration
        self.number += 1
        self.require_room(len(line))
        self.ending = "\r\n" if line.endswith(b"\r\n") else "\n" if line.endswith(b"\n") else ""
        line = line.removesuffix(b"\n")
        if not (self._escape and line.endswith(b"\r") and _continues(line[:-1])):  # an escaped return is data
            line = line.removesuffix(b"\r")
        if self.number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        self.broken = False
        try:
            return line.decode("utf-8", self._errors)
        except UnicodeDecodeError:
            self.broken = True
            return line.decode("utf-8", "surrogateescape")

    def require_room(self, size: int) -> None:
        """Refuse a record that has grown to this size.

        Raises:
            Unreadable: it is larger than one may be.
        """
        if size > self._line_bytes_max:
            raise Unreadable(
                f"line {self.number} is longer than {self._line_bytes_max} bytes",
                self.number,
                1204,
                "Check DELIMITER, quotes and line ends, or raise copy_raw_line_bytes_max in [lake].",
            )


def _csv(lines: _Lines, options: LoadOptions) -> Iterator[tuple[int, str, list[str], int]]:
    """CSV records; a record may span lines, and its number is that of its last one."""
    for line in lines:
        if options.quote not in line:
            yield lines.number, line, line.split(options.delimiter), 1220 if lines.broken else 0
            continue
        record = _CsvRecord(lines, options, line, lines.broken)
        fields = record.fields()
        error = 1220 if record.broken else 1216 if fields is None else 0
        yield lines.number, record.raw(), fields or [], error


class _CsvRecord:
    """One record that holds quotes. Blanks around a quoted field are no part of it; a quote inside a field that does
    not start with one is an ordinary character.
    """

    def __init__(self, lines: _Lines, options: LoadOptions, line: str, broken: bool) -> None:
        self._lines = lines
        self._quote, self._delimiter = options.quote, options.delimiter
        self._blanks = " \t".replace(options.delimiter, "")
        self._line, self._at = line, 0
        self._raw = [line]
        self._size = len(line)
        self.broken = broken

    def raw(self) -> str:
        """The record as it stands in the file."""
        return "\n".join(self._raw)

    def fields(self) -> list[str] | None:
        """Its fields; None where a quote never closes, or where something follows one that does."""
        found: list[str] = []
        while True:
            opening = self._after_blanks(self._at)
            if self._line[opening : opening + 1] == self._quote:
                field = self._quoted(opening + 1)
                if field is None:
                    return None
                found.append(field)
                self._at = self._after_blanks(self._at)
                if self._at >= len(self._line):
                    return found
                if self._line[self._at] != self._delimiter:
                    return None
                self._at += 1
                continue
            end = self._line.find(self._delimiter, self._at)
            if end < 0:
                found.append(self._line[self._at :])
                return found
            found.append(self._line[self._at : end])
            self._at = end + 1

    def _after_blanks(self, at: int) -> int:
        while at < len(self._line) and self._line[at] in self._blanks:
            at += 1
        return at

    def _quoted(self, at: int) -> str | None:
        """The field whose opening quote is before `at`; goes on to further lines until it closes."""
        parts: list[str] = []
        while True:
            end = self._line.find(self._quote, at)
            if end < 0:
                parts.append(self._line[at:] + self._lines.ending)
                following = next(self._lines, None)
                if following is None:
                    return None
                self._line, at = following, 0
                self._raw.append(following)
                self._size += len(following) + 1
                self._lines.require_room(self._size)
                self.broken = self.broken or self._lines.broken
                continue
            parts.append(self._line[at:end])
            if self._line[end + 1 : end + 2] != self._quote:
                self._at = end + 1
                return "".join(parts)
            parts.append(self._quote)
            at = end + 2


def _joined(lines: _Lines, line: str) -> tuple[str, bool]:
    """A line whose end is escaped with those that it goes on in, and whether one of those was not UTF-8."""
    pieces, size, broken = [line], len(line), False
    while pieces[-1].endswith("\\") and _continues(pieces[-1]):
        following = next(lines, None)
        if following is None:
            break
        pieces.append(following)
        size += len(following) + 1
        lines.require_room(size)
        broken = broken or lines.broken
    return "\n".join(pieces), broken


def _continues(line: AnyStr) -> bool:
    """True where the line ends in an unescaped backslash: what follows is data."""
    backslash = b"\\" if isinstance(line, bytes) else "\\"
    return (len(line) - len(line.rstrip(backslash))) % 2 == 1


def _split(line: str, options: LoadOptions) -> list[str] | None:
    """The fields; None where REMOVEQUOTES finds a quote that never closes."""
    if options.widths:
        return _cut(line, options.widths)
    if not options.remove_quotes and not (options.escape and "\\" in line):
        return line.split(options.delimiter)
    if not options.remove_quotes:
        return _escaped_fields(line, options.delimiter)
    fields: list[str] = []
    current: list[str] = []
    quote, at = "", 0
    while at < len(line):
        char = line[at]
        if options.escape and char == "\\" and at + 1 < len(line):
            following = line[at + 1]
            # `\N` stays as it is: it is the NULL marker.
            current.append("\\N" if following == "N" and not current else following)
            at += 2
            continue
        if options.remove_quotes and not current and not quote and char in "\"'":
            quote = char
        elif quote and char == quote and (at + 1 == len(line) or line[at + 1] == options.delimiter):
            quote = ""
        elif char == options.delimiter and not quote:
            fields.append("".join(current))
            current = []
        else:
            current.append(char)
        at += 1
    if quote:
        return None
    fields.append("".join(current))
    return fields


def _cut(line: str, widths: tuple[int, ...]) -> list[str]:
    """The fields of a line of fixed widths; what stands beyond the last one is a field too many."""
    fields, at = [], 0
    for width in widths:
        if at >= len(line):
            break
        fields.append(line[at : at + width])
        at += width
    if at < len(line):
        fields.append(line[at:])
    return fields or [""]


def _escaped_fields(line: str, delimiter: str) -> list[str]:
    """The fields of a line in which a backslash takes the next character with it; a last lone one stands for itself."""
    fields: list[str] = []
    held = ""
    for piece in line.split(delimiter):
        field = held + piece
        if piece.endswith("\\") and _continues(piece):
            held = field + delimiter
            continue
        held = ""
        # `\N` stays as it is: it is the NULL marker.
        kept = 2 if field.startswith("\\N") else 0
        fields.append(field[:kept] + _ESCAPED.sub(r"\1", field[kept:]) if "\\" in field else field)
    if held:
        fields.append(_ESCAPED.sub(r"\1", held.removesuffix(delimiter)))
    return fields
