"""Calls of every function of the catalogue with arguments of every kind, drawn by a seed.

Handed to the tests of robustness: texts of statements. Values are extreme on purpose, and sometimes of the wrong type.
"""

from __future__ import annotations

import random

from boathouse.sql.redshift.functions import FUNCTIONS, Function

TEXTS = (
    "''", "' '", "'a'", "'Boathouse 12'", "'äöü☕'", "'-12.5'", "'+7-'", "'0x1f'", "'2020-02-29'", "'23:59:59'", "'%'",
    "'{\"a\":[1,{\"b\":null}]}'", "'[1,2,3]'", "'(('", "'[a-z]+'", "'YYYY-MM-DD'", "'999D99'", "'UTC'", "'Nowhere/Zone'",
    "'PST8PDT'", "'hex'", "'zz'", "'monday'", "'3 days'", "repeat('x', 3000)", "NULL::varchar", "'a'::char(5)",
)  # fmt: skip
INTEGERS = (
    "0", "1", "-1", "2", "7", "36", "256", "-2147483648", "2147483647", "9223372036854775807",
    "(-9223372036854775807 - 1)", "NULL::int", "1::smallint", "(-32768)::smallint",
)  # fmt: skip
NUMBERS = (
    *INTEGERS, "0.0", "1.5", "-2.5", "99999999999999999999999999999999999999", "0.00000000000000000001", "1e308",
    "-1e308", "1e-300", "'NaN'::float8", "'infinity'::float8", "NULL::numeric(10,2)", "3.25::real", "12.34::numeric(38,10)",
)  # fmt: skip
MOMENTS = (
    "date '2020-02-29'", "date '0001-01-01'", "date '9999-12-31'", "timestamp '2020-02-29 23:59:59.999999'",
    "timestamp '1900-01-01'", "timestamptz '2020-02-29 12:00:00+05:30'", "time '23:59:59.999999'",
    "NULL::date", "NULL::timestamp", "'2020-06-30'", "sysdate",
)  # fmt: skip
SUPERS = (
    "json_parse('[1,\"a\",null,{\"b\":2.5}]')", "json_parse('{\"a\":1}')", "json_parse('12')", "json_parse('null')",
    "NULL::super",
)  # fmt: skip
OTHERS = ("true", "NULL::boolean", "NULL", "interval '3 days'", "interval '1 year'", "current_user", "'ab'::varbyte")
PARTS = (
    "millennium", "century", "decade", "year", "quarter", "month", "week", "day", "dow", "doy", "hour", "minute", "second",
    "millisecond", "microsecond", "epoch", "timezone", "timezone_hour", "fortnight", "'mon'", "'qtr'",
)  # fmt: skip
ANY = (*TEXTS, *NUMBERS, *MOMENTS, *SUPERS, *OTHERS)
SHAPES = (
    "'POINT(1 2)'", "'SRID=4326;POINT EMPTY'", "'LINESTRING Z (0 0 1,1 1 2,2 0 3)'", "'POLYGON((0 0,4 0,4 4,0 0))'",
    "'MULTIPOINT(1 1,EMPTY)'", "'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING EMPTY)'", "ST_Point(1e308, -1e308)",
    "'LINESTRING(0 0,0 0)'", "NULL::geometry", "'POLYGON EMPTY'", "ST_SetSRID('MULTILINESTRING M ((0 0 1,1 1 1))', 3857)",
    "'MULTIPOLYGON(((0 0,1 1,1 0,0 0)))'",
)  # fmt: skip
KINDS = {
    "g": SHAPES,
    "e": (*SHAPES, "'POINT(181 91)'::geography", "'POLYGON((0 0,90 0,0 90,0 0))'::geography", "NULL::geography"),
    "w": (
        "'0101000000000000000000F03F0000000000000040'",
        "'00'",
        "'xyz'",
        "ST_AsBinary('POINT(1 2)')",
        "NULL::varbyte",
    ),
    "t": ("interval '3 days'", "'1 year'", "NULL::interval", "'x'"),
    "q": NUMBERS,
    "o": NUMBERS,
    "b": ("true", "false", "NULL::boolean"),
    "s": TEXTS,
    "n": NUMBERS,
    "d": NUMBERS,
    "i": INTEGERS,
    "y": (*INTEGERS, "'ab'::varbyte"),
    "z": ("'ab'::varbyte", "NULL::varbyte", "'é'", "from_hex('00ff')"),
    "m": MOMENTS,
    "v": SUPERS,
    "u": PARTS,
    "x": ANY,
}
WINDOWS = (
    "OVER ()", "OVER (ORDER BY x)", "OVER (PARTITION BY x ORDER BY x)", "OVER (ORDER BY x ROWS UNBOUNDED PRECEDING)",
    "OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
)  # fmt: skip
WRONG = 0.15
"""How often an argument is of any kind at all."""


def calls(seed: int, each: int) -> list[str]:
    """`each` statements for every function."""
    chance = random.Random(seed)
    return [_statement(function, chance) for function in FUNCTIONS.values() for _ in range(each)]


def _statement(function: Function, chance: random.Random) -> str:
    count = chance.randint(
        function.least, max(function.least, min(function.most if function.most is not None else 6, 6))
    )
    if chance.random() < 0.05:
        count += 1
    args = ", ".join(_argument(function, place, chance) for place in range(count))
    if function.name == "extract":
        call = f"extract({chance.choice(PARTS)} FROM {chance.choice(MOMENTS)})"
    elif function.name in ("percentile_cont", "percentile_disc"):
        part = chance.choice(("0.5", "0", "1", "2", "NULL"))
        call = f"{function.name}({part}) WITHIN GROUP (ORDER BY {chance.choice(NUMBERS)})"
    elif function.name == "approximate_percentile_disc":
        call = f"approximate percentile_disc(0.5) WITHIN GROUP (ORDER BY {chance.choice(NUMBERS)})"
    elif function.name == "approximate_count":
        call = f"approximate count(distinct {chance.choice(ANY)})"
    elif function.name in ("user", "current_user", "session_user", "sysdate"):
        call = function.name
    else:
        call = f"{function.name}({args})"
    over = function.kind == "aggregate" and not function.name.startswith("approx") and chance.random() < 0.3
    if over or function.kind == "window":
        call += f" {chance.choice(WINDOWS)}"
    return f"SELECT {call} AS found FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t"


def _argument(function: Function, place: int, chance: random.Random) -> str:
    letter = function.letter(place)
    pool = ANY if letter != "u" and chance.random() < WRONG else KINDS[letter]
    return chance.choice(pool)
