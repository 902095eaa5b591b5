"""Arrow columns of lake files in the types that a table declares.

Receives what a reader of ORC found, or plain Python values of Avro records; hands `streams` arrays whose types are those
of the declared columns. Nested fields are found by name whatever their case; a field that a file has not is NULL.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType, arrow_type

_EPOCH = date(1970, 1, 1)


def storage_type(kind: SqlType) -> pa.DataType:
    """The Arrow type of a declared column: nested ones as such, not as their text."""
    if kind.name == "array":
        return pa.list_(storage_type(kind.element))
    if kind.name == "map":
        return pa.map_(storage_type(kind.fields[0][1]), storage_type(kind.fields[1][1]))
    if kind.name == "struct":
        return pa.struct([(name, storage_type(inner)) for name, inner in kind.fields])
    return arrow_type(kind)


def declared(found: pa.Array, kind: SqlType) -> pa.Array:
    """A file's column in its declared type.

    Raises:
        pa.ArrowInvalid: a value that does not fit. pa.ArrowTypeError, pa.ArrowNotImplementedError: no cast at all.
    """
    wanted = storage_type(kind)
    if found.type == wanted or pa.types.is_null(found.type):
        return found if found.type == wanted else pa.nulls(len(found), wanted)
    if kind.name == "struct" and pa.types.is_struct(found.type):
        inside = {found.type.field(place).name.lower(): inner for place, inner in enumerate(found.flatten())}
        inner = [
            declared(inside[name.lower()], of) if name.lower() in inside else pa.nulls(len(found), storage_type(of))
            for name, of in kind.fields
        ]
        return pa.StructArray.from_arrays(inner, fields=list(wanted), mask=found.is_null())
    if kind.name == "array" and pa.types.is_list(found.type):
        return pa.ListArray.from_arrays(_offsets(found), declared(found.values, kind.element))
    if kind.name == "map" and pa.types.is_map(found.type):
        keys, items = (of for _, of in kind.fields)
        return pa.MapArray.from_arrays(_offsets(found), declared(found.keys, keys), declared(found.items, items))
    if pa.types.is_timestamp(found.type) and pa.types.is_timestamp(wanted):
        return found.cast(wanted, safe=False)  # nanoseconds that a column of microseconds does not have
    return found.cast(wanted)


def _offsets(found: pa.ListArray | pa.MapArray) -> pa.Array:
    """Where each list begins, NULL for a NULL one."""
    if not found.null_count:
        return found.offsets
    gone = pa.concat_arrays([found.is_null().cast(pa.bool_()), pa.array([False])])
    return pc.if_else(gone, pa.scalar(None, pa.int32()), found.offsets)


def from_python(values: Sequence[Any], kind: SqlType) -> pa.Array:
    """Decoded values of records as a column.

    Raises:
        ValueError, TypeError, pa.ArrowException: a value that is none of the declared type.
    """
    return pa.array([None if value is None else _python(value, kind) for value in values], storage_type(kind))


def _python(value: Any, kind: SqlType) -> Any:
    if value is None:
        return None
    if kind.name == "struct":
        inside = {str(key).lower(): inner for key, inner in value.items()}
        return {name: _python(inside.get(name.lower()), inner) for name, inner in kind.fields}
    if kind.name == "array":
        return [_python(inner, kind.element) for inner in value]
    if kind.name == "map":
        return [(_python(key, kind.fields[0][1]), _python(inner, kind.fields[1][1])) for key, inner in value.items()]
    if kind.is_text:
        return _text(value)
    if kind.name == "numeric":
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-(kind.scale or 0)), ROUND_HALF_UP)
    if kind.name == "date":
        return _EPOCH + timedelta(days=value) if isinstance(value, int) else value
    if kind.name == "timestamp without time zone" and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if kind.is_integer and isinstance(value, float):
        raise ValueError(f"{value} is no integer")
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, default=_text, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
