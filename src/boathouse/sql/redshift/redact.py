"""Statement text without its secrets, for logs, `stl_query` and error reports.

Received: any text, also one that no grammar reads. Handed on: the same text with passwords and keys masked.
It works on patterns, not on a parse, because a text that fails to parse is the one that gets logged. The patterns take time
in proportion to the text, whatever it holds: they hold the interpreter while they run.
"""

from __future__ import annotations

import re

MASK = "'***'"

_STRING = r"(?:[eE]?'(?:[^'\\]|''|\\[\s\S])*(?:'|\Z)|\$(\w*)\$[\s\S]*?(?:\$\1\$|\Z))"
# Strings that follow each other on new lines are one, as SQL has it.
_STRINGS = rf"(?:{_STRING}|\"(?:[^\"]|\"\")*(?:\"|\Z))(?:[^\S\n]*+\n\s*+'(?:[^'\\]|''|\\[\s\S])*(?:'|\Z))*"
_GAP = r"(?:\s|--[^\n]*+(?:\n|\Z)|/\*(?>[\s\S]*?\*/))*+"
_KEYWORDS = (
    "credentials|access_key_id|secret_access_key|session_token|master_symmetric_key|kms_key_id|password|token|"
    "aws_access_key_id|aws_secret_access_key|aws_session_token|identified by|secret_key|secret"
)
_AFTER_KEYWORD = re.compile(rf"\b({_KEYWORDS})\b({_GAP}(?:(?:as\b|=|to\b|:=){_GAP})?){_STRINGS}", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(aws_access_key_id|aws_secret_access_key|aws_session_token|session_token|token|master_symmetric_key|password)"
    r"(\s*=\s*)[^;'\"\s]+",
    re.IGNORECASE,
)
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")
# What a comment of more than this hides after a keyword is masked to the end, so that no text is looked through again and
# again for a comment's end.
_LONG_COMMENT = re.compile(
    rf"\b({_KEYWORDS})\b((?:\s|as\b|=|to\b|:=)*+)(?:/\*(?:(?!\*/)[\s\S]){{500}}|--[^\n]{{500}})[\s\S]*", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(\b\w+://[^\s:/@']+:)[^\s@/']+@")


def redact(text: str) -> str:
    """`text` with the value after each secret's keyword replaced by `'***'`."""
    found = _LONG_COMMENT.sub(lambda match: f"{match.group(1)}{match.group(2)}{MASK}", text)
    found = _AFTER_KEYWORD.sub(lambda match: f"{match.group(1)}{match.group(2)}{MASK}", found)
    found = _PAIR.sub(lambda match: f"{match.group(1)}{match.group(2)}***", found)
    found = _ACCESS_KEY.sub("***", found)
    return _URL_PASSWORD.sub(r"\1***@", found)
