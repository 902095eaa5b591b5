"""What independent writers wrote loads back equal, whichever way reads it: the engine's reader or the precise one."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse

from boathouse.lake.copy import load

FEW = settings(max_examples=15, deadline=timedelta(seconds=20), print_blob=True,
               suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
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


def _both(house: CopyHouse, content: bytes, options: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows by whichever way COPY chooses, and by the precise way."""
    found = []
    for plain in (load.plain_reader, lambda path, columns, options: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(load, "plain_reader", plain)
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
        for plain in (load.plain_reader, lambda path, columns, options: None):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(load, "plain_reader", plain)
                house.run("DELETE FROM n")
                house.file("numbers", "|".join(row) + "\n")
                house.run("COPY n FROM 'numbers' IGNOREALLERRORS")
                outcome.append(house.run("SELECT * FROM n"))
        assert outcome[-1] == outcome[-2], row
