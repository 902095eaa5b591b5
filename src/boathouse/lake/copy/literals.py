"""Texts and paths as the engine's SQL takes them; for the readers of files and for what adds their rows."""

from __future__ import annotations

import re
from pathlib import Path


def literal_path(path: Path) -> str:
    """The path as SQL that the engine's readers take for this one file: they expand `*`, `?` and `[` themselves."""
    return quoted(re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path)))


def quoted(text: str) -> str:
    """A string literal of the engine's SQL."""
    return "'" + text.replace("'", "''") + "'"
