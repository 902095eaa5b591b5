"""TO_CHAR's datetime formats.

Received: a format. Handed on: to `sql.rewrites`, where it is a literal, pieces of engine SQL over `{x}`; otherwise, to
`engines.duckdb.computed.formats`, the text of a moment.

Source: Redshift Developer Guide, "Datetime format strings", "TO_CHAR"; PostgreSQL, "Data Type Formatting Functions", for
FM and TH.
"""

from __future__ import annotations

import re

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
    "ID": "CAST(isodow({x}) AS VARCHAR)",
    "IDDD": "lpad(CAST((weekofyear({x}) - 1) * 7 + isodow({x}) AS VARCHAR), 3, '0')",
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
