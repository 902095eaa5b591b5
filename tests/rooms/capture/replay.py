"""Reads the files of an output as somebody would who keeps a copy of `t` by them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow.parquet as pq
from tests.rooms.capture.capture_house import CaptureHouse


def parquet(house: CaptureHouse, place: str, table: str = "public.t") -> list[dict[str, Any]]:
    """The rows of a table's files, in the log's order."""
    files = sorted((house.lake / place / table).rglob("*.parquet"), key=lambda file: file.name)
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def replayed(rows: list[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    """What a reader makes of the changes. An insert that leaves columns untold is of a row whose key changed: it has those of the
    key that was deleted just before."""
    found: dict[int, dict[str, Any]] = {}
    gone: dict[str, Any] = {}
    for row in rows:
        operation = row["_record_operation"]
        if operation == "truncate":
            found.clear()
        elif operation == "delete":
            gone = found.pop(row["id"], {})
        else:
            before = gone if operation == "insert" else found.get(row["id"], {})
            known = {name: before.get(name) for name in row["_record_unchanged"]}
            found[row["id"]] = row | known
    return {key: (row["version"], row["note"], row["big"]) for key, row in sorted(found.items())}


def places(rows: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Where the changes stand in the source's log; each must be there once."""
    found = Counter(
        (row["_record_position"], row["_record_ordinal"]) for row in rows if row["_record_ordinal"] is not None
    )
    assert not found or found.most_common(1)[0][1] == 1, found.most_common(1)
    return set(found)


def told(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The house's own events as the rows of files."""
    return [
        {
            "_record_operation": event["operation"],
            "_record_position": event["position"],
            "_record_ordinal": event["ordinal"],
            "_record_unchanged": event.get("unchanged", []),
            **(event["key"] or {}),
            **(event["after"] or {}),
        }
        for event in events
    ]


def once(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events in their order; each must be there once."""
    found = Counter((event["entry"], event["number"]) for event in events)
    assert not found or found.most_common(1)[0][1] == 1, found.most_common(1)
    return sorted(events, key=lambda event: (event["entry"], event["number"]))
