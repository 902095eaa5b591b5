"""FNV_HASH, MURMUR3_32_HASH and FARMFINGERPRINT64: the bytes that stand for a value of each type.

Received from `calls`: arguments with their types. Handed back: calls of `engines.duckdb.computed`. A type whose bytes
the documentation does not name is refused: a hash that is merely another one would never be noticed.

Source: Redshift Developer Guide, "FNV_HASH", "MURMUR3_32_HASH" (which follows Apache Iceberg, "Appendix B: 32-bit Hash
Requirements"), "farmFingerprint64".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql.bind.bound import type_of
from boathouse.sql.rewrites.forms import call, cast, is_text_literal, number

_FNV_START = -3750763034362895579
_MOMENTS = {"date": "epoch", t.TIMESTAMP.name: "epoch_us", t.TIMESTAMPTZ.name: "epoch_us", t.TIME.name: "epoch_us"}


def _fnv_hash(args: Sequence[exp.Expression]) -> exp.Expression:
    value, given = args[0], type_of(args[0])
    seed = args[1] if len(args) > 1 else number(_FNV_START)
    if given.is_integer:
        return call("bh_fnv_integer", value, number(given.size), seed)
    return call("bh_fnv_bytes", _bytes(value, "FNV_HASH"), seed)


def _murmur3_32_hash(args: Sequence[exp.Expression]) -> exp.Expression:
    value, given = args[0], type_of(args[0])
    seed = args[1] if len(args) > 1 else number(0)
    if given.is_integer:
        return call("bh_murmur_long", value, seed)
    if given.name in _MOMENTS:
        counted = cast(call(_MOMENTS[given.name], value), t.BIGINT)
        if given == t.DATE:
            counted = exp.Paren(this=exp.IntDiv(this=counted, expression=number(86_400)))
        return call("bh_murmur_long", counted, seed)
    return call("bh_murmur_bytes", _bytes(value, "MURMUR3_32_HASH"), seed)


def _farmfingerprint64(args: Sequence[exp.Expression]) -> exp.Expression:
    return call("bh_farmfingerprint64", _bytes(args[0], "FARMFINGERPRINT64"))


def _bytes(value: exp.Expression, name: str) -> exp.Expression:
    """A text's bytes, a VARBYTE as it is.

    Raises:
        FeatureNotSupported: a type whose bytes are not documented.
    """
    given = type_of(value)
    if given.is_text or is_text_literal(value):
        return call("encode", value)
    if given == t.VARBYTE or given == t.UNKNOWN:
        return value
    raise FeatureNotSupported(
        f"{name} of {given.name} is not supported: its bytes are not documented",
        hint="Cast the value to VARCHAR or to an integer type.",
    )


HASH_BUILDERS: dict[str, Callable[[Sequence[exp.Expression]], exp.Expression]] = {
    "fnv_hash": _fnv_hash,
    "murmur3_32_hash": _murmur3_32_hash,
    "farmfingerprint64": _farmfingerprint64,
}
