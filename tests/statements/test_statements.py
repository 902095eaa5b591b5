"""Each script's statements answer as the script says; see `scripts` for how scripts are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.clients.raw_client import RawClient
from tests.statements.lake_gaps import GAPS, ONLY_THERE
from tests.statements.lake_statements import differs
from tests.statements.scripts import agrees, ask, files, read

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.rglob("*.sql"))
ON_A_LAKE = os.environ.get("BOATHOUSE_STORAGE_KIND") == "ducklake"


def _name(path: Path) -> str:
    return path.relative_to(HERE).with_suffix("").as_posix()


def _marked(path: Path) -> object:
    """What is known to differ must differ."""
    gaps = GAPS if ON_A_LAKE else ONLY_THERE
    reason = gaps.get(_name(path))
    return path if reason is None else pytest.param(path, marks=pytest.mark.xfail(reason=reason, strict=True))


@pytest.mark.parametrize("script", [_marked(path) for path in SCRIPTS], ids=lambda path: _name(path))
def test_statements_answer_as_written(script: Path, in_own_schema: RawClient, statements_home: Path) -> None:
    for name, content in files(script).items():
        place = statements_home / "lake" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    failures = []
    for step in read(script):
        found = ask(in_own_schema, step.sql)
        failed = any(line.startswith("ERROR") for line in found)
        good = agrees(step.answer, found) if step.answer else not failed
        if ON_A_LAKE and differs(_name(script), step.sql) is not None:
            if good:
                failures.append(f"{_name(script)}.sql:{step.line}: works over a lake, too: see lake_statements.py")
        elif not good:
            shown = "\n".join(f"    --> {line}" for line in found)
            failures.append(f"{_name(script)}.sql:{step.line}: {step.sql}\n  answered\n{shown}")
    assert not failures, "\n" + "\n".join(failures)


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
def test_a_script_says_what_it_shows(script: Path) -> None:
    assert script.read_text().startswith("-- "), "the first line is a comment with a sentence"
    assert any(step.answer for step in read(script)), "a script without answers shows nothing"
