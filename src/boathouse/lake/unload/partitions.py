"""Rows sorted by their partition keys to runs of one folder each.

Received: batches in the order of the keys. Handed on: (folder, batch without dropped columns), to `spread`.
Folder names follow Hive: `key=value/`, special characters as %XX, NULL and the empty string as
`__HIVE_DEFAULT_PARTITION__`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import AmbiguousColumn, FeatureNotSupported, InvalidParameterValue, UndefinedColumn
from boathouse.lake.unload.options import UnloadOptions
from boathouse.lake.unload.texts import text_column

DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"

_KEY_TYPES = {
    "smallint", "integer", "bigint", "numeric", "real", "boolean", "character", "character varying", "text", "date",
    "timestamp without time zone", "unknown",
}  # fmt: skip
_SPECIAL = re.compile(r"""[\x00-\x1f\x7f"#%'*/:=?\\{}\[\]^]""")


def hive_escape(text: str) -> str:
    """A key or value as a folder name."""
    return _SPECIAL.sub(lambda found: f"%{ord(found.group()):02X}", text)


def partition_keys(fields: tuple[Field, ...], options: UnloadOptions) -> tuple[int, ...]:
    """Where the key columns stand in the result.

    Raises:
        UndefinedColumn, AmbiguousColumn, FeatureNotSupported (a key's type), InvalidParameterValue (no column left).
    """
    places = []
    for key in options.partition_by:
        found = [place for place, field in enumerate(fields) if field.name == key]
        if not found:
            raise UndefinedColumn(
                f'partition column "{key}" is not a column of the query',
                hint="PARTITION BY takes names of the columns that the query returns: "
                + ", ".join(field.name for field in fields),
            )
        if len(found) > 1:
            raise AmbiguousColumn(f'partition column "{key}" stands {len(found)} times in the query')
        if found[0] in places:
            raise InvalidParameterValue(f'partition column "{key}" is named twice')
        kind = fields[found[0]].type
        if kind.name not in _KEY_TYPES:
            raise FeatureNotSupported(f'partition column "{key}" is of type {kind}, which cannot be a partition key')
        places.append(found[0])
    if places and len(places) == len(fields):
        raise InvalidParameterValue(
            "at least one column must not be a partition column", hint="Select a further column, or drop a key."
        )
    return tuple(places)


def split_by_folder(
    batch: pa.RecordBatch, fields: tuple[Field, ...], keys: tuple[int, ...], options: UnloadOptions
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Cut a batch, sorted by its keys, wherever a key changes.

    A folder of Hive's may hold several keys: NULL and the empty string. One of an Iceberg table holds one.
    """
    if not batch.num_rows:
        return
    changes = np.zeros(batch.num_rows, bool)
    names = []
    for key in keys:
        encoded = text_column(batch.column(key), fields[key].type).dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        changes[1:] |= codes[1:] != codes[:-1]
        values = [
            _folder_value(text, fields[key], options.format == "iceberg") for text in encoded.dictionary.to_pylist()
        ]
        names.append((hive_escape(fields[key].name), codes, [*values, DEFAULT_PARTITION]))
    kept = [place for place in range(len(fields)) if options.include or place not in keys]
    slim = batch.select(kept)
    starts = [0, *np.flatnonzero(changes).tolist()]
    for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
        folder = "".join(f"{name}={values[codes[start]]}/" for name, codes, values in names)
        yield folder, slim.slice(start, end - start)


def _folder_value(text: str, field: Field, exact: bool) -> str:
    if field.type.name == "boolean":
        # Readers of Hive partitions know only the long words.
        return "true" if text == "t" else "false"
    if exact:
        return text.replace("_", "%5F", 1) if text == DEFAULT_PARTITION else hive_escape(text)
    return hive_escape(text) if text else DEFAULT_PARTITION
