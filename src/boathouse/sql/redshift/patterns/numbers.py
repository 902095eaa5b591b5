"""TO_CHAR's numeric formats, and what TO_NUMBER reads by them.

Received: a format, and exact numbers. Handed on: their texts, to `engines.duckdb.computed.formats`; the shape of what
TO_NUMBER reads, to `sql.rewrites`. Digits that do not fit are shown as `#`, as PostgreSQL does.

Source: Redshift Developer Guide, "Numeric format strings", "TO_CHAR", "TO_NUMBER"; PostgreSQL, "Data Type Formatting
Functions", where the guide is silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue

_WORDS = re.compile(r'"([^"]*)"?|FM|EEEE|PR|MI|PL|SG|TH|RN|CC|V|S|L|D|G|[.,90]|.', re.I | re.S)
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_ROMAN_WIDTH = 15
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Digits enough for any double."""
_KINDS = {"L": "$", ".": "D", ",": "G"}


@dataclass(slots=True)
class NumberFormat:
    """A format taken apart.

    Attributes:
        nodes: in order: `9`, `0` (digits), `D`, `G`, `MI`, `PL`, `SG`, `S`, `TH` or `th`, and texts as `=text`.
        whole, part: the kinds of the digits before and behind the point.
        shift: digits behind `V`: the number is multiplied by so many tens.
        roman: `RN` or `rn` where the number is shown in Roman numerals, otherwise empty.
    """

    nodes: list[str] = field(default_factory=list)
    whole: str = ""
    part: str = ""
    fill: bool = True
    shift: int = 0
    sign: str = "before"
    roman: str = ""


@lru_cache(maxsize=512)
def number_format(form: str) -> NumberFormat:
    """Take a format apart.

    Raises:
        FeatureNotSupported: EEEE and CC. InvalidParameterValue: no numeric format.
    """
    found, behind, shifted = NumberFormat(), False, False
    for match in _WORDS.finditer(form):
        word = match[0]
        upper = _KINDS.get(word.upper(), word.upper())
        if upper in ("EEEE", "CC"):
            raise FeatureNotSupported(f'the numeric pattern "{upper}" is not supported')
        if upper == "FM":
            found.fill = False
        elif upper == "RN":
            found.roman = word
        elif upper == "V":
            shifted = True
        elif upper in ("9", "0"):
            found.shift += shifted
            found.whole, found.part = found.whole + upper * (not behind), found.part + upper * behind
            found.nodes.append(upper)
        elif upper == "D":
            if behind:
                raise InvalidParameterValue("multiple decimal points")
            behind = True
            found.nodes.append("D")
        elif upper == "PR":
            found.sign = "PR"
        elif upper in ("MI", "SG", "S"):
            found.sign = ("S" if found.whole or behind else "S before") if upper == "S" else upper
            found.nodes += [upper] * (found.sign != "S before")
        elif upper in ("G", "PL"):
            found.nodes.append(upper)
        elif upper == "TH":
            found.nodes.append(word if word in ("TH", "th") else "th")
        else:
            found.nodes.append("=" + (match[1] if match[1] is not None else "$" if upper == "$" else word))
    if not found.roman and not found.whole and not found.part:
        raise InvalidParameterValue(f'"{form}" is not a number')
    return found


def show_number(text: str, form: str) -> str:
    """TO_CHAR of a number, given as digits with a sign, a point, an exponent."""
    wanted = number_format(form)
    value = Decimal(text)
    if wanted.roman:
        return _roman(value, wanted)
    if value.is_finite():
        value = _EXACT.quantize(_EXACT.scaleb(value, wanted.shift), Decimal(1).scaleb(-len(wanted.part)))
    return _shown(value, wanted)


def _roman(value: Decimal, wanted: NumberFormat) -> str:
    rest = int(value.to_integral_value(ROUND_HALF_UP)) if value.is_finite() else 0
    text = "" if 0 < rest < 4000 else "#" * _ROMAN_WIDTH
    for worth, letters in _ROMAN if not text else ():
        text += letters * (rest // worth)
        rest %= worth
    text = text.lower() if wanted.roman == "rn" else text
    return text.rjust(_ROMAN_WIDTH) if wanted.fill else text


def _shown(value: Decimal, wanted: NumberFormat) -> str:
    whole, _, part = f"{abs(value):f}".partition(".") if value.is_finite() else ("#" * 999, "", "")
    whole = whole.lstrip("0") or "0"
    if not wanted.fill:
        part = part[: max(len(part.rstrip("0")), wanted.part.rfind("0") + 1)]
    width = len(wanted.whole)
    if len(whole) > width and (whole != "0" or not wanted.part):
        whole, part = "#" * width, "#" * len(wanted.part)
    elif whole == "0" and (not width or (part and "0" not in wanted.whole)):
        whole = ""
    first = width - len(whole)
    if "0" in wanted.whole:
        start = wanted.whole.index("0")
        whole, first = whole.rjust(width - min(first, start), "0"), min(first, start)
    return _Writer(wanted, whole, first, part, value < 0).text()


class _Writer:
    """Writes the nodes of a format, left to right."""

    def __init__(self, wanted: NumberFormat, whole: str, first: int, part: str, minus: bool) -> None:
        self.wanted, self.whole, self.first, self.part, self.minus = wanted, whole, first, part, minus
        self.out: list[str] = []
        signs = {"before": "-" if minus else " ", "S before": "-" if minus else "+", "PR": "<" if minus else " "}
        self.waiting = signs.get(wanted.sign, "")
        self.place = self.behind = 0

    def text(self) -> str:
        """All nodes."""
        point = False
        for node in self.wanted.nodes:
            if node in "90":
                self._digit(point)
            elif node == "D":
                point = True
                self._sign()
                self.out.append("." if self.wanted.part else "")
            elif node == "G":
                self.out.append(self._blank() if self.place <= self.first else ",")
            elif node in ("MI", "PL", "SG", "S"):
                self.out.append(self._mark(node))
            elif node in ("TH", "th"):
                self.out.append(self._ordinal(node))
            else:
                self.out.append(node[1:])
        if self.wanted.sign == "PR":
            self.out.append(">" if self.minus else self._blank())
        return "".join(self.out)

    def _blank(self) -> str:
        return " " if self.wanted.fill else ""

    def _sign(self) -> None:
        if self.waiting:
            self.out.append(self._blank() if self.waiting == " " else self.waiting)
            self.waiting = ""

    def _digit(self, point: bool) -> None:
        if point:
            self.out.append(self.part[self.behind : self.behind + 1])
            self.behind += 1
            return
        if self.place >= self.first:
            self._sign()
            self.out.append(self.whole[self.place - self.first])
        else:
            self.out.append(self._blank())
        self.place += 1

    def _mark(self, node: str) -> str:
        if node == "PL":
            return self._blank() if self.minus else "+"
        if node == "MI":
            return "-" if self.minus else self._blank()
        return "-" if self.minus else "+"

    def _ordinal(self, node: str) -> str:
        if self.minus or self.wanted.part or "#" in self.whole:
            return ""
        return ordinal(self.whole or "0", node == "TH")


def ordinal(digits: str, upper: bool) -> str:
    """st, nd, rd or th behind a whole number."""
    suffix = "th" if digits[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th")
    return suffix.upper() if upper else suffix
