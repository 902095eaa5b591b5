"""Arguments of calls, converted to what their function takes.

Received from `calls`: a letter of the catalogue and an argument with its type. Handed back: the argument as the engine
gets it, or None where no conversion leads there.

Source: Redshift Developer Guide, "Type compatibility and conversion" (c_Supported_data_types), implicit conversions.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.catalogue.argument_kinds import fits
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.forms import call, cast, is_text_literal
from boathouse.sql.rewrites.supers import as_super

_READ_AS = {
    **dict.fromkeys("nd", t.DOUBLE), **dict.fromkeys("iy", t.BIGINT), "z": t.VARBYTE, "m": t.TIMESTAMP, "b": t.BOOLEAN,
    "t": t.INTERVAL,
}  # fmt: skip
"""What a text is read as."""


def converted(letter: str, value: exp.Expression) -> exp.Expression | None:
    """The argument; where the types agree, or nothing is known, as it is."""
    given = type_of(value)
    if not fits(letter, given):
        return None
    if letter == "s":
        return value if given.is_text else convert(value, t.VARCHAR)
    if letter == "v":
        return as_super(value) if is_text_literal(value) or given not in (t.SUPER, t.UNKNOWN) else value
    if letter in "ge":
        return convert(value, t.GEOMETRY) if given == t.UNKNOWN else value
    if letter == "w":
        return call("hex", value, of=t.VARCHAR) if given.name == "varbyte" else value
    wanted = _READ_AS.get(letter)
    if wanted is None:
        return value
    if is_text_literal(value) or (given.is_text and given != t.UNKNOWN) or given == t.SUPER:
        return convert(value, wanted)
    if (letter == "d" and given.name == "numeric") or (letter in "iy" and (given.is_float or given.name == "numeric")):
        return cast(value, wanted)
    return value
