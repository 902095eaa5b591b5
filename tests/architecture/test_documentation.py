"""Documentation is asserted: what users can set, run or meet is in the docs."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import pytest

from boathouse.app import cli
from boathouse.app.assemble import OWN_SECTIONS
from boathouse.app.discover import discover_rooms
from boathouse.app.settings import sections
from boathouse.contracts import errors
from boathouse.query.parameters import PARAMETERS
from boathouse.sql import statements
from boathouse.sql.redshift.copy_options import COPY_OPTIONS
from boathouse.sql.redshift.unload_options import UNLOAD_OPTIONS

DOCS = Path(__file__).parents[2] / "docs"


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
    assert f"`{field.name}`" in page.split(f"## [{section}]")[1].split("\n## ")[0]


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


ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BoathouseError)]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_documented(kind: type[errors.BoathouseError]) -> None:
    assert f"| {kind.sqlstate} | {kind.__name__} |" in _page("errors.md")


def test_every_command_is_documented() -> None:
    parser = cli._parser()
    verbs = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    page = _page("getting-started.md") + _page("statements.md")
    for verb in verbs.choices:
        assert f"boathouse {verb}" in page
