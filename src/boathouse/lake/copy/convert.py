"""Field texts to column values, in the engine's SQL.

Receives a column and the name of the text it is made from; hands back SQL for the value, and for the number of the error
where there is none. Nothing here raises inside the engine: one bad value in a
million must not cost the transaction. Most values are written plainly, and a quick cast is enough to know it.

Source: Redshift Developer Guide, "Data conversion parameters", "Load error reference".
"""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.contracts.relations import Column
from boathouse.lake.copy.formats import AUTO_DATES, AUTO_TIMES, strptime_format
from boathouse.lake.copy.options import LoadOptions
from boathouse.sql.redshift.types import duckdb_type

REASONS = {
    1202: "Extra column(s) found",
    1203: "Input data had fewer columns than were defined in the DDL",
    1204: "String length exceeds DDL length",
    1205: "Invalid date format",
    1206: "Invalid timestamp format or value",
    1207: "Invalid digit",
    1208: "Invalid FLOAT value",
    1209: "Invalid DECIMAL value",
    1210: "Invalid BOOLEAN value",
    1211: "Line has no data",
    1213: "Missing data for not-null field",
    1214: "Delimiter not found",
    1216: "Invalid input line",
    1218: "A NUL byte is not the only byte of its field",
    1220: "String contains invalid or unsupported UTF8 codepoints",
    1221: "The file's encoding differs from ENCODING",
    1222: "Integer overflow",
    1223: "Invalid data type",
    1224: "Not well-formed JSON for SUPER",
    1226: "Not a geometry: neither WKB nor WKT",
}


_NUL = "\0"
"""NULL AS '\\0': a field that is this byte is NULL, and no longer one may hold it. SQL texts cannot hold it themselves."""
_DATES = ("date", "timestamp without time zone", "timestamp with time zone")


@dataclass(frozen=True, slots=True)
class Conversion:
    """SQL for one column.

    Attributes:
        quick: over the raw text: a first try at the value that costs little; the engine computes it for every row.
        value: over raw text and quick value: the value, NULL where it cannot be made. What is careful and slow in it
            is computed only for rows whose quick value is not certain.
        error: over raw text and value: the error's number, NULL where all is well.
    """

    quick: str
    value: str
    error: str


def convert(column: Column, raw: str, quick: str, value: str, options: LoadOptions) -> Conversion:
    """The conversion of one column; `raw`, `quick`, `value` are the SQL names that it may use and make."""
    text = _nulled(column, raw, options)
    found, failed = _value(column, text, options)
    tried = "NULL"
    certain = _certain(column, raw, quick, options)
    if certain is not None:
        # No cast takes `\\N` for a value: only another marker has to be told from values here.
        present = raw if options.null == "\\N" else f"nullif({raw}, {_quoted(options.null)})"
        tried = f"TRY_CAST({present} AS {duckdb_type(column.type)})"
        found = f"CASE WHEN {certain} THEN {quick} ELSE {found} END"
    any_date = options.accept_any_date and column.type.name in _DATES
    unlimited = column.type.is_text and column.type.name != "character" and column.type.length is None
    missing = "NULL" if column.nullable else "1213"
    if any_date or unlimited:
        error = f"CASE WHEN {value} IS NULL THEN {missing} END"
    else:
        error = f"CASE WHEN {value} IS NOT NULL THEN NULL WHEN ({text}) IS NULL THEN {missing} ELSE {failed} END"
    if options.null == _NUL and column.type.is_text:
        error = f"CASE WHEN contains({raw}, chr(0)) AND strlen({raw}) > 1 THEN 1218 ELSE {error} END"
    return Conversion(tried, found, error)


def _certain(column: Column, raw: str, quick: str, options: LoadOptions) -> str | None:
    """Where the quick value is surely what the careful rules would make; None where nothing is quick.

    A number whose own text is the text that it came from was written plainly: no exponent, no underscore, no decimals
    that would be rounded. The engine's date and time casts are ours already.
    """
    if column.type.is_integer or column.type.name == "numeric":
        return f"CAST({quick} AS VARCHAR) = {raw}"
    if column.type.name == "date" and options.date_format is None:
        return f"{quick} IS NOT NULL"
    if column.type.name.startswith("timestamp") and options.time_format is None:
        return f"{quick} IS NOT NULL"
    return f"{quick} IS NOT NULL" if column.type.is_float else None


def _nulled(column: Column, raw: str, options: LoadOptions) -> str:
    found = f"nullif({raw}, {_quoted(options.null)})"
    if column.type.is_text:
        if options.trim_blanks or column.type.name == "character":
            found = f"rtrim({found}, ' ')"
        if options.blanks_as_null:
            return f"CASE WHEN trim({raw}, ' \t') <> '' THEN {found} END"
        if options.empty_as_null:
            return f"nullif({found}, '')"
        return found
    if column.type.name == "super":
        return f"nullif({found}, '')"
    return f"nullif(trim({found}, ' \t\r'), '')"


def _value(column: Column, text: str, options: LoadOptions) -> tuple[str, str]:
    """SQL of the value, and of the error's number where it is NULL."""
    name, engine_type = column.type.name, duckdb_type(column.type)
    if column.type.is_integer:
        digits = f"regexp_matches({text}, '^[+-]?[0-9]+$')"
        return (
            f"CASE WHEN {digits} THEN TRY_CAST({text} AS {engine_type}) END",
            f"CASE WHEN {digits} THEN 1222 ELSE 1207 END",
        )
    if name == "numeric":
        return _decimal(text, column.type.scale or 0, engine_type, options), "1209"
    if column.type.is_float:
        return f"TRY_CAST({text} AS {engine_type})", "1208"
    if name == "boolean":
        return (
            f"CASE WHEN lower({text}) IN ('t', 'true', 'y', 'yes', '1') THEN true "
            f"WHEN lower({text}) IN ('f', 'false', 'n', 'no', '0') THEN false END",
            "1210",
        )
    if name == "date":
        return _date(text, options), "1205"
    if name.startswith("timestamp"):
        return _timestamp(text, engine_type, options), "1206"
    if name == "super":
        return f"memory.rs.json_parse_lax({text})", "1224"
    if column.type.is_text:
        return _characters(column, text, options)
    if column.type.is_spatial:
        return f"(bh_{'geo' if name == 'geometry' else 'geog'}_try({text}) || ''::BLOB)", "1226"
    if name == "varbyte":
        return f"CASE WHEN regexp_matches({text}, '^([0-9A-Fa-f]{{2}})*$') THEN unhex({text}) END", "1223"
    return f"TRY_CAST({text} AS {engine_type})", "1223"


def _decimal(text: str, scale: int, engine_type: str, options: LoadOptions) -> str:
    if options.round_decimals:
        return f"TRY_CAST({text} AS {engine_type})"
    # Without ROUNDEC further decimals are cut off, not rounded; a number with an exponent is written out for that.
    written_out = f"CAST(TRY_CAST({text} AS DECIMAL(38, 20)) AS VARCHAR)"
    text = f"CASE WHEN regexp_matches({text}, '[eE]') THEN coalesce({written_out}, {text}) ELSE {text} END"
    point = f"strpos({text}, '.')"
    cut = f"left({text}, {point} + {scale})" if scale else f"coalesce(nullif(left({text}, {point} - 1), ''), '0')"
    long = f"{point} > 0 AND length({text}) - {point} > {scale} AND regexp_matches({text}, '^[+-]?[0-9]*[.][0-9]+$')"
    return f"TRY_CAST(CASE WHEN {long} THEN {cut} ELSE {text} END AS {engine_type})"


def _date(text: str, options: LoadOptions) -> str:
    if options.date_format is None:
        return f"TRY_CAST({text} AS DATE)"
    if options.date_format == "auto":
        return f"CAST(try_strptime({text}, {_list(AUTO_DATES)}) AS DATE)"
    return f"CAST(try_strptime({text}, {_quoted(strptime_format(options.date_format))}) AS DATE)"


def _timestamp(text: str, engine_type: str, options: LoadOptions) -> str:
    wanted = options.time_format
    if wanted is None:
        return f"TRY_CAST({text} AS {engine_type})"
    if wanted in ("epochsecs", "epochmillisecs"):
        scale, factor = (6, 1_000_000) if wanted == "epochsecs" else (3, 1_000)
        number = f"TRY_CAST({text} AS DECIMAL(30, {scale}))"
        # Years 1 to 9999: beyond them the engine would raise instead of giving NULL.
        within = f"{number} BETWEEN {-62_135_596_800_000_000 // factor} AND {253_402_300_799_999_999 // factor}"
        return f"CASE WHEN {within} THEN CAST(make_timestamp(CAST({number} * {factor} AS BIGINT)) AS {engine_type}) END"
    if wanted == "auto":
        return f"coalesce(TRY_CAST({text} AS {engine_type}), CAST(try_strptime({text}, {_list(AUTO_TIMES)}) AS {engine_type}))"
    return f"CAST(try_strptime({text}, {_quoted(strptime_format(wanted))}) AS {engine_type})"


def _characters(column: Column, text: str, options: LoadOptions) -> tuple[str, str]:
    length = column.type.length
    if length is None:
        return text, "0"
    fits = f"strlen({text}) <= {length}"
    if column.type.name == "character":
        single = f"strlen({text}) = length({text})"
        cut = f"left({text}, {length})" if options.truncate_columns else text
        condition = single if options.truncate_columns else f"{fits} AND {single}"
        return f"CASE WHEN {condition} THEN {cut} END", f"CASE WHEN {single} THEN 1204 ELSE 1220 END"
    if options.truncate_columns:
        # Cut by bytes, at a character's border: every character is one to four bytes long.
        whole = f"list_filter(generate_series({length // 4}, {length}), n -> strlen(left({text}, n)) <= {length})"
        return f"CASE WHEN {fits} THEN {text} ELSE left({text}, list_max({whole})) END", "1204"
    return f"CASE WHEN {fits} THEN {text} END", "1204"


def _list(formats: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(one) for one in formats) + "]"


def _quoted(text: str) -> str:
    return "chr(0)" if text == _NUL else "'" + text.replace("'", "''") + "'"


def reason(code: int, column: Column | None, text: str | None, told: str = "") -> str:
    """The words of `stl_load_errors.err_reason`.

    Args:
        told: what is said further: which bytes are not UTF-8, in which format a timestamp was expected.
    """
    found = REASONS.get(code, "Unknown parse error")
    is_char = column is not None and column.type.name == "character"
    if code == 1207 and text:
        place = next((at for at, char in enumerate(text) if not (char.isdigit() or (at == 0 and char in "+-"))), 0)
        kind = {"smallint": "Short", "bigint": "Long"}.get(column.type.name if column else "", "Integer")
        return f"Invalid digit, Value '{text[place : place + 1]}', Pos {place}, Type: {kind}"[:100]
    if code == 1221 and text:
        return f"{found}: {text}"[:100]
    if code == 1206 and told:
        return f"{found} [{told}]"[:100]
    if code == 1204 and is_char:
        return "Char length exceeds DDL length"
    if code == 1220 and is_char:
        bad = told.partition(" (")[0] or next((c.encode().hex(" ") for c in text or "" if not c.isascii()), "")
        return f"Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: {bad}"[:100]
    if code == 1220 and told:
        return f"{found}. Bad UTF8 hex sequence: {told}"[:100]
    return found
