"""Array literals, `{1,NULL,"a b"}`, to lists.

Receives text from `parse_text`, and a function that parses one element.
Source: PostgreSQL's documentation, "Array Input and Output Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from boathouse.contracts.errors import InvalidText

_BOUNDS = re.compile(r"\s*(?:\[[+-]?\d+(?::[+-]?\d+)?\])+\s*=\s*", re.ASCII)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_BARE = re.compile(r'((?:[^{}",\\]|\\.)+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DEPTH_MAX = 6
_SPACES = " \t\n\r\v\f"

Element = Callable[[str], object]


def parse_array(text: str, element: Element) -> list[object]:
    """The literal's list, nested for several dimensions; NULL is None.

    Raises:
        InvalidText: 22P02, the text is no array, or nests deeper than six.
    """
    bounds = _BOUNDS.match(text)
    at = bounds.end() if bounds else len(text) - len(text.lstrip(_SPACES))
    found, at = _list(text, at, element, 1)
    if text[at:].strip(_SPACES):
        raise _malformed(text)
    return found


def _list(text: str, at: int, element: Element, depth: int) -> tuple[list[object], int]:
    if at >= len(text) or text[at] != "{" or depth > _DEPTH_MAX:
        raise _malformed(text)
    items: list[object] = []
    at = _space(text, at + 1)
    if text[at : at + 1] == "}":
        return items, at + 1
    while True:
        at = _space(text, at)
        if text[at : at + 1] == "{":
            inner, at = _list(text, at, element, depth + 1)
            items.append(inner)
        else:
            item, at = _item(text, at, element)
            items.append(item)
        at = _space(text, at)
        ending = text[at : at + 1]
        at += 1
        if ending == "}":
            return items, at
        if ending != ",":
            raise _malformed(text)


def _item(text: str, at: int, element: Element) -> tuple[object, int]:
    quoted = _QUOTED.match(text, at)
    if quoted:
        return element(_ESCAPE.sub(r"\1", quoted[1])), quoted.end()
    bare = _BARE.match(text, at)
    if not bare or not bare[1].strip(_SPACES):
        raise _malformed(text)
    word = bare[1].rstrip(_SPACES)
    if word.upper() == "NULL":
        return None, bare.end()
    return element(_ESCAPE.sub(r"\1", word)), bare.end()


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at


def _malformed(text: str) -> InvalidText:
    return InvalidText(f'malformed array literal: "{text[:80]}"')
