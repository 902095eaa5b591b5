"""The options of UNLOAD: a table of words, their arguments and what they go with.

Received from `grammar.files.copies` with the reader at an option; handed on as `Unload.options`.
Source: Redshift Developer Guide, "UNLOAD", parameters and usage notes.
"""

from __future__ import annotations

from boathouse.contracts.errors import InvalidParameterValue
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

MAXFILESIZE_MIN_BYTES = 5 << 20
MAXFILESIZE_MAX_BYTES = int(6.2 * (1 << 30))
ROWGROUPSIZE_MIN_BYTES = 32 << 20
ROWGROUPSIZE_MAX_BYTES = 128 << 20

_DELIMITED = ("text", "csv")

UNLOAD_OPTIONS: dict[str, Option] = {
    "PARTITION BY": Option("own"),
    "INCLUDE": Option("own"),
    "MANIFEST": Option("own", formats=("text", "csv", "json", "parquet")),
    "HEADER": Option(formats=_DELIMITED),
    "DELIMITER": Option("string", formats=_DELIMITED),
    "ADDQUOTES": Option(formats=("text",)),
    "NULL": Option("string", formats=_DELIMITED),
    "ESCAPE": Option(formats=("text",)),
    "FIXEDWIDTH": Option("string", formats=("text",), excludes=("DELIMITER", "HEADER", "ADDQUOTES", "ESCAPE")),
    "ALLOWOVERWRITE": Option(excludes=("CLEANPATH",)),
    "CLEANPATH": Option(excludes=("ALLOWOVERWRITE",)),
    "PARALLEL": Option("optional_on_off", noise=None),
    "MAXFILESIZE": Option("size"),
    "ROWGROUPSIZE": Option("size", formats=("parquet", "iceberg")),
    "EXTENSION": Option("string", formats=("text", "csv", "json", "parquet")),
    "ENCRYPTED": Option(supported=False),
    "KMS_KEY_ID": Option(supported=False),
    "MASTER_SYMMETRIC_KEY": Option(supported=False),
    "ORC": Option(supported=False),
    "AVRO": Option(supported=False),
}
FORMATS = ("csv", "parquet", "json", "iceberg")
COMPRESSIONS = ("gzip", "bzip2", "zstd")

UnloadOptions = dict[str, str | int | bool | tuple[str, ...]]


class UnloadOptionsDraft:
    """Options of one UNLOAD while they are read."""

    def __init__(self) -> None:
        self.found: UnloadOptions = {}
        self._given: dict[str, Token] = {}
        self._format: Token | None = None

    def accept(self, reader: TokenReader) -> bool:
        """Read one option; False where the next word is none."""
        token = reader.token
        if token.kind != "word":
            return False
        if token.value == "format":
            reader.next()
            reader.accept("as")
            token = reader.token
            self._refuse(token)
            if not (self._accept_format(reader, token) or reader.accept("text")):
                reader.fail(hint="Expected CSV, PARQUET, JSON or ICEBERG.")
            return True
        self._refuse(token)
        if self._accept_format(reader, token) or self._accept_compression(reader, token):
            return True
        if token.value in ("partition", "manifest"):
            return self._accept_own(reader, token)
        name = token.value.upper()
        option = UNLOAD_OPTIONS.get(name)
        if option is None or option.argument == "own":
            return False
        self._note(name, token)
        reader.next()
        self.found[name] = read_argument(reader, option)
        return True

    def _refuse(self, token: Token) -> None:
        option = UNLOAD_OPTIONS.get(token.value.upper())
        if option is not None and not option.supported:
            raise refuse_option(token.value.upper(), "UNLOAD", token)

    def _accept_format(self, reader: TokenReader, token: Token) -> bool:
        if token.value not in FORMATS:
            return False
        reader.next()
        if self.found.get("FORMAT") not in (None, token.value):
            raise InvalidParameterValue("UNLOAD takes one format", position=token.start + 1)
        self.found["FORMAT"] = token.value
        self._format = token
        return True

    def _accept_compression(self, reader: TokenReader, token: Token) -> bool:
        if token.value not in COMPRESSIONS:
            return False
        reader.next()
        if "COMPRESSION" in self.found:
            raise InvalidParameterValue("UNLOAD takes one compression", position=token.start + 1)
        self.found["COMPRESSION"] = token.value
        return True

    def _accept_own(self, reader: TokenReader, token: Token) -> bool:
        reader.next()
        if token.value == "manifest":
            self._note("MANIFEST", token)
            self.found["MANIFEST"] = True
            if reader.accept("verbose"):
                self.found["VERBOSE"] = True
            return True
        reader.expect("by")
        self._note("PARTITION BY", token)
        columns = reader.identifiers_in_parentheses()
        if len(set(columns)) != len(columns):
            raise InvalidParameterValue("UNLOAD names a partition column twice", position=token.start + 1)
        self.found["PARTITION BY"] = columns
        if reader.accept("include"):
            self.found["INCLUDE"] = True
        return True

    def _note(self, name: str, token: Token) -> None:
        if name in self._given:
            raise InvalidParameterValue(f"UNLOAD option {name} is given twice", position=token.start + 1)
        self._given[name] = token

    def finish(self) -> UnloadOptions:
        """The options with FORMAT and PARALLEL filled in, arguments and combinations checked."""
        found = self.found
        file_format = str(found.setdefault("FORMAT", "text"))
        found.setdefault("PARALLEL", True)
        check_combinations(UNLOAD_OPTIONS, self._given, file_format, "UNLOAD")
        if file_format in ("parquet", "iceberg") and "COMPRESSION" in found:
            raise InvalidParameterValue(
                f"UNLOAD to {file_format.upper()} takes no compression option: it is always SNAPPY"
            )
        if "DELIMITER" in found:
            found["DELIMITER"] = self._delimiter(unescape_character(str(found["DELIMITER"])))
        if "FIXEDWIDTH" in found:
            parse_widths(str(found["FIXEDWIDTH"]))
        if "NULL" in found:
            null = str(found["NULL"])
            found["NULL"] = "\\N" if null == "\\\\N" else unescape_character(null)
        self._within("MAXFILESIZE", MAXFILESIZE_MIN_BYTES, MAXFILESIZE_MAX_BYTES, "5 MB and 6.2 GB")
        self._within("ROWGROUPSIZE", ROWGROUPSIZE_MIN_BYTES, ROWGROUPSIZE_MAX_BYTES, "32 MB and 128 MB")
        extension = str(found.get("EXTENSION", ""))
        if "/" in extension or "\0" in extension:
            raise InvalidParameterValue(
                "UNLOAD option EXTENSION must not hold a slash", position=self._given["EXTENSION"].start + 1
            )
        return found

    def _delimiter(self, value: str) -> str:
        if len(value) != 1 or ord(value) > 127 or value in "\n\r":
            raise InvalidParameterValue(
                "UNLOAD delimiter must be a single ASCII character", position=self._given["DELIMITER"].start + 1
            )
        return value

    def _within(self, name: str, least: int, most: int, words: str) -> None:
        value = self.found.get(name)
        if isinstance(value, int) and not least <= value <= most:
            raise InvalidParameterValue(f"UNLOAD {name} must be between {words}", position=self._given[name].start + 1)
