"""Whatever text comes in, the front end answers with a plan or a BoathouseError: no trace, no hang.

Texts are the statements of the scripts under `tests/statements`, cut and mixed by a seed that a failure names.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

from tests.rooms.sql.bind_examples import SmallCatalog
from tests.statements import scripts

from boathouse.contracts.errors import BoathouseError
from boathouse.query.plans import make as make_plan
from boathouse.sql.parse import parse
from boathouse.sql.redshift.redact import redact
from boathouse.sql.statements import Relational

SECONDS = 8.0
ONE_SECONDS_MAX = 8.0
_PIECE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|[^\w\s]")
_ODD = ["'", '"', "$$", "/*", "*/", "--", "(", ")", "[", "]", "{", "}", ";", ",", "::", ".", "\\", "\0", "é", "𝛑", "$1", "$99999",
        "NULL", "''", "1e400", "-", "0x", "@", "#", "~", "%", "9" * 60, "select", "from", "case", "end", "over", "lateral",
        "interval", "array", "not", "in", "between", "toys", "id", "*"]  # fmt: skip


class _Anybody:
    """A session and a house in which everybody may do everything."""

    catalog = SmallCatalog()

    @property
    def service(self) -> Any:
        return SimpleNamespace(claims=SimpleNamespace(gate=self))

    def setting(self, name: str) -> str:
        return "on"

    def permitted(self, *where: object) -> None:
        return None

    def admit_query(self, session: object, bound: object) -> None:
        return None


def make(statement: Relational) -> None:
    """Plan it."""
    session: Any = _Anybody()
    make_plan(session, statement)


def _pool() -> list[str]:
    folder = Path(scripts.__file__).parent
    return [step.sql for path in sorted(folder.rglob("*.sql")) for step in scripts.read(path)]


def _texts(chance: random.Random, pool: list[str]) -> Iterator[str]:
    while True:
        pieces = _PIECE.findall(chance.choice(pool))
        for _ in range(chance.randrange(1, 5)):
            if not pieces:
                break
            place = chance.randrange(len(pieces))
            act = chance.randrange(6)
            if act == 0:
                del pieces[place]
            elif act == 1:
                pieces.insert(place, chance.choice(_ODD))
            elif act == 2:
                pieces[place] = chance.choice(_ODD)
            elif act == 3:
                other = _PIECE.findall(chance.choice(pool))
                pieces[place:place] = other[chance.randrange(len(other)) :][: chance.randrange(1, 12)]
            elif act == 4:
                pieces = pieces[:place]
            else:
                pieces[place:place] = pieces[place : place + chance.randrange(1, 6)] * chance.randrange(1, 4)
        yield "".join(pieces)


def test_a_mangled_statement_is_a_plan_or_an_error_of_ours() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    pool = _pool()
    end = monotonic() + SECONDS
    done = planned = 0
    for text in _texts(chance, pool):
        start = monotonic()
        if start > end:
            break
        try:
            redact(text)
            for statement in parse(text):
                if isinstance(statement, Relational):
                    make(statement)
                    planned += 1
        except BoathouseError as error:
            assert error.sqlstate != "XX000", f"seed {seed}: {error.message}: {text!r}"
            assert error.position is None or 1 <= error.position <= len(text) + 1, f"seed {seed}: {text!r}"
        except Exception as failure:
            raise AssertionError(f"seed {seed}, statement {done}: {text!r}") from failure
        assert monotonic() - start < ONE_SECONDS_MAX, f"seed {seed}: {text!r}"
        done += 1
    assert done > 50
    assert planned


def test_deep_and_long_statements_are_errors_not_crashes() -> None:
    for text in (
        "SELECT @",
        "SELECT nextval(array's')",
        "SELECT " + "(" * 5000 + "1" + ")" * 5000,
        "SELECT " + "NOT " * 5000 + "true",
        "SELECT " + "1 + " * 20_000 + "1",
        "SELECT " + "CASE WHEN true THEN " * 1500 + "1" + " END" * 1500,
        "SELECT * FROM " + "(SELECT * FROM " * 800 + "toys" + ")" * 800,
        "SELECT '" + "x" * 2_000_000,
        "SELECT 1 " + "/*" * 10_000,
        "(" * 20_000,
        "SELECT a." + "b." * 20_000 + "c",
    ):
        try:
            for statement in parse(text):
                if isinstance(statement, Relational):
                    make(statement)
        except BoathouseError as error:
            assert error.sqlstate != "XX000", f"{error.message}: {text[:60]!r}"
