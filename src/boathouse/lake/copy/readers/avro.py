"""Avro files to records, matched to columns as JSON objects are.

Receives a local file; hands `load` chunks whose fields are texts. Dates and times that the schema declares are written as
such where a column of their kind waits for them; everywhere else a value is the plain number that the file holds, so that
TIMEFORMAT 'epochmillisecs' means what it means on Redshift, which knows no logical types.

Source: Redshift Developer Guide, "COPY from Avro format"; Apache Avro specification, "Object container files".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.relations import Column
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.json_objects import Path_, chunks_of
from boathouse.lake.copy.readers.records import Chunk, Unreadable

CODECS = ("null", "deflate", "snappy")
"""Redshift's; others of Avro's are refused by name."""
HEADER_BYTES_MAX, BLOCK_BYTES_MAX = 1 << 20, 4 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_avro_chunks(
    path: Path, columns: Sequence[Column], paths: list[Path_] | None, options: LoadOptions
) -> Iterator[Chunk]:
    """The file's records, in chunks; lines are records, counted from 1.

    Raises:
        Unreadable: not an Avro file, cut off, or larger than Redshift's limits.
        FeatureNotSupported: a codec that COPY does not know.
    """
    epoch = options.time_format in ("epochsecs", "epochmillisecs")
    dated = any(column.type.name.startswith(("date", "time")) for column in columns) and not epoch
    return chunks_of(_records(path, dated), columns, paths, options)


def _records(path: Path, dated: bool) -> Iterator[tuple[int, Any, str]]:
    from fastavro import block_reader  # not at start: few need it

    number = 0
    with path.open("rb") as file:
        try:
            blocks = block_reader(file)
        except Exception as failure:
            raise Unreadable("the file is not an Avro file, or its header is broken", 1, 1216) from failure
        if file.tell() > HEADER_BYTES_MAX:
            raise Unreadable(f"the header is larger than {HEADER_BYTES_MAX >> 20} MB", 1, 1216)
        codec = blocks.codec
        if codec not in CODECS:
            raise FeatureNotSupported(f"Avro's codec {codec} is not supported", hint=f"COPY reads {', '.join(CODECS)}.")
        if not isinstance(blocks.writer_schema, dict) or blocks.writer_schema.get("type") != "record":
            raise Unreadable("the schema of the file is not a record", 1, 1216)
        numbers = {} if dated else _logical_types(blocks.writer_schema)
        try:
            for block in blocks:
                if block.size > BLOCK_BYTES_MAX:
                    raise Unreadable(f"a block is larger than {BLOCK_BYTES_MAX >> 20} MB", number + 1, 1216)
                for record in block:
                    number += 1
                    yield (
                        number,
                        {key: _field(value, numbers.get(key)) for key, value in cast(dict[str, Any], record).items()},
                        "",
                    )
        except Unreadable:
            raise
        except Exception as failure:
            # Whatever the decoder meets in broken bytes: ends of file, odd lengths, bad text.
            raise Unreadable(f"the file is broken or cut off after record {number}", number + 1, 1216) from failure


def _logical_types(schema: dict[str, Any]) -> dict[str, str]:
    """The logical types of the record's fields that have one, also as a branch of a union."""
    found = {}
    for field in schema["fields"]:
        branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
        for branch in branches:
            if isinstance(branch, dict) and "logicalType" in branch:
                found[field["name"]] = str(branch["logicalType"])
    return found


def _field(value: Any, logical: str | None) -> Any:
    """A field's value; of a date or time that is wanted as a number, the number."""
    if logical is not None and isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(**{"microseconds" if logical.endswith("micros") else "milliseconds": 1})
    if logical is not None and isinstance(value, date):
        return value.toordinal() - _EPOCH.toordinal()
    return _plain(value)


def _plain(value: Any) -> Any:
    """A decoded value as JSON would hold it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value
