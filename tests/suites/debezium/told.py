"""What both captures tell of each table, in one form: key, operation and new row, in order."""

from __future__ import annotations

import json
import struct
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from boathouse.capture.delivery.destination import Delivery
from boathouse.capture.formats.formatter import Message

History = dict[str, list[tuple[str, Any, Any]]]
"""Table → (operation, key, row) of each change."""
delivered: list[Message] = []
"""What `take` was called with."""


def take(delivery: Delivery) -> None:
    """An output of a house."""
    delivered.extend(delivery.messages())


def ours(messages: Iterable[Message]) -> History:
    """Without the rows of dumps."""
    return history((json.loads(one.key or b"null"), json.loads(one.value)) for one in messages)


def history(events: Iterable[tuple[Any, dict[str, Any]]]) -> History:
    """From keys and envelopes; no rows of dumps, and no logical messages, which ours take for themselves."""
    found: History = defaultdict(list)
    for key, envelope in events:
        if envelope.get("op", "") in ("c", "u", "d", "t"):
            found[envelope["source"]["table"]].append((envelope["op"], key, _row(envelope.get("after"))))
    return dict(found)


def _row(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row and {name: _single(value) if name == "f4" else value for name, value in row.items()}


def _single(value: object) -> object:
    """A number of single precision, however many digits it was written with."""
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, (int, float)) else value


def first_difference(one: History, other: History) -> str:
    """In words; empty where they are equal."""
    for table in sorted({*one, *other}):
        mine, theirs = one.get(table, []), other.get(table, [])
        for number, (left, right) in enumerate(zip(mine, theirs, strict=False)):
            if left != right:
                return f"change {number} of {table}: {_shown(left, right)}"
        if len(mine) != len(theirs):
            return f"{table} has {len(mine)} changes and {len(theirs)}"
    return ""


def _shown(left: tuple[str, Any, Any], right: tuple[str, Any, Any]) -> str:
    if left[:2] != right[:2] or left[2] is None or right[2] is None:
        return f"{str(left)[:500]} and {str(right)[:500]}"
    return "; ".join(
        f"{name}: {str(left[2].get(name))[:90]!r} and {str(right[2].get(name))[:90]!r}"
        for name in sorted({*left[2], *right[2]})
        if left[2].get(name) != right[2].get(name)
    )
