"""Arrow arrays brought to the one layout per type that the encoders read.

Receives columns as an engine or a file reader made them; hands plain arrays to `as_text`, `as_binary` and the
endpoint's path for small results.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType, arrow_type
from boathouse.wire.postgres.columns.hexadecimal import uuid_text


def plain(array: Any, sql_type: SqlType) -> Any:
    """The column as `arrow_type(sql_type)`: dictionaries decoded, extensions opened, views and large strings cast."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    wanted = arrow_type(sql_type)
    if array.type == wanted:
        return array
    if sql_type.name == "uuid" and array.type == pa.binary(16):
        return uuid_text(array)
    return pc.cast(array, wanted)


def raw_values(array: Any, sql_type: SqlType) -> list[Any]:
    """The values as the single-value writers take them: dates as days, times and timestamps as microseconds."""
    array = plain(array, sql_type)
    if pa.types.is_date32(array.type):
        array = array.view(pa.int32())
    elif pa.types.is_timestamp(array.type) or pa.types.is_time64(array.type):
        array = array.view(pa.int64())
    found: list[Any] = array.to_pylist()
    return found
