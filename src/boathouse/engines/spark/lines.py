"""Rows out of lines of text, as SQL of Spark's: delimited fields, CSV, JSON.

Received: how rows stand in the lines, and the types of the columns. A line or a value is read here only where the house reads the
same of it; whatever else stands there ends the query with an error of `REFUSAL`, by which the house knows that it has to read the
files itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.relations import Lines

REFUSAL = "boathouse-elsewhere: "
LINE = "`__line`"
_FIELDS = "`__fields`"
_BAD = [f"octet_length({LINE}) > {16 << 20}", f"NOT is_valid_utf8({LINE})", f"startswith({LINE}, '\\ufeff')"]
"""Lines that the house does not read, and such as begin with a mark of their encoding."""
_DIGITS = r"[+-]?[0-9]{1,18}"
_DECIMAL = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
_FLOAT = _DECIMAL + r"([eE][+-]?[0-9]{1,2})?"
_DATE = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DATE + r"([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?)?"
_TRUE, _FALSE = "(?i)(true|t|1|yes|y)", "(?i)(false|f|0|no|n)"
_NUMBER = r"-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
_WHOLE = ("SMALLINT", "INT", "BIGINT")
_NESTED, _TWO_ARRAYS = r"[{\[].*", r"[}] *\] *, *\["
_NO_INTEGER = "-|[^0-9+-]*|.*[.eExX_].*"
READ_AND_NONE = {
    **dict.fromkeys(_WHOLE, (_DIGITS, _NO_INTEGER)),
    **dict.fromkeys(("FLOAT", "DOUBLE"), (_FLOAT, "[^0-9nN]*")),
    "DECIMAL": (_DECIMAL, "-|[^0-9+-]*"),
    "DATE": (_DATE, "[^0-9fFpP]*"),
    "TIMESTAMP_NTZ": (_MOMENT, "[^0-9fFpP]*"),
}
"""By type the texts that are read, and those of which everybody makes NULL."""


def layers(lines: Lines, columns: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Lists of items, each over what the one before it selects; the first over `LINE`, the last are the columns by name.

    Args:
        columns: name and Spark's type.
    """
    values = [f"{_value(lines, lines.names.index(name))} AS `__{place}`" for place, (name, _) in enumerate(columns)]
    convert = _of_json if lines.keys else _of_text
    typed = [f"{convert(f'`__{place}`', kind)} AS {_name(name)}" for place, (name, kind) in enumerate(columns)]
    return [*(_objects() if lines.keys else _fields(lines)), values, typed]


def _value(lines: Lines, place: int) -> str:
    if lines.keys:
        return f"element_at({_FIELDS}, {_text(lines.keys[place])})"
    value = f"get({_FIELDS}, {place})"
    if lines.quote:
        mark = _text(lines.quote)
        inner = f"replace(substring({value}, 2, char_length({value}) - 2), {_text(lines.quote * 2)}, {mark})"
        value = f"CASE WHEN startswith({value}, {mark}) THEN {inner} ELSE {value} END"
    return f"nullif({value}, {_text(lines.null)})"


def _fields(lines: Lines) -> list[list[str]]:
    """With quotes the fields must be all that there is in the line: text before or after a quote is others' to judge."""
    sign = _class(lines.delimiter)
    split = f"split({LINE}, {_text(f'[{sign}]')}, -1)"
    if not lines.quote:
        return [[_checked(split, _BAD, "a line like this")]]
    mark = _class(lines.quote)
    field = f"[{sign}]([{mark}][^{mark}]*+(?:[{mark}]{{2}}[^{mark}]*+)*+[{mark}]|[^{mark}{sign}]*+)"
    line = f"concat({_text(lines.delimiter)}, {LINE})"
    found, whole = (f"regexp_extract_all({line}, {_text(field)}, {group})" for group in (1, 0))
    has_quotes = f"contains({LINE}, {_text(lines.quote)})"
    bad = [*_BAD, f"{has_quotes} AND array_join({whole}, '') <> {line}"]
    return [[_checked(f"CASE WHEN {has_quotes} THEN {found} ELSE {split} END", bad, "quotes like these")]]


def _objects() -> list[list[str]]:
    """An object's values by their keys in small letters; it is read as an array's one item, so that what follows it is seen."""
    options = "map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')"
    read = f"from_json(concat('[', {LINE}, ']'), 'array<map<string,string>>', {options})"
    odd = [
        f"NOT {_matches(LINE, '[ ]*[{].*[}][ ]*')}",
        f"contains({LINE}, {_text(chr(92) + 'u0000')}) OR contains(lower({LINE}), {_text(chr(92) + 'ud')})",
        f"{LINE} RLIKE {_text(_TWO_ARRAYS)}",
        "coalesce(size(`__read`), 0) <> 1 OR get(`__read`, 0) IS NULL OR `__keys` IS NULL",
        "size(`__keys`) <> size(array_distinct(transform(`__keys`, k -> lower(k))))",
        "exists(`__keys`, k -> octet_length(k) <> char_length(k))",
    ]
    made = "transform_keys(get(`__read`, 0), (k, v) -> lower(k))"
    fields = _checked(made, [*_BAD, *odd], "a line of JSON that others may read otherwise")
    return [[LINE, f"{read} AS `__read`", f"json_object_keys({LINE}) AS `__keys`"], [fields]]


def _of_text(value: str, kind: str) -> str:
    if kind == "STRING":
        return value
    if kind == "BOOLEAN":
        return f"CASE WHEN {_matches(value, _TRUE)} THEN true WHEN {_matches(value, _FALSE)} THEN false END"
    shape, none = READ_AND_NONE[kind.partition("(")[0]]
    fits = _matches(value, shape) + (f" AND octet_length({value}) <= 38" if "(" in kind else "")
    return (
        f"CASE WHEN {fits} THEN TRY_CAST({value} AS {kind}) WHEN {value} IS NULL OR {_matches(value, none)} THEN NULL "
        f"ELSE CAST({_refusal(f'a text as {kind}')} AS {kind}) END"
    )


def _of_json(value: str, kind: str) -> str:
    """Values whose type in JSON makes no difference."""
    if kind == "STRING":
        long = f"({value} RLIKE '[.eE]' OR octet_length({value}) > 18)"
        odd = f"{_matches(value, _NESTED)} OR ({_matches(value, _NUMBER)} AND {long})"
        return f"CASE WHEN {odd} THEN CAST({_refusal('a value as text')} AS STRING) ELSE {value} END"
    if kind == "BOOLEAN":
        fits = f"{value} IN ('true', 'false')"
    elif kind.startswith("DECIMAL("):
        precision, scale = (int(one) for one in kind[8:-1].split(","))
        whole = min(precision - scale, 15 - scale)
        shape = f"-?[0-9]{{1,{whole}}}" + (f"([.][0-9]{{1,{scale}}})?" if scale else "")
        fits = _matches(value, shape) if whole > 0 else "false"
    elif kind in _WHOLE:
        most = {"SMALLINT": 4, "INT": 9, "BIGINT": 18}[kind]
        fits = _matches(value, f"-?[0-9]{{1,{most}}}")
    else:
        fits = _matches(value, READ_AND_NONE[kind][0])
    refusal = f"CAST({_refusal(f'a value as {kind}')} AS {kind})"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {fits} THEN CAST({value} AS {kind}) ELSE {refusal} END"


def _matches(value: str, pattern: str) -> str:
    whole = rf"(?s)\A(?:{pattern})\z"
    return f"{value} RLIKE {_text(whole)}"


def _checked(made: str, bad: list[str], what: str) -> str:
    found = " OR ".join(f"({one})" for one in bad)
    return f"CASE WHEN {found} THEN {_refusal(what)} ELSE {made} END AS {_FIELDS}"


def _refusal(what: str) -> str:
    return f"raise_error({_text(REFUSAL + what)})"


def _class(character: str) -> str:
    """A character as it stands in brackets of a pattern."""
    return character if character.isalnum() else chr(92) + character


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _text(value: str) -> str:
    return "'" + "".join(_letter(one) for one in value) + "'"


def _letter(one: str) -> str:
    if one in "\\'":
        return "\\" + one
    return one if " " <= one <= "~" else f"\\u{ord(one):04x}" if ord(one) < 0x10000 else one
