"""What bodies of functions mean: Python 3, and Python 2's meaning where the difference would be silent.

Redshift's functions were written for Python 2.7. Most of what differs fails loudly in Python 3; what would answer
differently is given its old meaning here: `/` of integers, `round`, lists from `map`, `filter`, `zip` and `range`. Names
that were there stay (`unicode`, `long`, `xrange`, …). Imports are told clearly which modules there are; what keeps the
others away is the door, not this.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import itertools
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

MODULES = (
    "__future__", "array", "ast", "base64", "binascii", "bisect", "calendar", "cmath", "codecs", "collections",
    "collections.abc", "copy", "csv", "datetime", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools",
    "gzip", "hashlib", "heapq", "hmac", "html", "html.entities", "html.parser", "io", "ipaddress", "itertools", "json",
    "logging", "math", "numbers", "operator", "pprint", "random", "re", "statistics", "string", "struct", "textwrap",
    "time", "types", "typing", "unicodedata", "urllib", "urllib.parse", "uuid", "xml", "xml.etree",
    "xml.etree.ElementTree", "zlib",
)  # fmt: skip
"""What functions may import."""

_ALSO = (
    "_strptime", "encodings.ascii", "encodings.cp1252", "encodings.hex_codec", "encodings.idna", "encodings.iso8859_15",
    "encodings.latin_1", "encodings.punycode", "encodings.raw_unicode_escape", "encodings.unicode_escape",
    "encodings.utf_16", "encodings.utf_16_be", "encodings.utf_16_le", "encodings.utf_32", "encodings.utf_8_sig",
    "xml.parsers.expat",
)  # fmt: skip
"""What those modules import when they are first used; too late once the door is closed."""

_OLD = {"urlparse": "urllib.parse", "HTMLParser": "html.parser", "StringIO": "io", "cStringIO": "io"}
"""Python 2's names of modules."""


def load() -> None:
    """Import everything that functions may need."""
    for name in (*MODULES, *_ALSO):
        importlib.import_module(name)
    parse, urllib = sys.modules["urllib.parse"], sys.modules["urllib"]
    for name in ("quote", "quote_plus", "unquote", "unquote_plus", "urlencode"):
        setattr(urllib, name, getattr(parse, name))
    for old, new in (("izip", zip), ("imap", map), ("ifilter", filter), ("izip_longest", itertools.zip_longest)):
        setattr(itertools, old, new)


def _imported(
    name: str,
    names: Mapping[str, object] | None = None,
    locals_: Mapping[str, object] | None = None,
    wanted: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    meant = _OLD.get(name, name)
    if level or meant not in (*MODULES, *_ALSO):
        raise ImportError(f"module {name} is not available to functions")
    return importlib.import_module(meant) if meant != name else builtins.__import__(name, names, locals_, wanted or ())


def divide(left: Any, right: Any) -> Any:
    """`left / right`; of two integers the whole part, rounded down."""
    return left // right if isinstance(left, int) and isinstance(right, int) else left / right


class Divisor:
    """What stands to the right of `/=`: the left side asks it to divide."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __rtruediv__(self, left: Any) -> Any:
        return divide(left, self._value)


class OldDivision(ast.NodeTransformer):
    """Puts `divide` and `Divisor` in the places of `/` and `/=`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.copy_location(_called("divide", node.left, node.right), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.value = ast.copy_location(_called("Divisor", node.value), node.value)
        return node


def _called(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id=f"__{name}", ctx=ast.Load()), args=list(arguments), keywords=[])


_EXACT = Context(prec=800)


def rounded(number: Any, digits: int = 0) -> float:
    """A float, halves away from zero."""
    value = float(number)
    if not math.isfinite(value) or digits > 330:
        return value
    if digits < -330:
        return 0.0
    return float(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT))


def mapped(function: Callable[..., Any] | None, *columns: Iterable[Any]) -> list[Any]:
    """A list; the shorter ones go on with None."""
    if function is None:
        return list(columns[0]) if len(columns) == 1 else list(itertools.zip_longest(*columns))
    return [function(*row) for row in itertools.zip_longest(*columns)]


def filtered(function: Callable[[Any], Any] | None, values: Iterable[Any]) -> Any:
    """What is left, as the kind of sequence that came."""
    left = [one for one in values if (function(one) if function is not None else one)]
    return "".join(left) if isinstance(values, str) else tuple(left) if isinstance(values, tuple) else left


BUILTINS: dict[str, object] = vars(builtins) | {
    "__import__": _imported,
    "round": rounded,
    "map": mapped,
    "filter": filtered,
    "zip": lambda *columns: list(zip(*columns, strict=False)),
    "range": lambda *ends: list(range(*ends)),
    "xrange": range,
    "reduce": functools.reduce,
    "cmp": lambda left, right: (left > right) - (left < right),
    "unicode": str,
    "basestring": str,
    "long": int,
    "unichr": chr,
}
"""The names that functions see without importing anything."""
