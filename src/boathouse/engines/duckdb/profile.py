"""The engine's own account of a statement, read into operators.

Received from `session`: the JSON that DuckDB keeps of the statement that a connection ran last. Handed, through the
journey, to whoever watches statements.
"""

from __future__ import annotations

import json
from typing import Any

from boathouse.contracts.engine import Operator, Profiled

METRICS = ("OPERATOR_NAME", "OPERATOR_TYPE", "OPERATOR_TIMING", "OPERATOR_CARDINALITY", "OPERATOR_ROWS_SCANNED",
           "RESULT_SET_SIZE", "EXTRA_INFO", "SYSTEM_PEAK_BUFFER_MEMORY", "SYSTEM_PEAK_TEMP_DIR_SIZE")  # fmt: skip
"""What is measured; each costs something at every operator."""
_NOT_SHOWN = ("Estimated Cardinality", "Table", "Type", "Projections", "Table Index", "CTE Index")


def settings() -> str:
    """The engine's setting that chooses the metrics."""
    return json.dumps(dict.fromkeys(METRICS, "true"))


def read_profile(text: str) -> Profiled:
    """The operators, parents before their children."""
    whole: dict[str, Any] = json.loads(text)
    found: list[Operator] = []
    pending: list[tuple[dict[str, Any], int | None]] = [(root, None) for root in reversed(whole.get("children", []))]
    while pending:
        node, parent = pending.pop()
        pending += [(child, len(found)) for child in reversed(node.get("children", []))]
        found.append(_operator(node, parent))
    return Profiled(
        tuple(found), int(whole.get("system_peak_temp_dir_size") or 0), int(whole.get("system_peak_buffer_memory") or 0)
    )


def _operator(node: dict[str, Any], parent: int | None) -> Operator:
    facts = node.get("extra_info") or {}
    expected = str(facts.get("Estimated Cardinality", ""))
    table = str(facts.get("Table", "")).split(".", 1)
    return Operator(
        name=str(node.get("operator_type") or node.get("operator_name") or "").strip(),
        parent=parent,
        table=table[-1],
        detail=tuple((what, _shown(value)) for what, value in facts.items() if what not in _NOT_SHOWN and value),
        rows_expected=int(expected) if expected.isdigit() else None,
        rows=int(node.get("operator_cardinality") or 0),
        bytes=int(node.get("result_set_size") or 0),
        rows_read=int(node.get("operator_rows_scanned") or 0),
        seconds=float(node.get("operator_timing") or 0.0),
    )


def _shown(value: Any) -> str:
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return text.replace("\n", ", ")
