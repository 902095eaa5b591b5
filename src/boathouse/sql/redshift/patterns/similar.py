"""SIMILAR TO's patterns as regular expressions.

Received: a pattern and its escape character. Handed back: an expression that must match the whole value, in the words
that RE2 and Perl's dialect share.

Source: Redshift Developer Guide, "SIMILAR TO".
"""

from __future__ import annotations

import re


def similar_to_regex(pattern: str, escape: str = "\\") -> str:
    """A SIMILAR TO pattern as a regular expression that matches the whole value."""
    found: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if escape and char == escape:
            position += 1
            found.append(re.escape(pattern[position : position + 1]))
        elif inside:
            inside = char != "]"
            found.append("\\\\" if char == "\\" else char)
        elif char == "[":
            inside = True
            found.append(char)
        else:
            found.append({"%": ".*", "_": "."}.get(char) or (char if char in "|*+?(){}," else re.escape(char)))
        position += 1
    return "".join(found)
