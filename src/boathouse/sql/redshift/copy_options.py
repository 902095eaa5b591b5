"""The options of COPY … FROM: a table of words, their arguments and what they go with.

Received from `grammar.files.copies` with the reader at an option; handed on as `CopyFrom.options`.
Source: Redshift Developer Guide, "COPY": data format, file compression, data conversion and data load parameters.
"""

from __future__ import annotations

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.sql.lexer import Token
from boathouse.sql.redshift.options import (
    Option,
    check_combinations,
    parse_widths,
    read_argument,
    refuse_option,
    unescape_character,
)
from boathouse.sql.token_reader import TokenReader

MAXERROR_MAX = 100_000

_DELIMITED = ("text", "csv")
_LINES = ("text", "csv", "fixedwidth")
_TEXTUAL = ("text", "csv", "fixedwidth", "json", "avro")
_ENCODED = ("text", "csv", "json")
_COLUMNAR = ("parquet", "orc")

COPY_OPTIONS: dict[str, Option] = {
    "DELIMITER": Option("string", formats=_DELIMITED),
    "QUOTE": Option("string", formats=("csv",)),
    "FIXEDWIDTH": Option("string"),
    "JSON": Option("optional_string"),
    "AVRO": Option("optional_string"),
    "MANIFEST": Option(),
    "IGNOREHEADER": Option("integer", formats=_LINES),
    "IGNOREBLANKLINES": Option(formats=_LINES),
    "NULL": Option("string", formats=_TEXTUAL),
    "EMPTYASNULL": Option(formats=_TEXTUAL),
    "BLANKSASNULL": Option(formats=_TEXTUAL),
    "TRIMBLANKS": Option(formats=_TEXTUAL),
    "TRUNCATECOLUMNS": Option(formats=_TEXTUAL),
    "FILLRECORD": Option(),
    "ACCEPTANYDATE": Option(formats=_TEXTUAL),
    "ACCEPTINVCHARS": Option("optional_string"),
    "DATEFORMAT": Option("string", formats=_TEXTUAL),
    "TIMEFORMAT": Option("string", formats=_TEXTUAL),
    "ESCAPE": Option(formats=("text",)),
    "REMOVEQUOTES": Option(formats=("text",)),
    "ROUNDEC": Option(formats=_TEXTUAL),
    "EXPLICIT_IDS": Option(),
    "MAXERROR": Option("integer", formats=_TEXTUAL),
    "IGNOREALLERRORS": Option(formats=_TEXTUAL, excludes=("MAXERROR",)),
    "NOLOAD": Option(),
    "COMPUPDATE": Option("optional_on_off", noise=None),
    "COMPROWS": Option("integer"),
    "STATUPDATE": Option("optional_on_off", noise=None),
    "ENCODING": Option("own"),
    "SERIALIZETOJSON": Option(formats=_COLUMNAR),
    "ENCRYPTED": Option(supported=False),
    "MASTER_SYMMETRIC_KEY": Option(supported=False),
    "SSH": Option(supported=False),
    "READRATIO": Option(supported=False),
    "SIMPLIFY": Option(supported=False),
}
FORMATS = ("csv", "fixedwidth", "json", "avro", "parquet", "orc")
FORMATS_REFUSED = ("shapefile",)
ENCODINGS = ("utf8", "utf16", "utf16le", "utf16be", "iso88591")
COMPRESSIONS = ("gzip", "zstd", "bzip2", "lzop")

CopyOptions = dict[str, str | int | bool]


class CopyOptionsDraft:
    """Options of one COPY while they are read."""

    def __init__(self) -> None:
        self.found: CopyOptions = {}
        self._given: dict[str, Token] = {}

    def accept(self, reader: TokenReader) -> bool:
        """Read one option; False where the next word is none."""
        token = reader.token
        if token.kind != "word":
            return False
        if token.value == "format":
            reader.next()
            reader.accept("as")
            token = reader.token
            if not (self._accept_format(reader, token) or reader.accept("text")):
                reader.fail(hint="Expected CSV, FIXEDWIDTH, JSON, AVRO, PARQUET or ORC.")
            return True
        if token.value == "delimited":
            return bool(reader.next())
        if self._accept_format(reader, token) or self._accept_compression(reader, token):
            return True
        name = token.value.upper()
        option = COPY_OPTIONS.get(name)
        if option is None:
            return False
        if not option.supported:
            raise refuse_option(name, "COPY", token)
        self._note(name, token)
        reader.next()
        self.found[name] = _encoding(reader) if name == "ENCODING" else read_argument(reader, option)
        return True

    def _accept_format(self, reader: TokenReader, token: Token) -> bool:
        if token.value in FORMATS_REFUSED:
            raise FeatureNotSupported(f"COPY format {token.value.upper()} is not supported", position=token.start + 1)
        if token.value not in FORMATS:
            return False
        reader.next()
        if self.found.get("FORMAT") not in (None, token.value):
            raise InvalidParameterValue("COPY takes one format", position=token.start + 1)
        self.found["FORMAT"] = token.value
        name = token.value.upper()
        if token.value in ("json", "avro"):
            reader.accept("as")
            self._note(name, token)
            self.found[name] = _places(reader, name)
        elif token.value == "fixedwidth":
            reader.accept("as")
            self._note(name, token)
            self.found[name] = reader.string("label:width pairs in quotes")
        return True

    def _accept_compression(self, reader: TokenReader, token: Token) -> bool:
        if token.value not in COMPRESSIONS:
            return False
        reader.next()
        if "COMPRESSION" in self.found:
            raise InvalidParameterValue("COPY takes one compression", position=token.start + 1)
        self.found["COMPRESSION"] = token.value
        return True

    def _note(self, name: str, token: Token) -> None:
        if name in self._given:
            raise InvalidParameterValue(f"COPY option {name} is given twice", position=token.start + 1)
        self._given[name] = token

    def finish(self) -> CopyOptions:
        """The options with FORMAT filled in, arguments and combinations checked."""
        found = self.found
        file_format = str(found.setdefault("FORMAT", "text"))
        check_combinations(COPY_OPTIONS, self._given, file_format, "COPY")
        if file_format in (*_COLUMNAR, "avro") and "COMPRESSION" in found:
            raise InvalidParameterValue(
                f"COPY from {file_format.upper()} takes no compression option: the files know their own"
            )
        if file_format not in _ENCODED and found.get("ENCODING", "utf8") != "utf8":
            raise InvalidParameterValue(
                f"COPY from {file_format.upper()} takes no ENCODING but UTF8",
                position=self._given["ENCODING"].start + 1,
            )
        if file_format == "fixedwidth":
            parse_widths(str(found["FIXEDWIDTH"]))
        for name in ("DELIMITER", "QUOTE", "ACCEPTINVCHARS"):
            value = found.get(name)
            if isinstance(value, str):
                found[name] = self._one_character(name, unescape_character(value))
        if isinstance(found.get("NULL"), str):
            found["NULL"] = self._null(str(found["NULL"]))
        self._within("MAXERROR", 0, MAXERROR_MAX)
        self._within("IGNOREHEADER", 0, 2_147_483_647)
        self._within("COMPROWS", 1, 1_000_000_000)
        delimiter, quote = found.get("DELIMITER", ","), found.get("QUOTE", '"')
        if file_format == "csv" and delimiter == quote:
            raise InvalidParameterValue("COPY delimiter and quote must differ")
        return found

    def _one_character(self, name: str, value: str) -> str:
        if len(value) != 1 or ord(value) > 127 or value in "\n\r":
            raise InvalidParameterValue(
                f"COPY {name.lower()} must be a single ASCII character", position=self._given[name].start + 1
            )
        return value

    def _null(self, value: str) -> str:
        found = "\\N" if value == "\\\\N" else unescape_character(value)
        if found in ("\n", "\r"):
            raise InvalidParameterValue("COPY null string cannot be a line end", position=self._given["NULL"].start + 1)
        return found

    def _within(self, name: str, least: int, most: int) -> None:
        value = self.found.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and not least <= value <= most:
            raise InvalidParameterValue(
                f"COPY {name} must be between {least} and {most}", position=self._given[name].start + 1
            )


def _places(reader: TokenReader, name: str) -> str:
    """'auto', 'auto ignorecase', for JSON 'noshred', or the place of a JSONPaths file."""
    if reader.token.kind != "string":
        return "auto"
    token = reader.token
    value = reader.string()
    word = " ".join(value.lower().split())
    if not word:
        raise InvalidParameterValue(f"COPY option {name} must not be empty", position=token.start + 1)
    if word == "noshred" and name == "AVRO":
        raise InvalidParameterValue("AVRO has no 'noshred'", position=token.start + 1)
    return word if word in ("auto", "auto ignorecase", "noshred") else value


def _encoding(reader: TokenReader) -> str:
    reader.accept("as")
    token = reader.token
    name = reader.next().value.lower().replace("-", "")
    while name in ("utf", "iso", "iso8859") and reader.accept("-"):
        name += reader.next().value.lower()
    if name == "utf16":
        name += reader.accept_any("le", "be") or ""
    if name not in ENCODINGS:
        reader.fail(token=token, hint="Expected UTF8, UTF16, UTF16LE, UTF16BE or ISO88591.")
    return name
