"""PostgreSQL's types and the one way from its text to a column's Arrow values, for chunks and for the log alike.

Receives type oids and modifiers from the catalog or from Relation messages, and values as the type's output function
writes them under the session settings of `connect.SETTINGS`; hands on warehouse types and canonical arrays. A type
without a counterpart is VARCHAR with PostgreSQL's own text, unless a value is longer than VARCHAR takes.

What the warehouse's type cannot hold is never changed silently: it is refused, with the column's name and not the value.
Source: PostgreSQL documentation, "Data Types"; `pg_type.dat` for oids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.formats.fitting import replaced
from boathouse.contracts import types as t
from boathouse.contracts.source_errors import SourceRefused
from boathouse.contracts.types import SqlType, arrow_type

VARCHAR_BYTES_MAX = 65_535
VARBYTE_BYTES_MAX = 16_777_216
_NUMERIC, _BPCHAR, _VARCHAR, _TEXT = 1700, 1042, 1043, 25

_PLAIN: dict[int, SqlType] = {
    16: t.BOOLEAN,
    17: SqlType("varbyte", length=VARBYTE_BYTES_MAX),
    20: t.BIGINT,
    21: t.SMALLINT,
    23: t.INTEGER,
    26: t.BIGINT,
    700: t.REAL,
    701: t.DOUBLE,
    1082: t.DATE,
    1083: t.TIME,
    1114: t.TIMESTAMP,
    1184: t.TIMESTAMPTZ,
    1266: t.TIMETZ,
    2950: t.varchar(36),
}
KEY_TYPES_REFUSED = {700: "real", 701: "double precision", 1083: "time", 1266: "timetz"}
"""Types that a key cannot have here: their values do not tell rows apart reliably."""


def warehouse_type(oid: int, typmod: int) -> SqlType:
    """The type that a column of the (base) type `oid` has in the warehouse."""
    if oid == _NUMERIC and typmod >= 4:
        precision, scale = ((typmod - 4) >> 16) & 0xFFFF, (typmod - 4) & 0x7FF
        if precision <= 38 and scale <= min(precision, 37):
            return t.numeric(precision, scale)
    if oid in (_VARCHAR, _BPCHAR) and typmod >= 4:
        return t.varchar(min(4 * (typmod - 4), VARCHAR_BYTES_MAX))
    return _PLAIN.get(oid, t.varchar(VARCHAR_BYTES_MAX))


Values: TypeAlias = Sequence[bytes | None] | pa.Array
"""Of one column, in PostgreSQL's text; an array is of `binary`."""


def canonical(values: Values, type_: SqlType, column: str, *, replaces: bool = False) -> pa.Array:
    """Values in PostgreSQL's text, as an array of `arrow_type(type_)`.

    Args:
        column: for messages: `schema.table.column`.
        replaces: see `Lenient`.

    Raises:
        SourceRefused: a value that the type cannot hold.
    """
    try:
        binary = values if isinstance(values, pa.Array) else pa.array(values, pa.binary())
        convert = _CONVERT.get(type_.name)
        if convert is not None:
            return convert(binary)
        try:
            text = binary.cast(pa.string())
        except pa.ArrowInvalid:  # of a database with the encoding SQL_ASCII
            if not replaces:
                raise
            text = replaced(binary)
        if type_.name == "character varying":
            return text
        return text.cast(arrow_type(type_))
    except (pa.ArrowException, ValueError) as failure:
        raise SourceRefused(
            f"{column} has a value that {type_} cannot hold",
            hint="NaN in NUMERIC(p, s), infinity and years outside 1 to 9999 have no place in the warehouse's types, "
            "nor has text that is not UTF-8.",
        ) from failure


def _bytes(values: pa.Array) -> pa.Array:
    # bytea_output is hex: \x and two digits a byte.
    return pa.array(
        [None if value is None else bytes.fromhex(value[2:].decode()) for value in values.to_pylist()], pa.binary()
    )


def _times(values: pa.Array) -> pa.Array:
    return pa.array(
        [None if value is None else time.fromisoformat(value.decode()) for value in values.to_pylist()], pa.time64("us")
    )


_CONVERT: dict[str, Callable[[pa.Array], pa.Array]] = {
    "boolean": lambda values: pc.equal(values, b"t"),
    "varbyte": _bytes,
    "time without time zone": _times,
}
