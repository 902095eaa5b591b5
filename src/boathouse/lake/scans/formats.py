"""The engine's reader for each format that it knows itself.

Receives a table of the catalog and a list of files; hands `lake.scan` SQL that yields the declared columns in their
declared types and the file's path. Which format a table has, `serdes` says.
Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE" (ROW FORMAT, STORED AS, TABLE PROPERTIES).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, InvalidTableDefinition
from boathouse.contracts.types import SqlType
from boathouse.lake.scans.regexes import to_re2
from boathouse.lake.scans.serdes import FILE_COLUMN, check_properties, kind_of, serde_properties, skipped_lines
from boathouse.lake.scans.values import engine_type, fitted, from_text, literal, quoted
from boathouse.lake.tables import ExternalTable

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


def check_format(table: ExternalTable) -> None:
    """Refuse a table that could be created but never read."""
    kind = kind_of(table)
    for _, column in (*table.columns, *table.partitions):
        engine_type(column)
    check_properties(table, kind)
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
    _check_compression(table, files)
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


def _check_compression(table: ExternalTable, files: Sequence[str]) -> None:
    if _compression(table):
        return
    for path in files:
        ending = path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
        if ending in ("bz2", "snappy", "lzo", "lz4", "xz", "zip"):
            raise FeatureNotSupported(f"text files with .{ending} compression are not supported", detail=path)


def _compression(table: ExternalTable) -> dict[str, str]:
    """The reader's argument where the table says how its files are compressed, whatever they are called."""
    found = table.property("compression_type", "none").lower()
    return {} if found == "none" else {"compression": literal(found)}


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
        "skip": str(skipped_lines(table)),
        "filename": literal(FILE_COLUMN),
        **_compression(table),
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
    serde = serde_properties(table)
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
    serde = serde_properties(table)
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


def _json(table: ExternalTable, files: Sequence[str]) -> str:
    """One object per line, or all of a file in one array.

    Keys match whatever their case, unless the SerDe is told otherwise: objects whose keys need it are folded, keys only.
    """
    serde = serde_properties(table)
    folds = serde.get("case.insensitive", "true").lower() != "false"
    dotted = serde.get("dots.in.keys", "false").lower() == "true"
    keys = [serde.get(f"mapping.{name.lower()}", name) for name, _ in table.columns]
    keys = [key.lower() for key in keys] if folds else keys
    if folds:
        row = ", ".join(
            f"{quoted(key)} {engine_type(kind)}" for key, (_, kind) in zip(keys, table.columns, strict=True)
        )
        # TRY_CAST makes NULL of each field that does not fit, not of the whole row.
        value = f"TRY_CAST({_folded_keys(dotted=dotted)} AS STRUCT({row}))"
        values = [f"__row.{quoted(key)}" for key in keys]
    else:
        value = _folded_keys(dotted=dotted, folds=False) if dotted else "json"
        values = [_by_exact_key(key, kind) for key, (_, kind) in zip(keys, table.columns, strict=True)]
    columns = ", ".join(
        f"{fitted(found, kind, table)} AS {quoted(name)}"
        for found, (name, kind) in zip(values, table.columns, strict=True)
    )
    options = {
        "filename": literal(FILE_COLUMN),
        "ignore_errors": str(serde.get("ignore.malformed.json", "false").lower() == "true").lower(),
        **_compression(table),
    }
    read = "read_ndjson_objects"
    if serde.get("strip.outer.array", "false").lower() == "true":
        read, options["format"], options["ignore_errors"] = "read_json_objects", "'array'", "false"
    arguments = ", ".join(f"{name} = {given}" for name, given in options.items())
    return (
        f"SELECT {columns}, {FILE_COLUMN} FROM (SELECT {value} AS __row, {FILE_COLUMN} FROM "
        f"{read}({file_list(files)}, {arguments}))"
    )


def _by_exact_key(key: str, kind: SqlType) -> str:
    """A value by its key as it is spelt, which the engine's structs cannot tell from another spelling."""
    path = literal('$."' + key.replace('"', '\\"') + '"')
    return f"(__row ->> {path})" if kind.is_text else f"TRY_CAST(__row -> {path} AS {engine_type(kind)})"


def _folded_keys(*, dotted: bool, folds: bool = True) -> str:
    """SQL for an object whose keys are spelt as the columns are; only those that need it are taken apart."""
    token = literal(r'"(?:[^"\\]|\\.)*"\s*:|"(?:[^"\\]|\\.)*"|[^"]+')
    key = "lower(x)" if folds else "x"
    key = f"replace({key}, '.', '_')" if dotted else key
    folded = (
        f"array_to_string(list_transform(regexp_extract_all(json::VARCHAR, {token}), "
        f"lambda x: CASE WHEN x LIKE '\"%:' THEN {key} ELSE x END), '')::JSON"
    )
    odd = ("A-Z" if folds else "") + ("." if dotted else "")
    spelt = literal(f"[{odd}]" + r'[^"]*"\s*:')
    return f"CASE WHEN regexp_matches(json::VARCHAR, {spelt}) THEN {folded} ELSE json END"


def _regex(table: ExternalTable) -> str:
    serde = serde_properties(table)
    pattern = serde.get("input.regex")
    if not pattern:
        raise InvalidTableDefinition("RegexSerDe needs the SerDe property input.regex")
    made, groups = to_re2(pattern)
    if serde.get("input.regex.case.insensitive", "false").lower() == "true":
        made = f"(?i:{made})"
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
