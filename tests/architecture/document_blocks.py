"""The code blocks of a documentation page, in order, each with the text that is printed under it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(
    r"(?P<skip><!-- not run: [^\n]*-->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$(?P<output>\n+```text\n(?P<said>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One block: where it stands, its language, its text, what the page says it prints, whether it is run."""

    place: str
    language: str
    text: str
    output: str | None
    is_run: bool


def blocks(page: Path, *languages: str) -> list[Block]:
    """The page's blocks in these languages."""
    content = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(content):
        if match["language"] in languages:
            line = content.count("\n", 0, match.start("language")) + 1
            place = f"{page.relative_to(ROOT)}:{line}"
            found.append(Block(place, match["language"], match["text"], match["said"], match["skip"] is None))
    return found
