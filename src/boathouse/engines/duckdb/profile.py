"""The engine's own account of a statement, read into operators.

Received from `session`: the JSON that DuckDB keeps of the statement that a connection ran last. Handed, through the
journey, to whoever watches statements.
"""

from __future__ import annotations

import json
import re
from typing import Any

from boathouse.contracts.engine import Operator, Profiled

METRICS = ("OPERATOR_NAME", "OPERATOR_TYPE", "OPERATOR_TIMING", "OPERATOR_CARDINALITY", "OPERATOR_ROWS_SCANNED",
           "RESULT_SET_SIZE", "EXTRA_INFO", "SYSTEM_PEAK_BUFFER_MEMORY", "SYSTEM_PEAK_TEMP_DIR_SIZE",
           "TOTAL_MEMORY_ALLOCATED")  # fmt: skip
"""What is measured; each costs something at every operator."""
NEAR = "boathouse_near"
"""The database of copies of a lake's tables."""
_COPY = re.compile(r"_\d+_\d+(?=\"?\.)")
"""What tells copies of a lake's table apart, see `storage.near_copies`."""
_NOT_SHOWN = ("Estimated Cardinality", "Table", "Type", "Projections", "Table Index", "CTE Index")


def settings() -> str:
    """The engine's setting that chooses the metrics."""
    return json.dumps(dict.fromkeys(METRICS, "true"))


class Spills:
    """Which statements of a connection went to the disk: the engine tells the most of the connection's life.

    A statement that raises it has spilled. One that does not may have spilled less: it is taken to have done so where it
    asked for as much memory as one that did.
    """

    def __init__(self) -> None:
        self._most = 0
        self._asked: int | None = None

    def of(self, most: int, asked: int) -> int:
        """The bytes on the disk of one statement, in the order in which they ran; 0: none.

        Args:
            most: bytes on the disk at once, of the connection's life so far.
            asked: bytes of memory that this statement asked for.
        """
        before, self._most = self._most, most
        if most < before:
            before, self._asked = 0, None  # another connection's life
        if most > before:
            self._asked = asked if self._asked is None else min(self._asked, asked)
            return most
        return most if most and self._asked is not None and asked >= self._asked else 0


def read_profile(text: str, spills: Spills) -> Profiled:
    """The operators, parents before their children."""
    whole: dict[str, Any] = json.loads(text)
    found: list[Operator] = []
    pending: list[tuple[dict[str, Any], int | None]] = [(root, None) for root in reversed(whole.get("children", []))]
    while pending:
        node, parent = pending.pop()
        pending += [(child, len(found)) for child in reversed(node.get("children", []))]
        found.append(_operator(node, parent))
    spilled = spills.of(int(whole.get("system_peak_temp_dir_size") or 0), int(whole.get("total_memory_allocated") or 0))
    return Profiled(tuple(found), spilled, int(whole.get("system_peak_buffer_memory") or 0))


def _operator(node: dict[str, Any], parent: int | None) -> Operator:
    facts = node.get("extra_info") or {}
    expected = str(facts.get("Estimated Cardinality", ""))
    table = str(facts.get("Table", "")).split(".", 1)
    rows, read = int(node.get("operator_cardinality") or 0), int(node.get("operator_rows_scanned") or 0)
    if table[0] and "Total Files Read" in facts:  # a lake's table: its scan says twice what it takes the table to have
        read = max(read // 2, rows)
    return Operator(
        name=str(node.get("operator_type") or node.get("operator_name") or "").strip(),
        parent=parent,
        table=_COPY.sub("", table[-1], count=1) if table[0] == NEAR else table[-1],
        detail=tuple((what, _shown(value)) for what, value in facts.items() if what not in _NOT_SHOWN and value),
        rows_expected=int(expected) if expected.isdigit() else None,
        rows=rows,
        bytes=int(node.get("result_set_size") or 0),
        rows_read=read,
        seconds=float(node.get("operator_timing") or 0.0),
    )


def _shown(value: Any) -> str:
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return text.replace("\n", ", ")
