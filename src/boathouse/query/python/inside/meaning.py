"""The names that bodies of functions see: Python 3's, with Python 2's meaning where the difference would be silent.

Redshift's functions were written for Python 2.7. Most of what differs fails loudly in Python 3; what would answer
differently has its old meaning: here `round` and the lists of `map`, `filter`, `zip` and `range`, in `old_forms` what is
syntax. Names that were there stay (`unicode`, `long`, `xrange`, …), and hashes take texts, which were bytes. Imports are told
clearly which modules there are; what keeps the others away is the door, not this.
"""

from __future__ import annotations

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


_OF_BYTES = {
    "hashlib": ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "new"),
    "hmac": ("new",),
    "base64": ("b64encode", "standard_b64encode", "urlsafe_b64encode", "b32encode", "b16encode"),
    "binascii": ("hexlify", "b2a_base64", "crc32"),
    "zlib": ("crc32", "adler32", "compress"),
}
"""Functions of bytes, to which Python 2 gave its texts."""


def _of_texts_too(function: Callable[..., Any], *, is_named: bool) -> Callable[..., Any]:
    """The same function; of a named one, the first argument is a hash's name."""

    @functools.wraps(function)
    def called(*given: Any, **more: Any) -> Any:
        kept, rest = given[:is_named], given[is_named:]
        return function(*kept, *(one.encode() if isinstance(one, str) else one for one in rest), **more)

    return called


def load() -> None:
    """Import everything that functions may need."""
    for name in (*MODULES, *_ALSO):
        importlib.import_module(name)
    parse, urllib = sys.modules["urllib.parse"], sys.modules["urllib"]
    for name in ("quote", "quote_plus", "unquote", "unquote_plus", "urlencode"):
        setattr(urllib, name, getattr(parse, name))
    for name, functions in _OF_BYTES.items():
        for one in functions:
            setattr(
                sys.modules[name],
                one,
                _of_texts_too(getattr(sys.modules[name], one), is_named=one == "new" and name == "hashlib"),
            )
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
