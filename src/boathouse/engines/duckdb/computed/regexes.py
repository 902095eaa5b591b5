"""Regular expressions that DuckDB's RE2 cannot do: Perl's dialect, places of matches, patterns made at run time.

Received and handed back: Arrow columns; see `vectors`. Matching is done by the `regex` library, which gives up on a
value that takes too long: RE2 never would, but has no look-around and no back-references.

Source: Redshift Developer Guide, "REGEXP_COUNT", "REGEXP_INSTR", "REGEXP_REPLACE", "REGEXP_SUBSTR", "SIMILAR TO".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa
import regex

from boathouse.engines.duckdb.computed.vectors import each, fail
from boathouse.sql.redshift.patterns.similar import similar_to_regex

_SECONDS_MAX = 5
"""For one value."""
_REFERENCE = regex.compile(r"\$(\d)")


@lru_cache(maxsize=256)
def _compiled(pattern: str, parameters: str) -> Any:
    if set(parameters) - set("ciep"):
        fail("22023", f'invalid regular expression parameter "{parameters}"')
    flags = regex.IGNORECASE if "i" in parameters else 0
    try:
        return regex.compile(pattern if "p" in parameters else _without_line_ends(pattern), flags | regex.VERSION0)
    except (regex.error, OverflowError, RecursionError) as failure:
        fail("2201B", f"invalid regular expression: {getattr(failure, 'msg', None) or 'it is too large'}")


def _without_line_ends(pattern: str) -> str:
    """`$` outside a class as the text's very end: here it would match before a last line break as well."""
    found, place, inside = "", 0, False
    while place < len(pattern):
        char = pattern[place]
        if char == "\\":
            found, place = found + pattern[place : place + 2], place + 2
            continue
        inside = (inside or char == "[") and not (inside and char == "]" and found[-1:] not in ("[", "^"))
        found, place = found + ("\\Z" if char == "$" and not inside else char), place + 1
    return found


def _matches(text: str, pattern: str, position: int, parameters: str) -> Iterator[Any]:
    try:
        yield from _compiled(pattern, parameters).finditer(
            text, max(position, 1) - 1, timeout=_SECONDS_MAX, concurrent=True
        )
    except TimeoutError:
        fail("54001", "the regular expression takes too long on one of the values")


def _nth(text: str, pattern: str, position: int, occurrence: int, parameters: str) -> tuple[Any, int] | None:
    """The match and the group that counts."""
    if occurrence < 1 or position > len(text):
        return None
    for number, match in enumerate(_matches(text, pattern, position, parameters), start=1):
        if number == occurrence:
            return match, 1 if "e" in parameters and match.re.groups else 0
    return None


def _count(text: str, pattern: str, position: int, parameters: str) -> int:
    return 0 if position > len(text) else sum(1 for _ in _matches(text, pattern, position, parameters))


def _instr(text: str, pattern: str, position: int, occurrence: int, after: int, parameters: str) -> int:
    found = _nth(text, pattern, position, occurrence, parameters)
    if found is None:
        return 0
    match, group = found
    return int(match.end(group) if after else match.start(group)) + 1


def _substr(text: str, pattern: str, position: int, occurrence: int, parameters: str) -> str | None:
    if position > len(text):
        return ""
    if occurrence < 1 or occurrence > len(text):
        return None
    found = _nth(text, pattern, position, occurrence, parameters)
    return "" if found is None else found[0].group(found[1]) or ""


def _replace(text: str, pattern: str, target: str, position: int, parameters: str) -> str:
    if position > len(text):
        return text
    pieces, at = [], 0
    for match in _matches(text, pattern, position, parameters):
        own = match
        made = _REFERENCE.sub(lambda mark, own=own: _group(own, int(mark[1])), target)
        pieces += [text[at : match.start()], made]
        at = match.end()
    return "".join([*pieces, text[at:]])


def _group(match: Any, number: int) -> str:
    return (match.group(number) or "") if number <= match.re.groups else ""


regexp_count = each(_count, pa.int32())
regexp_instr = each(_instr, pa.int32())
regexp_replace = each(_replace, pa.string())
regexp_substr = each(_substr, pa.string())
similar = each(lru_cache(maxsize=256)(similar_to_regex), pa.string())
