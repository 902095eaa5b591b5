"""Documentation is asserted: what users can set, run or meet is in the docs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import tomllib
from pathlib import Path

import pytest

from boathouse.app import cli
from boathouse.app.assemble import OWN_SECTIONS
from boathouse.app.discover import discover_rooms
from boathouse.app.settings import sections
from boathouse.contracts import errors, source_errors
from boathouse.query.parameters import PARAMETERS
from boathouse.sql import statements
from boathouse.sql.redshift.copy_options import COPY_OPTIONS
from boathouse.sql.redshift.options import Option
from boathouse.sql.redshift.unload_options import UNLOAD_OPTIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "boathouse"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


SETTINGS = [
    (section, field)
    for section, kind in sections(discover_rooms(), OWN_SECTIONS).items()
    for field in dataclasses.fields(kind)
]


@pytest.mark.parametrize(("section", "field"), SETTINGS, ids=lambda value: getattr(value, "name", value))
def test_every_setting_is_documented_and_explains_itself(section: str, field: dataclasses.Field[object]) -> None:
    assert field.metadata.get("help"), f"[{section}] {field.name} has no help"
    page = _page("settings.md")
    assert f"## [{section}]" in page
    part = page.split(f"## [{section}]")[1].split("\n## ")[0]
    assert f"| `{field.name}` | `{_toml(field.default)}` | {field.metadata['help']} |" in part


def _toml(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_session_parameter_is_documented(name: str) -> None:
    assert f"`{name}`" in _page("settings.md")


NODES = [
    kind
    for kind in vars(statements).values()
    if isinstance(kind, type) and issubclass(kind, statements.Statement) and kind is not statements.Statement
]


@pytest.mark.parametrize("kind", NODES, ids=lambda kind: kind.__name__)
def test_every_statement_is_documented(kind: type) -> None:
    assert f"<!-- {kind.__name__} -->" in _page("statements.md"), (
        f"docs/statements.md has no section for {kind.__name__}"
    )


@pytest.mark.parametrize("name", sorted({*COPY_OPTIONS, *UNLOAD_OPTIONS}))
def test_every_option_is_documented(name: str) -> None:
    assert f"`{name}`" in _page("statements.md")


@pytest.mark.parametrize(("title", "options"), [("## COPY", COPY_OPTIONS), ("## UNLOAD", UNLOAD_OPTIONS)])
def test_options_are_documented_as_what_they_are(title: str, options: dict[str, Option]) -> None:
    part = _page("statements.md").split(title)[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([A-Z_ ]+)` \| .*? \| ([a-z, ]+) \|", part, re.MULTILINE))
    assert rows == {name: ", ".join(one.formats) or "all" for name, one in options.items() if one.supported}
    refused = part.split("Known and refused")[1].split("\n\n")[0]
    for name in (name for name, one in options.items() if not one.supported):
        assert f"`{name}`" in refused


ERRORS = [
    kind
    for kind in {**vars(errors), **vars(source_errors)}.values()
    if isinstance(kind, type) and issubclass(kind, errors.BoathouseError)
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_documented(kind: type[errors.BoathouseError]) -> None:
    meaning = (kind.__doc__ or "").splitlines()[0].rstrip(".")
    assert f"| {kind.sqlstate} | {kind.__name__} | {meaning} | {kind.remedy} |" in _page("errors.md")


def test_every_sqlstate_is_documented() -> None:
    page = _page("errors.md")
    for path in SOURCE.rglob("*.py"):
        for code in re.findall(r'sqlstate="([0-9A-Z]{5})"', path.read_text(encoding="utf-8")):
            assert f"| {code} |" in page, f"{path.name} raises {code}"


def test_every_decision_is_in_the_index() -> None:
    index = _page("decisions/README.md")
    for path in (DOCS / "decisions").glob("0*.md"):
        assert f"({path.name})" in index


DIRECT = [
    re.split(r"[<>=\[;]", requirement)[0]
    for requirements in (PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values())
    for requirement in requirements
]


@pytest.mark.parametrize("name", sorted(set(DIRECT)))
def test_every_dependency_is_explained_and_pinned(name: str) -> None:
    assert name in _page("dependencies.md")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    assert f"\n{name.lower().replace('_', '-')}==" in "\n" + pins


def test_constraints_are_plain_pins() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+|#.*|", line), line


def test_every_command_is_documented() -> None:
    parser = cli._parser()
    verbs = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    page = _page("getting-started.md") + _page("statements.md")
    for verb in verbs.choices:
        assert f"boathouse {verb}" in page
