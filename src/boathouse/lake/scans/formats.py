"""Formats of external tables: which there are, and the engine's reader for each.

Receives a table of the catalog and a list of files; hands `lake.scan` SQL that yields the declared columns in their
declared types and the file's path. Everything that is known but not readable is refused by its name.
Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE" (ROW FORMAT, STORED AS, TABLE PROPERTIES).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, InvalidTableDefinition
from boathouse.lake.scans.regexes import to_re2
from boathouse.lake.scans.values import engine_type, fitted, from_text, literal, quoted
from boathouse.lake.tables import ExternalTable

Kind = Literal["parquet", "text", "csv", "json", "regex"]

FILE_COLUMN = "__file"
"""The reader's column with the file's path."""

_SERDES: dict[str, Kind] = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.parquethiveserde": "parquet",
    "org.apache.hadoop.hive.serde2.lazy.lazysimpleserde": "text",
    "org.apache.hadoop.hive.serde2.opencsvserde": "csv",
    "com.bizo.hive.serde.csv.csvserde": "csv",
    "org.openx.data.jsonserde.jsonserde": "json",
    "org.apache.hive.hcatalog.data.jsonserde": "json",
    "org.apache.hadoop.hive.serde2.jsonserde": "json",
    "org.apache.hadoop.hive.serde2.regexserde": "regex",
    "com.amazonaws.glue.serde.regexserde": "regex",
}
_IGNORED_PROPERTIES = {"serialization.format", "paths", "case.insensitive", "ignore.malformed.json"}
_KNOWN_PROPERTIES: dict[Kind, set[str]] = {
    "parquet": set(),
    "text": {"field.delim", "line.delim", "escape.delim", "serialization.null.format"},
    "csv": {"separatorchar", "quotechar", "escapechar"},
    "json": {"strip.outer.array"},
    "regex": {"input.regex", "output.format.string"},
}
_INPUT_FORMATS: dict[str, Kind] = {
    "org.apache.hadoop.mapred.textinputformat": "text",
    "org.apache.hadoop.hive.ql.io.parquet.mapredparquetinputformat": "parquet",
}
_ESCAPES = {
    "\\t": "\t",
    "\\n": "\n",
    "\\r": "\r",
    "\\a": "\x01",
    "\\A": "\x01",
    "\\0": "\0",
    "\\\\": "\\",
}
_LINE = quoted("__line")
_PATTERN = re.compile(r"[*?\[]")


def kind_of(table: ExternalTable) -> Kind:
    """How the table's files are read.

    Raises:
        FeatureNotSupported: a format, SerDe or input format that nothing here reads, by its name.
    """
    file_format = table.format
    if file_format.serde is not None:
        found = _SERDES.get(file_format.serde.lower())
        if found is None:
            raise FeatureNotSupported(f"SerDe {file_format.serde} is not supported")
        return found
    if file_format.input_format is not None:
        found = _INPUT_FORMATS.get(file_format.input_format.lower())
        if found is None:
            raise FeatureNotSupported(f"input format {file_format.input_format} is not supported")
        return found
    if file_format.stored_as in ("parquet", "json"):
        return "parquet" if file_format.stored_as == "parquet" else "json"
    if file_format.stored_as == "textfile":
        return "text"
    raise FeatureNotSupported(f"STORED AS {file_format.stored_as.upper()} is not supported")


def check_format(table: ExternalTable) -> None:
    """Refuse a table that could be created but never read."""
    kind = kind_of(table)
    for _, column in (*table.columns, *table.partitions):
        engine_type(column)
    for name, _ in table.format.serde_properties:
        if name.lower() not in _KNOWN_PROPERTIES[kind] | _IGNORED_PROPERTIES:
            raise FeatureNotSupported(f"SerDe property {name} is not supported")
    _skipped_lines(table)
    compression = table.property("compression_type", "none").lower()
    if compression not in ("none", "gzip", "zstd", "snappy"):
        raise FeatureNotSupported(f"compression_type {compression} is not supported")
    if kind == "regex":
        _regex(table)
    if kind == "text":
        text_style(table)
    fitted("x", table.columns[0][1], table)


def reader(table: ExternalTable, files: Sequence[str]) -> str:
    """A SELECT over the files: the declared columns, then `FILE_COLUMN`.

    Args:
        files: paths or s3 URLs, each read; empty yields no rows.
    """
    if not files:
        return _empty(table)
    kind = kind_of(table)
    if kind == "parquet":
        return _parquet(table, files)
    _check_compression(files)
    if kind == "json":
        return _json(table, files)
    if kind == "regex":
        return _regex_lines(table, files)
    if kind == "text":
        return _delimited(table, files, text_style(table).arguments())
    # A quoted value may hold line breaks, which the parallel reader cannot pad.
    return _delimited(table, files, csv_style(table).arguments() | {"parallel": "false"})


def _empty(table: ExternalTable) -> str:
    columns = [f"CAST(NULL AS {engine_type(kind)}) AS {quoted(name)}" for name, kind in table.columns]
    return f"SELECT {', '.join(columns)}, CAST(NULL AS VARCHAR) AS {FILE_COLUMN} WHERE false"


def file_list(files: Sequence[str]) -> str:
    """Files as the readers' argument. Each is a pattern to them, so that its own `*`, `?` and `[` are put in brackets."""
    return "[" + ", ".join(literal(_PATTERN.sub(r"[\g<0>]", path)) for path in files) + "]"


def _parquet(table: ExternalTable, files: Sequence[str]) -> str:
    """Columns by name whatever their case, NULL where a file has none; no file is opened before the scan runs."""
    schema = ", ".join(
        f"{literal(name)}: {{name: {literal(name)}, type: {literal(engine_type(kind))}, default_value: NULL}}"
        for name, kind in table.columns
    )
    columns = ", ".join(f"{fitted(quoted(name), kind, table)} AS {quoted(name)}" for name, kind in table.columns)
    return (
        f"SELECT {columns}, {FILE_COLUMN} FROM read_parquet({file_list(files)}, filename = '{FILE_COLUMN}', "
        f"schema = MAP {{{schema}}})"
    )


def _check_compression(files: Sequence[str]) -> None:
    for path in files:
        ending = path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
        if ending in ("bz2", "snappy", "lzo", "lz4", "xz", "zip"):
            raise FeatureNotSupported(f"text files with .{ending} compression are not supported", detail=path)


def _delimited(table: ExternalTable, files: Sequence[str], options: dict[str, str]) -> str:
    names = ", ".join(f"{literal(_raw(place))}: 'VARCHAR'" for place in range(len(table.columns)))
    columns = ", ".join(
        f"{fitted(from_text(quoted(_raw(place)), kind), kind, table)} AS {quoted(name)}"
        for place, (name, kind) in enumerate(table.columns)
    )
    return (
        f"SELECT {columns}, {FILE_COLUMN} FROM read_csv({file_list(files)}, columns = {{{names}}}, "
        f"{_csv_arguments(table, options)})"
    )


def _raw(place: int) -> str:
    return f"c{place}"


def _csv_arguments(table: ExternalTable, options: dict[str, str]) -> str:
    given = {
        "auto_detect": "false",
        "header": "false",
        "strict_mode": "false",
        "null_padding": "true",
        "max_line_size": "16777216",
        "skip": str(_skipped_lines(table)),
        "filename": literal(FILE_COLUMN),
    }
    return ", ".join(f"{name} = {value}" for name, value in (given | options).items())


@dataclass(frozen=True, slots=True)
class Style:
    """How fields stand in a line of text: the delimiter, the quotation mark and escape ('' for none), NULL's sign."""

    delimiter: str
    quote: str
    escape: str
    null: str

    def arguments(self) -> dict[str, str]:
        """The same for the engine's reader."""
        return {
            "delim": literal(self.delimiter),
            "quote": literal(self.quote),
            "escape": literal(self.escape),
            "nullstr": literal(self.null),
        }


def text_style(table: ExternalTable) -> Style:
    """LazySimpleSerDe: no quotes; an escape character where one is declared."""
    serde = {key.lower(): value for key, value in table.format.serde_properties}
    delimiter = table.format.field_delimiter or serde.get("field.delim") or "\x01"
    line = _character(table.format.line_delimiter or serde.get("line.delim") or "\n")
    if line not in ("\n", "\r\n", "\r"):
        raise FeatureNotSupported("lines terminated by anything but a line break are not supported")
    escape = table.format.escape or serde.get("escape.delim") or ""
    null = table.format.null_as or serde.get("serialization.null.format")
    null = null if null is not None else table.property("serialization.null.format", "\\N")
    return Style(_character(delimiter), "", _character(escape), null)


def csv_style(table: ExternalTable) -> Style:
    """OpenCSVSerde. Quotes inside quotes are doubled, unless escapeChar says otherwise."""
    serde = {key.lower(): value for key, value in table.format.serde_properties}
    quote = _character(serde.get("quotechar", '"'))
    separator, escape = serde.get("separatorchar", ","), serde.get("escapechar", quote)
    null = table.property("serialization.null.format", "\\N")
    return Style(_character(separator), quote, _character(escape), null)


def _character(text: str) -> str:
    """A delimiter as users write it: itself, an escape (`\\t`, `\\A`), or an octal or decimal code."""
    if text in _ESCAPES:
        return _ESCAPES[text]
    if len(text) > 1 and text.lstrip("\\").isdigit():
        code = int(text[1:], 8) if text.startswith("\\") else int(text)
        if not 0 < code < 256:
            raise InvalidParameterValue(f"delimiter {text} is not a character")
        return chr(code)
    return text


def _skipped_lines(table: ExternalTable) -> int:
    text = table.property("skip.header.line.count", "0")
    if not text.isdigit():
        raise InvalidParameterValue(f"skip.header.line.count must be a number, not {text}")
    return int(text)


def _json(table: ExternalTable, files: Sequence[str]) -> str:
    """One object per line. Keys match whatever their case: lines whose keys have capitals are folded, keys only."""
    serde = {key.lower(): value for key, value in table.format.serde_properties}
    lenient = serde.get("ignore.malformed.json", "false").lower() == "true"
    row = "STRUCT(" + ", ".join(f"{quoted(name)} {engine_type(kind)}" for name, kind in table.columns) + ")"
    token = literal(r'"(?:[^"\\]|\\.)*"\s*:|"(?:[^"\\]|\\.)*"|[^"]+')
    folded = (
        f"array_to_string(list_transform(regexp_extract_all(json::VARCHAR, {token}), "
        "lambda x: CASE WHEN x LIKE '\"%:' THEN lower(x) ELSE x END), '')::JSON"
    )
    capital = literal(r'[A-Z][^"]*"\s*:')
    # TRY_CAST makes NULL of each field that does not fit, not of the whole row.
    value = f"TRY_CAST(CASE WHEN regexp_matches(json::VARCHAR, {capital}) THEN {folded} ELSE json END AS {row})"
    columns = ", ".join(
        f"{fitted(f'__row.{quoted(name)}', kind, table)} AS {quoted(name)}" for name, kind in table.columns
    )
    return (
        f"SELECT {columns}, {FILE_COLUMN} FROM (SELECT {value} AS __row, {FILE_COLUMN} FROM "
        f"read_ndjson_objects({file_list(files)}, filename = '{FILE_COLUMN}', ignore_errors = {str(lenient).lower()}))"
    )


def _regex(table: ExternalTable) -> str:
    serde = {key.lower(): value for key, value in table.format.serde_properties}
    pattern = serde.get("input.regex")
    if not pattern:
        raise InvalidTableDefinition("RegexSerDe needs the SerDe property input.regex")
    made, groups = to_re2(pattern)
    if groups != len(table.columns):
        raise InvalidTableDefinition(
            f"input.regex has {groups} groups for {len(table.columns)} columns",
            hint="Each column is one capturing group, in order.",
        )
    return made


def _regex_lines(table: ExternalTable, files: Sequence[str]) -> str:
    """Each line matched as a whole; a line that does not match is a row of NULLs, as in Hive."""
    pattern = _regex(table)
    names = [_raw(place) for place in range(len(table.columns))]
    groups = json.dumps(["whole", *names]).replace('"', "'")
    options = {"delim": literal("\x1e"), "quote": "''", "escape": "''", "nullstr": literal("\x1f")}
    columns = ", ".join(
        f"CASE WHEN __fields.whole = {_LINE} THEN {fitted(from_text(f'__fields.{raw}', kind), kind, table)} END "
        f"AS {quoted(name)}"
        for raw, (name, kind) in zip(names, table.columns, strict=True)
    )
    return (
        f"SELECT {columns}, {FILE_COLUMN} FROM (SELECT {_LINE}, {FILE_COLUMN}, "
        f"regexp_extract({_LINE}, {literal(f'^((?:{pattern}))$')}, {groups}) AS __fields FROM "
        f"read_csv({file_list(files)}, columns = {{'__line': 'VARCHAR'}}, {_csv_arguments(table, options)}))"
    )
