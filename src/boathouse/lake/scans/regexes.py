"""Java regular expressions, as RegexSerDe's `input.regex` has them, for the engine's RE2.

Receives the pattern after Hive's unescaping; hands `lake.scans.formats` one that RE2 reads with the same meaning, or
refuses by name what RE2 has not (RE2's syntax page; java.util.regex.Pattern).
"""

from __future__ import annotations

import re

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue

_UNSUPPORTED = (
    (re.compile(r"\(\?<?[=!]"), "lookaround"),
    (re.compile(r"\(\?>"), "atomic groups"),
    (re.compile(r"\\[1-9]|\\k<"), "back-references"),
    (re.compile(r"\\[GX]|\\R"), "the escapes \\G, \\R and \\X"),
    (re.compile(r"&&\["), "intersections of character classes"),
)
_POSSESSIVE = re.compile(r"[*+?}]\+")
_SKIPPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def to_re2(pattern: str) -> tuple[str, int]:
    """The pattern for RE2 and its number of capturing groups.

    Raises:
        FeatureNotSupported: constructs that only a backtracking engine has.
        InvalidParameterValue: no regular expression at all.
    """
    for expression, what in _UNSUPPORTED:
        if expression.search(_unescaped(pattern)):
            raise FeatureNotSupported(f"input.regex uses {what}, which is not supported")
    bare = _SKIPPED.sub("x", pattern)
    if _POSSESSIVE.search(bare):
        raise FeatureNotSupported("input.regex uses possessive quantifiers, which are not supported")
    made = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern).replace("\\Z", "\\z").replace("\\h", "[ \\t]")
    try:
        groups = re.compile(made.replace("\\z", "\\Z").replace("\\p{", "p{")).groups
    except re.error as failure:
        raise InvalidParameterValue(f"input.regex is not a regular expression: {failure.msg}") from failure
    return made, groups


def _unescaped(pattern: str) -> str:
    """The pattern without escaped backslashes and parentheses, so that only living constructs remain."""
    return re.sub(r"\\[\\()\[\]]", "", pattern)
