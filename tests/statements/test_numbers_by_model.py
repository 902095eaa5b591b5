"""Random expressions over integers and numerics agree with a model of the documented rules, digit for digit.

The model is Python's integers and `decimal`: precision and scale by Redshift's table, digits beyond the scale cut off,
NULL in NULL out, an error where a divisor is zero. Page: r_numeric_computations201.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clients.conftest import Running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

Value = tuple[Decimal | None, int, int, bool]
"""(value, precision, scale, is an integer)"""


@pytest.fixture(scope="module")
def client(statements_server: Running) -> Iterator[RawClient]:
    with statements_server.raw() as found:
        yield found


@st.composite
def operands(draw: st.DrawFn) -> tuple[str, Value]:
    if draw(st.booleans()):
        number = draw(st.none() | st.integers(-99_999, 99_999))
        return f"{_shown(number)}::integer", (None if number is None else Decimal(number), 10, 0, True)
    precision = draw(st.integers(1, 12))
    scale = draw(st.integers(0, precision))
    units = draw(st.none() | st.integers(-(10**precision) + 1, 10**precision - 1))
    value = None if units is None else Decimal(units).scaleb(-scale)
    return f"{_shown(value)}::numeric({precision},{scale})", (value, precision, scale, False)


def _shown(value: object) -> str:
    return "NULL" if value is None else f"({value:f})" if isinstance(value, Decimal) else f"({value})"


def modelled(sign: str, left: Value, right: Value) -> str:
    """The answer's text by the documentation."""
    (a, p1, s1, whole), (b, p2, s2, other_whole) = left, right
    if whole and other_whole:
        scale = 0
    elif sign in "+-":
        scale = max(s1, s2)
    elif sign == "*":
        scale = s1 + s2
    else:
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
        scale = scale if precision <= 38 else max(38 + scale - precision, min(4, scale))
    if a is None or b is None:
        return "NULL"
    if sign == "/" and b == 0:
        return "ERROR 22012: Divide by zero"
    with localcontext() as context:
        context.prec = 90
        exact = {"+": a + b, "-": a - b, "*": a * b}.get(sign)
        exact = a / b if exact is None else exact
        found = exact.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN)
        return f"{abs(found) if found == 0 else found:f}"


@settings(max_examples=250)
@given(left=operands(), right=operands(), sign=st.sampled_from("+-*//"))
def test_arithmetic_is_that_of_the_documentation(
    client: RawClient, left: tuple[str, Value], right: tuple[str, Value], sign: str
) -> None:
    answer = ask(client, f"SELECT {left[0]} {sign} {right[0]}")
    wanted = modelled(sign, left[1], right[1])
    if wanted.startswith("ERROR"):
        assert answer == [wanted]
        return
    if (left[1][3] and right[1][3]) and wanted != "NULL" and abs(int(wanted)) > 2**31 - 1:
        assert answer[0].startswith("ERROR 22003")
        return
    assert answer[1] == wanted
