"""SUPER values with all their digits, a batch of rows at a time; what they are is said in `sql.redshift.super_values`."""

from __future__ import annotations

import pyarrow as pa

from boathouse.sql.redshift.super_values import calculated, encoded_json


def super_bytes(texts: pa.Array) -> pa.Array:
    """JSON texts as Parquet's Variant bytes; NULL where a text is NULL or no JSON."""
    return pa.array([None if text is None else encoded_json(text) for text in texts.to_pylist()], pa.binary())


def super_number(signs: pa.Array, lefts: pa.Array, rights: pa.Array) -> pa.Array:
    """`left sign right` as Variant bytes; NULL where one is NULL, or the result has more than 38 digits."""
    rows = zip(signs.to_pylist(), lefts.to_pylist(), rights.to_pylist(), strict=True)
    found = [None if x is None or y is None else calculated(sign, x, y) for sign, x, y in rows]
    return pa.array(found, pa.binary())
