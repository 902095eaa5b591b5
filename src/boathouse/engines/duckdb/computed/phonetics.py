"""SOUNDEX and DIFFERENCE.

Received and handed back: Arrow columns; see `vectors`.

Sources: Redshift Developer Guide, "SOUNDEX function", "DIFFERENCE function"; United States National Archives, "The
Soundex Indexing System" (American Soundex: letters with one code that H or W parts count once).
"""

from __future__ import annotations

import pyarrow as pa

from boathouse.engines.duckdb.computed.vectors import each

_CODES = {
    letter: code
    for code, letters in {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items()
    for letter in letters
}


def code_of(text: str) -> str:
    """A letter and three digits; '' for a text without English letters."""
    letters = [letter for letter in text.upper() if "A" <= letter <= "Z"]
    if not letters:
        return ""
    found, before = letters[0], _CODES.get(letters[0], "")
    for letter in letters[1:]:
        if letter in "HW":
            continue
        code = _CODES.get(letter, "")
        if code and code != before:
            found += code
        before = code
    return found[:4].ljust(4, "0")


def _likeness(left: str, right: str) -> int:
    """How many of four places agree; 1 for two texts without letters, 0 where one has none."""
    codes = code_of(left), code_of(right)
    if not all(codes):
        return 0 if any(codes) else 1
    return sum(one == other for one, other in zip(*codes, strict=True))


soundex = each(code_of, pa.string())
difference = each(_likeness, pa.int32())
