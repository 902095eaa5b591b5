"""TO_CHAR, TO_DATE, TO_TIMESTAMP and TO_NUMBER patterns.

Received: a format literal. Handed on to `sql.rewrites.calls`: pieces, each a literal text, a `strftime` code or an
engine SQL template over `{x}`; or a `strptime` format.

Source: Redshift Developer Guide, "Datetime format strings", "Numeric format strings".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue

_ROMAN = "['', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII']"

_MOMENT: dict[str, str] = {
    "YYYY": "lpad(CAST(year({x}) AS VARCHAR), 4, '0')",
    "Y,YYY": "left(lpad(CAST(year({x}) AS VARCHAR), 4, '0'), 1) || ',' || right(CAST(year({x}) AS VARCHAR), 3)",
    "YYY": "right(lpad(CAST(year({x}) AS VARCHAR), 4, '0'), 3)",
    "YY": "strftime({x}, '%y')",
    "Y": "right(CAST(year({x}) AS VARCHAR), 1)",
    "IYYY": "CAST(isoyear({x}) AS VARCHAR)",
    "IYY": "right(CAST(isoyear({x}) AS VARCHAR), 3)",
    "IY": "right(CAST(isoyear({x}) AS VARCHAR), 2)",
    "I": "right(CAST(isoyear({x}) AS VARCHAR), 1)",
    "CC": "lpad(CAST(century({x}) AS VARCHAR), 2, '0')",
    "Q": "CAST(quarter({x}) AS VARCHAR)",
    "MONTH": "rpad(upper(strftime({x}, '%B')), 9, ' ')",
    "Month": "rpad(strftime({x}, '%B'), 9, ' ')",
    "month": "rpad(lower(strftime({x}, '%B')), 9, ' ')",
    "MON": "upper(strftime({x}, '%b'))",
    "Mon": "strftime({x}, '%b')",
    "mon": "lower(strftime({x}, '%b'))",
    "MM": "strftime({x}, '%m')",
    "RM": f"rpad({_ROMAN}[CAST(month({{x}}) AS INTEGER) + 1], 4, ' ')",
    "rm": f"rpad(lower({_ROMAN}[CAST(month({{x}}) AS INTEGER) + 1]), 4, ' ')",
    "WW": "lpad(CAST((dayofyear({x}) - 1) // 7 + 1 AS VARCHAR), 2, '0')",
    "W": "CAST((day({x}) - 1) // 7 + 1 AS VARCHAR)",
    "IW": "strftime({x}, '%V')",
    "DAY": "rpad(upper(strftime({x}, '%A')), 9, ' ')",
    "Day": "rpad(strftime({x}, '%A'), 9, ' ')",
    "day": "rpad(lower(strftime({x}, '%A')), 9, ' ')",
    "DY": "upper(strftime({x}, '%a'))",
    "Dy": "strftime({x}, '%a')",
    "dy": "lower(strftime({x}, '%a'))",
    "DDD": "strftime({x}, '%j')",
    "DD": "strftime({x}, '%d')",
    "D": "CAST(dayofweek({x}) + 1 AS VARCHAR)",
    "J": "CAST(CAST(julian(CAST({x} AS DATE)) AS BIGINT) AS VARCHAR)",
    "HH24": "strftime({x}, '%H')",
    "HH12": "strftime({x}, '%I')",
    "HH": "strftime({x}, '%I')",
    "MI": "strftime({x}, '%M')",
    "SSSS": "CAST(hour({x}) * 3600 + minute({x}) * 60 + second({x}) AS VARCHAR)",
    "SS": "strftime({x}, '%S')",
    "MS": "strftime({x}, '%g')",
    "US": "strftime({x}, '%f')",
    "AM": "strftime({x}, '%p')",
    "PM": "strftime({x}, '%p')",
    "am": "lower(strftime({x}, '%p'))",
    "pm": "lower(strftime({x}, '%p'))",
    "A.M.": "left(strftime({x}, '%p'), 1) || '.M.'",
    "P.M.": "left(strftime({x}, '%p'), 1) || '.M.'",
    "a.m.": "lower(left(strftime({x}, '%p'), 1)) || '.m.'",
    "p.m.": "lower(left(strftime({x}, '%p'), 1)) || '.m.'",
    "AD": "CASE WHEN year({x}) > 0 THEN 'AD' ELSE 'BC' END",
    "BC": "CASE WHEN year({x}) > 0 THEN 'AD' ELSE 'BC' END",
    "TZ": "'UTC'",
    "tz": "'utc'",
    "OF": "'+00'",
}
_EXACT_CASE = {"MONTH", "MON", "DAY", "DY", "AM", "PM", "A.M.", "P.M.", "RM", "TZ"}
_PARSE: dict[str, str] = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "MONTH": "%B", "MON": "%b", "DDD": "%j", "DD": "%d", "HH24": "%H",
    "HH12": "%I", "HH": "%I", "MI": "%M", "SS": "%S", "MS": "%g", "US": "%f", "AM": "%p", "PM": "%p", "DAY": "%A",
    "DY": "%a",
}  # fmt: skip
_WORDS = re.compile("|".join(re.escape(word) for word in sorted({key.upper() for key in _MOMENT}, key=len)[::-1]), re.I)


def _lookup(word: str) -> str | None:
    upper = word.upper()
    if upper in _EXACT_CASE:
        return _MOMENT.get(word) or _MOMENT.get(upper if word[:2].isupper() else upper.capitalize()) or _MOMENT[upper]
    return _MOMENT.get(upper)


def moment_pieces(form: str) -> list[str]:
    """The engine SQL pieces, over `{x}`, whose texts joined are TO_CHAR's result."""
    pieces: list[str] = []
    plain, at, fill = "", 0, True
    while at < len(form):
        if form[at] == '"':
            end = form.find('"', at + 1)
            end = len(form) if end < 0 else end
            plain += form[at + 1 : end]
            at = end + 1
            continue
        if form[at : at + 2].upper() == "FM":
            fill, at = False, at + 2
            continue
        found = _WORDS.match(form, at)
        template = _lookup(found[0]) if found else None
        if found is None or template is None:
            plain, at = plain + form[at], at + 1
            continue
        if plain:
            pieces.append(_quoted(plain))
            plain = ""
        at = found.end()
        if not fill:
            template = f"trim({template})" if found[0].isalpha() and len(found[0]) > 3 else template
            template = f"regexp_replace(trim({template}), '^0+(.)', '\\1')"
            fill = True
        if form[at : at + 2].lower() == "th":
            suffix = form[at : at + 2]
            template, at = _ordinal(template, suffix.isupper()), at + 2
        pieces.append(template)
    return [*pieces, _quoted(plain)] if plain or not pieces else pieces


def _ordinal(template: str, upper: bool) -> str:
    number = f"CAST({template} AS INTEGER)"
    suffix = (
        f"CASE WHEN {number} % 100 BETWEEN 11 AND 13 THEN 'th' WHEN {number} % 10 = 1 THEN 'st' "
        f"WHEN {number} % 10 = 2 THEN 'nd' WHEN {number} % 10 = 3 THEN 'rd' ELSE 'th' END"
    )
    return f"{template} || {f'upper({suffix})' if upper else suffix}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"


def strptime_format(form: str) -> str:
    """The format for reading a date or timestamp.

    Raises:
        FeatureNotSupported: a pattern that cannot be read back.
    """
    found, at = "", 0
    while at < len(form):
        if form[at : at + 2].upper() == "FM":
            at += 2
            continue
        word = _WORDS.match(form, at)
        if word is None:
            found += "%%" if form[at] == "%" else form[at]
            at += 1
            continue
        code = _PARSE.get(word[0].upper())
        if code is None:
            raise FeatureNotSupported(f'the pattern "{word[0]}" is not supported for reading dates')
        found, at = found + code, word.end()
    return found


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A numeric format: `whole` and `part` hold its digit patterns (9, 0 and group marks) around the point."""

    whole: str
    part: str
    fill: bool
    sign: Literal["before", "S", "S after", "MI", "MI after", "PR"]
    prefix: str


def number_format(form: str) -> NumberFormat:
    """Read a numeric format.

    Raises:
        FeatureNotSupported: RN, EEEE, V and TH. InvalidParameterValue: no numeric format.
    """
    upper = form.upper().strip()
    fill = "FM" not in upper
    upper = upper.replace("FM", "").replace("D", ".").replace("G", ",")
    for word in ("RN", "EEEE", "V", "TH", "SG", "PL", "C"):
        if word in upper:
            raise FeatureNotSupported(f'the numeric pattern "{word}" is not supported')
    sign: Literal["before", "S", "S after", "MI", "MI after", "PR"] = "before"
    if "PR" in upper:
        sign = "PR"
    elif "MI" in upper:
        sign = "MI" if upper.startswith("MI") else "MI after"
    elif "S" in upper:
        sign = "S" if upper.startswith("S") else "S after"
    prefix = "$" if "$" in upper or "L" in upper else ""
    digits = re.sub(r"PR|MI|S|\$|L", "", upper)
    whole, _, part = digits.partition(".")
    if not digits or set(whole) - set("90, ") or set(part) - set("90 "):
        raise InvalidParameterValue(f'"{form}" is not a number')
    return NumberFormat(whole, part.strip(), fill, sign, prefix)


def number_template(form: str) -> str:
    """Engine SQL over `{x}` for TO_CHAR of a number."""
    parsed = number_format(form)
    places = parsed.whole.replace(",", "").replace(" ", "")
    part = parsed.part
    width, decimals = len(places), len(part)
    zeros = width - places.index("0") if "0" in places else 0
    rounded = f"abs(CAST({{x}} AS DECIMAL(38,{decimals})))"
    digits = f"split_part(CAST({rounded} AS VARCHAR), '.', 1)"
    if not zeros and decimals:
        digits = f"CASE WHEN {digits} = '0' THEN '' ELSE {digits} END"
    digits = f"lpad(CASE WHEN length({digits}) < {zeros} THEN lpad({digits}, {zeros}, '0') ELSE {digits} END, {width})"
    digits = digits.replace(f", {width})", f", {width}, ' ')")
    whole = _grouped(digits, parsed.whole)
    tail = ""
    if decimals:
        tail = f"'.' || split_part(CAST({rounded} AS VARCHAR), '.', 2)"
        if not parsed.fill and "0" not in part:
            tail = f"rtrim({tail}, '0')"
    body = f"({whole})" + (f" || {tail}" if tail else "")
    shown = _signed(parsed, body, len(parsed.whole.replace(" ", "")) + (decimals + 1 if decimals else 0))
    hashes = _quoted("#" * width)
    return (
        f"CASE WHEN {{x}} IS NULL THEN NULL WHEN {rounded} >= CAST('1' || repeat('0', {width}) AS DECIMAL(38,0)) "
        f"THEN {hashes} ELSE {shown} END"
    )


def _grouped(digits: str, whole: str) -> str:
    if "," not in whole:
        return digits
    pieces: list[str] = []
    place = 0
    for char in whole.replace(" ", ""):
        if char == ",":
            pieces.append(f"CASE WHEN trim(left({digits}, {place})) = '' THEN ' ' ELSE ',' END")
        else:
            place += 1
            pieces.append(f"substring({digits}, {place}, 1)")
    return " || ".join(pieces)


def _signed(parsed: NumberFormat, body: str, width: int) -> str:
    bare = f"{_quoted(parsed.prefix)} || ltrim({body})" if parsed.prefix else f"ltrim({body})"
    width += len(parsed.prefix)
    minus = "CAST({x} AS DOUBLE) < 0"
    forms = {
        "before": (f"CASE WHEN {minus} THEN '-' ELSE '' END || {bare}", width + 1),
        "S": (f"CASE WHEN {minus} THEN '-' ELSE '+' END || {bare}", width + 1),
        "S after": (f"{bare} || CASE WHEN {minus} THEN '-' ELSE '+' END", width + 1),
        "MI": (f"CASE WHEN {minus} THEN '-' ELSE ' ' END || {bare}", width + 1),
        "MI after": (f"{bare} || CASE WHEN {minus} THEN '-' ELSE ' ' END", width + 1),
        "PR": (f"CASE WHEN {minus} THEN '<' || {bare} || '>' ELSE ' ' || {bare} || ' ' END", width + 2),
    }
    shown, size = forms[parsed.sign]
    return f"lpad({shown}, {size}, ' ')" if parsed.fill else f"trim({shown})"
