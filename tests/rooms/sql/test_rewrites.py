"""The rewrites' rules beyond single documented values: properties, and what the catalogue promises."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Context, Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.engines.duckdb.computed.table import COMPUTED
from boathouse.engines.duckdb.macros import MACROS, install
from boathouse.engines.duckdb.spatial.macros import MACROS as SPATIAL_MACROS
from boathouse.engines.duckdb.spatial.table import SPATIAL as SPATIAL_TABLE
from boathouse.sql.bind.bound import with_type
from boathouse.sql.redshift.catalogue.computed_values import COMPUTED_BYTES, COMPUTED_TEXTS
from boathouse.sql.redshift.catalogue.spatial_functions import PREDICATES
from boathouse.sql.redshift.functions import FUNCTIONS, return_type
from boathouse.sql.redshift.patterns.numbers import number_format
from boathouse.sql.redshift.patterns.reading import reading_of
from boathouse.sql.redshift.patterns.similar import similar_to_regex
from boathouse.sql.redshift.result_types import common_type, quotient
from boathouse.sql.rewrites.built_calls import BUILDERS
from boathouse.sql.rewrites.catalog.functions import BUILDERS as CATALOG
from boathouse.sql.rewrites.functions.dates import DATE_BUILDERS
from boathouse.sql.rewrites.functions.hashes import HASH_BUILDERS
from boathouse.sql.rewrites.operators import divide
from boathouse.sql.rewrites.spatial.calls import BUILDERS as SPATIAL
from boathouse.sql.targets.to_duckdb import expression_to_duckdb

PAGE = Path(__file__).parents[3] / "docs" / "functions.md"


@pytest.fixture(scope="module")
def engine():
    connection = duckdb.connect()
    connection.execute("SET GLOBAL integer_division = true")
    install(connection)
    yield connection
    connection.close()


def test_the_page_lists_exactly_the_functions_of_the_catalogue():
    listed = re.findall(r"^\| `([a-z0-9_]+)` \|", PAGE.read_text(), re.M)
    assert sorted(listed) == sorted(FUNCTIONS)


def test_every_macro_that_the_catalogue_names_exists():
    made = {re.search(r"memory\.rs\.(\w+)\(", macro)[1] for macro in MACROS if "MACRO" in macro}
    wanted = {one.engine.removeprefix("rs.") for one in FUNCTIONS.values() if one.engine.startswith("rs.")}
    # Made when a house opens, by the room that keeps the sessions.
    assert wanted - {"pg_cancel_backend", "pg_terminate_backend"} <= made


def test_every_computed_function_that_the_catalogue_names_exists():
    assert {one.engine for one in FUNCTIONS.values() if one.engine.startswith("bh_")} <= {*COMPUTED, *SPATIAL_TABLE}


def test_texts_and_bytes_that_are_computed_are_known_as_such():
    returned = {
        kind: {name for name, (_, of, _) in {**COMPUTED, **SPATIAL_TABLE}.items() if of == kind}
        for kind in ("VARCHAR", "BLOB")
    }
    assert returned == {"VARCHAR": COMPUTED_TEXTS, "BLOB": COMPUTED_BYTES}


def test_every_spatial_macro_that_the_catalogue_names_exists():
    made = {re.search(r"memory_spatial\.sp\.(\w+)\(", macro)[1] for macro in SPATIAL_MACROS if "MACRO" in macro}
    wanted = {one.engine.removeprefix("sp.") for one in FUNCTIONS.values() if one.engine.startswith("sp.")}
    assert wanted | {*PREDICATES.values()} | {f"joined_{one}" for one in PREDICATES.values()} <= made


def test_every_scalar_function_has_an_engine_form():
    own = {
        *SPATIAL,
        *PREDICATES,
        "regexp_count",
        "regexp_instr",
        "regexp_replace",
        "regexp_substr",
        *HASH_BUILDERS,
        *DATE_BUILDERS,
        *CATALOG,
    }
    facts = {"getdate", "sysdate", "now", "timeofday"}
    alike = {"extract"}
    missing = [
        one.name
        for one in FUNCTIONS.values()
        if one.kind == "scalar" and not one.engine and one.name not in {*BUILDERS, *own, *facts, *alike}
    ]
    assert missing == []


@settings(max_examples=80)
@given(
    some.decimals(min_value=-99999, max_value=99999, places=3, allow_nan=False),
    some.decimals(min_value=-999, max_value=999, places=2, allow_nan=False).filter(bool),
)
def test_numeric_division_is_exact_to_its_scale_and_cuts_the_tail_off(engine, left, right):
    left_type, right_type = t.numeric(10, 3), t.numeric(7, 2)
    wanted = quotient(left_type, right_type)
    operands = [
        with_type(exp.cast(exp.Literal.string(str(value)), f"DECIMAL({of.precision},{of.scale})"), of)
        for value, of in ((left, left_type), (right, right_type))
    ]
    found = engine.execute("SELECT " + expression_to_duckdb(divide(*operands, wanted))).fetchone()[0]
    exact = Context(prec=60).divide(left, right).quantize(Decimal(1).scaleb(-wanted.scale), rounding=ROUND_DOWN)
    assert found == exact


@settings(max_examples=80)
@given(some.text(max_size=12).filter(lambda text: "\x00" not in text), some.integers(min_value=1, max_value=20))
def test_a_cut_text_is_the_longest_prefix_within_its_bytes(engine, text, size):
    found = engine.execute("SELECT memory.rs.cut(?, ?)", [text, size]).fetchone()[0]
    # The engine's left() counts code points, so must the expectation.
    longest = max((text[:count] for count in range(len(text) + 1) if len(text[:count].encode()) <= size), key=len)
    assert found == longest


@settings(max_examples=60)
@given(some.integers(min_value=-(2**40), max_value=2**40), some.integers(min_value=2, max_value=36))
def test_strtol_reads_what_any_base_writes(engine, value, base):
    digits, rest = "", abs(value)
    while rest or not digits:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base] + digits
        rest //= base
    written = ("-" if value < 0 else "") + digits
    if base > 33 and "x" in digits[1:2] and digits[0] == "0":
        return
    assert engine.execute("SELECT memory.rs.strtol(?, ?)", [written, base]).fetchone()[0] == value


@pytest.mark.parametrize(
    ("pattern", "regex"),
    [("a%", "a.*"), ("_b", ".b"), ("a.b", r"a\.b"), ("(a|b)+", "(a|b)+"), (r"100\%", "100%"), ("[%_]x", "[%_]x")],
)
def test_similar_to_becomes_a_regular_expression(pattern, regex):
    assert similar_to_regex(pattern) == regex


@pytest.mark.parametrize("form", ["9.99EEEE", "CC"])
def test_number_formats_without_a_counterpart_are_refused(form):
    with pytest.raises(FeatureNotSupported):
        number_format(form)


def test_a_date_pattern_that_cannot_be_read_back_is_refused():
    with pytest.raises(FeatureNotSupported):
        reading_of("HH24:MI TZ")


@pytest.mark.parametrize(
    ("name", "given_types", "wanted"),
    [
        ("sum", [t.INTEGER], t.BIGINT),
        ("sum", [t.BIGINT], t.numeric(38, 0)),
        ("avg", [t.numeric(10, 2)], t.numeric(38, 2)),
        ("listagg", [t.VARCHAR], t.VARCHAR),
        ("coalesce", [t.UNKNOWN, t.INTEGER, t.BIGINT], t.BIGINT),
        ("dateadd", [t.UNKNOWN, t.INTEGER, t.DATE], t.TIMESTAMP),
        ("no_such_function", [], None),
    ],
)
def test_result_types_follow_the_documentation(name, given_types, wanted):
    assert return_type(name, given_types) == wanted


def test_the_quotient_of_wide_numerics_keeps_38_digits():
    assert quotient(t.numeric(19, 0), t.numeric(19, 0)) == t.numeric(38, 19)
    assert quotient(t.numeric(19, 2), t.numeric(38, 19)) == t.numeric(38, 4)


def test_the_common_type_of_numbers_holds_both():
    assert common_type([t.numeric(10, 2), t.INTEGER]) == t.numeric(12, 2)
    assert common_type([t.INTEGER, t.DOUBLE]) == t.DOUBLE
