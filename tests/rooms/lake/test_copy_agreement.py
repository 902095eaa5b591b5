"""What independent writers wrote loads back equal, whichever way reads it: the engine's reader or the precise one."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse

from boathouse.contracts.errors import BoathouseError
from boathouse.lake.copy import load

FEW = settings(max_examples=15)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")
AWKWARD = st.text(st.one_of(st.sampled_from("|,\"'\\\n\r\t N"), CHARACTERS), max_size=8)
PLAIN = st.text(st.one_of(st.sampled_from("ab \"'\t0"), st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"],
                exclude_characters="|\\\ufeff")), min_size=1, max_size=8)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home")
    made.table("a varchar(200), b varchar(200), c varchar(200)")
    yield made
    made.close()


KEPT = (load.plain_reader, load.plain_json_reader)
PRECISE = (lambda path, columns, options: None,) * 2


def _by(patch: pytest.MonkeyPatch, ways: tuple[object, object]) -> None:
    patch.setattr(load, "plain_reader", ways[0])
    patch.setattr(load, "plain_json_reader", ways[1])


def _both(house: CopyHouse, content: bytes, options: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows by whichever way COPY chooses, and by the precise way."""
    found = []
    for ways in (KEPT, PRECISE):
        with pytest.MonkeyPatch.context() as patch:
            _by(patch, ways)
            house.run("DELETE FROM t")
            house.file("agreed", content)
            house.run(f"COPY t FROM 'agreed' {options}")
            found.append(house.run("SELECT * FROM t ORDER BY 1, 2, 3"))
    return found[0], found[1]


@FEW
@given(
    rows=st.lists(st.tuples(AWKWARD, AWKWARD, AWKWARD), min_size=1, max_size=6), ending=st.sampled_from(["\n", "\r\n"])
)
def test_rows_of_the_csv_module_come_back_equal(house: CopyHouse, rows: list[tuple[str, ...]], ending: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=ending).writerows(rows)
    chosen, precise = _both(house, written.getvalue().encode(), "CSV NULL AS '~none~'")
    assert chosen == precise
    assert sorted(precise) == sorted(rows)


def _escaped(text: str) -> str:
    return "".join("\\" + char if char in "|\\\n\r" else char for char in text)


@FEW
@given(rows=st.lists(st.tuples(AWKWARD, AWKWARD, AWKWARD), min_size=1, max_size=6))
def test_rows_written_with_escapes_come_back_equal(house: CopyHouse, rows: list[tuple[str, ...]]) -> None:
    content = "".join("|".join(_escaped(field) for field in row) + "\n" for row in rows)
    _, precise = _both(house, content.encode(), "ESCAPE NULL AS '~none~'")
    assert sorted(precise) == sorted(rows)


@FEW
@given(
    rows=st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=6),
    ending=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_plain_text_is_read_the_same_both_ways(
    house: CopyHouse, rows: list[tuple[str, ...]], ending: str, last: bool
) -> None:
    content = ending.join("|".join(row) for row in rows) + (ending if last else "")
    chosen, precise = _both(house, content.encode(), "")
    assert chosen == precise
    assert sorted(precise) == sorted(rows)


NUMBERS = st.text(st.sampled_from("0123456789+-._eExX "), max_size=7)


@FEW
@given(values=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=3))
def test_numbers_are_judged_the_same_both_ways(house: CopyHouse, values: list[tuple[str, ...]]) -> None:
    house.run("CREATE TABLE IF NOT EXISTS n (a integer, b numeric(6,2), c double precision)")
    outcome = []
    for row in values:
        for ways in (KEPT, PRECISE):
            with pytest.MonkeyPatch.context() as patch:
                _by(patch, ways)
                house.run("DELETE FROM n")
                house.file("numbers", "|".join(row) + "\n")
                house.run("COPY n FROM 'numbers' IGNOREALLERRORS")
                outcome.append(house.run("SELECT * FROM n"))
        assert outcome[-1] == outcome[-2], row


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6), st.sampled_from(["1", "2.50", "true", "null", '"', "\\", "2020-01-02"]),
    st.lists(st.integers(0, 3), max_size=2), st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=1),
)  # fmt: skip
KEYS = st.sampled_from(["a", "b", "c", "d", "e", "A", "C", "xc"])


@FEW
@given(
    objects=st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=3),
    ascii_only=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n", "\n\n", " "]),
    tail=st.sampled_from(
        ["", "\n", "{", '{"a": 1,}', '{"a": 1,  }', ' {"a": 1}{"a": 2}', '{"a": 1.234567890123456789}', '{"a": 1, "a": 2}',
         '{"c":1.50}', '{"c": 1.50}', '{"c":  1.50}', '{"c" :1.50}', '{"c":null}', '{"\\u0063":1.50}', '{"c":"x","c":1.50}',
         '{"x":{"c":1.50}}', '{"x":"\\"c\\":1.50","c":"y"}', '{"c":nul}', '{"c":true}', '{"c":{"a": 1.50}}']
    ),
    separators=st.sampled_from([(",", ":"), (", ", ": ")]),
)  # fmt: skip
def test_json_is_read_the_same_both_ways(
    house: CopyHouse,
    objects: list[dict[str, object]],
    ascii_only: bool,
    ending: str,
    tail: str,
    separators: tuple[str, str],
) -> None:
    house.run(
        "CREATE TABLE IF NOT EXISTS j (a integer, b numeric(9,2), c varchar(40), d double precision, e boolean, f varchar(9))"
    )
    lines = [json.dumps(one, ensure_ascii=ascii_only, separators=separators) for one in objects]
    house.file("lines", (ending.join(lines) + ending + tail).encode("utf-8", "surrogatepass"))
    outcome = []
    for ways in (KEPT, PRECISE):
        with pytest.MonkeyPatch.context() as patch:
            _by(patch, ways)
            house.run("DELETE FROM j")
            try:
                house.run("COPY j FROM 'lines' JSON 'auto' IGNOREALLERRORS")
                outcome.append(sorted(map(repr, house.run("SELECT * FROM j"))))
            except BoathouseError as failure:
                outcome.append([str(failure)])
    assert outcome[0] == outcome[1]


def test_plain_json_is_read_by_the_engine(house: CopyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house.table("a integer, b numeric(9,2), c varchar(40), d timestamp", "quick")
    rows = ({"a": n, "b": n / 4, "c": f'\u00e5 "{n}"\n', "d": "2020-01-02 03:04:05"} for n in range(1000))
    house.file("quick", "".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(load, "read_json_chunks", None)
    house.run("COPY quick FROM 'quick' JSON 'auto'")
    assert house.run("SELECT count(*), sum(a), sum(b), count(DISTINCT c), min(length(c)) FROM quick") == [
        (1000, 499500, Decimal("124875.00"), 1000, 6)
    ]
