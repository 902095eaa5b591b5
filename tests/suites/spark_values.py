"""Tables of awkward values for the differential test of both engines: edges of types, blanks, letters beyond ASCII, old dates."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pyarrow as pa

COLUMNS: dict[str, str] = {
    "id": "bigint", "g": "integer", "sm": "smallint", "i": "integer", "b": "bigint", "n": "numeric(12,3)",
    "n5": "numeric(5,5)",
    "n18": "numeric(18,6)", "big": "numeric(38,10)", "whole": "numeric(28,0)", "r": "real", "f": "double precision",
    "s": "varchar(40)", "v": "varchar(12)", "c": "char(6)", "d": "date", "ts": "timestamp", "o": "boolean",
    "ti": "integer", "tn": "numeric(8,2)", "tf": "double precision", "td": "date", "tt": "timestamp", "tv": "varchar(20)",
}  # fmt: skip
"""Those that begin with t hold tame values, with which arithmetic stays in bounds."""

_INTS = [0, 1, -1, 2, 3, -3, 7, -7, 10, 100, -128, 999, 32767, -32768]
_TEXTS = [
    "", " ", "  ", "a", "a ", "a  ", " a", "A", "b", "ab", "aB", "abc", "AB ", "aab", "ba", "a%b", "a_b", "a\\b", "it's",
    'q"t', "a\tb",
    "a\nb", "a\n", "\r", "ß", "SS", "é", "e\u0301", "É", "日本", "日", "😀", "a😀b", "ﬁ", "\u212a", "k", "İ", "i", "ı", "ΑΣ", "ς",
    "\u00a0", "\u00a0a", "\u3000", "\ufeffa", "0", "1", "-1", "+7", " 12 ", "007", "1.5", "-0.5", ".5", "5.", "1e2", "32768",
    "2147483648",
    "99999999999", "2024-02-29", "2023-02-29", "1999-12-31 23:59:59", "t", "true", "no", "NaN", "inf", "null", "x" * 40,
]  # fmt: skip
_DAYS = [
    (1, 1, 1), (4, 2, 29), (999, 12, 31), (1000, 1, 1), (1582, 10, 4), (1582, 10, 10), (1582, 10, 15), (1700, 2, 28),
    (1899, 12, 31),
    (1900, 2, 28), (1969, 12, 31), (1970, 1, 1), (1999, 12, 31), (2000, 2, 29), (2023, 1, 31), (2024, 2, 29), (2024, 12, 30),
    (2025, 1, 1), (2038, 1, 19), (9999, 12, 31),
]  # fmt: skip
_TIMES = [(0, 0, 0, 0), (23, 59, 59, 999999), (12, 0, 0, 0), (10, 20, 30, 500000), (0, 0, 0, 1), (1, 2, 3, 123456)]


def values(seed: int, count: int) -> pa.Table:
    """The rows, as many as wanted; columns as in COLUMNS."""
    pick = Random(seed)

    def column(make: Callable[[], object], kind: pa.DataType, missing: float = 0.15) -> pa.Array:
        return pa.array([None if pick.random() < missing else make() for _ in range(count)], kind)

    def whole(bits: int) -> Callable[[], int]:
        edges = [2 ** (bits - 1) - 1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 2, 2 ** (bits - 2)]
        own = [one for one in _INTS if -(2 ** (bits - 1)) <= one < 2 ** (bits - 1)]
        return lambda: pick.choice(own if pick.random() < 0.8 else edges)

    def decimal(precision: int, scale: int) -> Callable[[], Decimal]:
        most = 10**precision - 1

        def make() -> Decimal:
            kind = pick.random()
            if kind < 0.15:
                units = pick.choice([most, -most, most // 2, 10 ** (precision - 1)])
            elif kind < 0.4:
                units = pick.choice([0, 1, -1, 5, -5, 15, 25, -25, 49, 50, 51])
            elif kind < 0.7 and precision > scale:
                units = (pick.choice(_INTS) * 10**scale + pick.choice([0, 5]) * 10**scale // 10) % most
            else:
                units = pick.randint(-most, most) // 10 ** pick.randint(0, precision - 1)
            return Decimal(units).scaleb(-scale, None) if precision < 28 else Decimal(f"{units}E-{scale}")

        return make

    def real() -> float:
        edges = [
            0.0,
            -0.0,
            float("nan"),
            float("inf"),
            float("-inf"),
            1e300,
            -1e300,
            1e-300,
            2.0**53 + 2,
            2.0**63,
            -(2.0**63),
            5e-324,
        ]
        return (
            pick.choice(edges)
            if pick.random() < 0.3
            else pick.choice([0.5, 1.5, 2.5, -0.5, 0.1, -2.5, 1 / 3, 1e15, 3, 7, -7])
        )

    def short() -> float:
        edges = [0.0, -0.0, float("nan"), float("inf"), 3e38, -3e38, 1e-40, 16777216.0]
        return pick.choice(edges) if pick.random() < 0.3 else pick.choice([0.5, 1.5, 2.5, -0.5, 0.1, 0.2, 1e10, 3, 7])

    def day() -> datetime.date:
        return datetime.date(*pick.choice(_DAYS))

    def moment() -> datetime.datetime:
        return datetime.datetime(*pick.choice(_DAYS), *pick.choice(_TIMES))

    def tame_day() -> datetime.date:
        return datetime.date(2000, 1, 1) + datetime.timedelta(days=pick.randint(-800, 9000))

    def text(most: int) -> Callable[[], str]:
        return lambda: pick.choice([one for one in _TEXTS if len(one.encode()) <= most])

    tame = pa.timestamp("us")
    return pa.table({
        "id": pa.array(range(count), pa.int64()),
        "g": column(lambda: pick.randint(0, 4), pa.int32()),
        "sm": column(whole(16), pa.int16()), "i": column(whole(32), pa.int32()), "b": column(whole(64), pa.int64()),
        "n": column(decimal(12, 3), pa.decimal128(12, 3)), "n5": column(decimal(5, 5), pa.decimal128(5, 5)),
        "n18": column(decimal(18, 6), pa.decimal128(18, 6)), "big": column(decimal(38, 10), pa.decimal128(38, 10)),
        "whole": column(decimal(28, 0), pa.decimal128(28, 0)),
        "r": column(short, pa.float32()), "f": column(real, pa.float64()),
        "s": column(text(40), pa.string()), "v": column(text(12), pa.string()), "c": column(text(6), pa.string()),
        "d": column(day, pa.date32()), "ts": column(moment, pa.timestamp("us")),
        "o": column(lambda: pick.random() < 0.5, pa.bool_()),
        "ti": column(lambda: pick.randint(-20, 20), pa.int32()),
        "tn": column(lambda: Decimal(pick.randint(-5000, 5000)).scaleb(-2), pa.decimal128(8, 2)),
        "tf": column(lambda: pick.randint(-400, 400) / 8, pa.float64()),
        "td": column(tame_day, pa.date32()),
        "tt": column(lambda: datetime.datetime.combine(tame_day(), datetime.time(*pick.choice(_TIMES))), tame),
        "tv": column(lambda: "".join(pick.choice("abcAB %_") for _ in range(pick.randint(0, 6))), pa.string()),
    })  # fmt: skip
