"""The functions that are computed here, by the names under which rewrites call them.

Received: the engine's connection, once, at its start. Each function goes into DuckDB's own catalog, so that every
session has it; nobody can call it by name, as users reach only what the catalogue of `sql.redshift.functions` lists.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import duckdb

from boathouse.engines.duckdb.computed import cardinality, formats, hashes, phonetics, regexes, supers

_TEXT, _BLOB, _SHORT, _LONG = "VARCHAR", "BLOB", "INTEGER", "BIGINT"

Table = dict[str, tuple[list[str], str, Callable[..., Any]]]

COMPUTED: Table = {
    "bh_crc32": ([_TEXT], _TEXT, hashes.crc32),
    "bh_fnv_bytes": ([_BLOB, _LONG], _LONG, hashes.fnv_bytes),
    "bh_fnv_integer": ([_LONG, _SHORT, _LONG], _LONG, hashes.fnv_integer),
    "bh_murmur_bytes": ([_BLOB, _SHORT], _SHORT, hashes.murmur_bytes),
    "bh_murmur_long": ([_LONG, _SHORT], _SHORT, hashes.murmur_long),
    "bh_farmfingerprint64": ([_BLOB], _LONG, hashes.farmfingerprint64),
    "bh_sha2": ([_TEXT, _LONG], _TEXT, hashes.sha2),
    "bh_sha2_bytes": ([_BLOB, _LONG], _TEXT, hashes.sha2),
    "bh_soundex": ([_TEXT], _TEXT, phonetics.soundex),
    "bh_difference": ([_TEXT, _TEXT], _SHORT, phonetics.difference),
    "bh_regexp_count": ([_TEXT, _TEXT, _LONG, _TEXT], _SHORT, regexes.regexp_count),
    "bh_regexp_instr": ([_TEXT, _TEXT, _LONG, _LONG, _LONG, _TEXT], _SHORT, regexes.regexp_instr),
    "bh_regexp_replace": ([_TEXT, _TEXT, _TEXT, _LONG, _TEXT], _TEXT, regexes.regexp_replace),
    "bh_regexp_substr": ([_TEXT, _TEXT, _LONG, _LONG, _TEXT], _TEXT, regexes.regexp_substr),
    "bh_to_char_number": ([_TEXT, _TEXT], _TEXT, formats.to_char_number),
    "bh_read_moment": ([_TEXT, _TEXT, "BOOLEAN"], "TIMESTAMP", formats.read),
    "bh_super_bytes": ([_TEXT], _BLOB, supers.super_bytes),
    "bh_super_number": ([_TEXT, _TEXT, _TEXT], _BLOB, supers.super_number),
    "bh_offset_minutes": ([_TEXT], _LONG, formats.offset),
    "bh_text_to_int": ([_TEXT], _SHORT, formats.integer),
    "bh_text_to_numeric": ([_TEXT, _LONG, _LONG], _TEXT, formats.numeric),
    "bh_hll_count": (["UINTEGER[]"], _LONG, cardinality.hll_count),
    "bh_similar": ([_TEXT, _TEXT], _TEXT, regexes.similar),
}
"""Name: types of the arguments, type of the result, the function."""


def register(connection: duckdb.DuckDBPyConnection, functions: Table) -> None:
    """Make functions known to the engine."""
    for name, (takes, returns, function) in functions.items():
        shaped = _shaped(function, len(takes))
        connection.create_function(name, shaped, takes, returns, type="arrow", null_handling="special")  # type: ignore[call-overload]


def _shaped(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with so many parameters by name: DuckDB counts them."""

    def called(*columns: Any) -> Any:
        return function(*columns)

    places = [inspect.Parameter(f"column_{place}", inspect.Parameter.POSITIONAL_ONLY) for place in range(count)]
    called.__signature__ = inspect.Signature(places)  # type: ignore[attr-defined]
    return called
