"""What a statement's steps did, as rows of the history.

Received from the history's writer: a statement that has ended, with what the engine told of it. Handed to `segments`.
Redshift divides a query into streams, segments and steps; the engine's pipelines are segments here: a segment begins
where rows are read, or where an operator gives out what it has gathered (a sort, an aggregate), and a stream is what can
run at the same time. A join is a step of the segment whose rows it meets; the other side has ended with its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from boathouse.contracts.engine import Operator
from boathouse.contracts.observing import StatementRun
from boathouse.query.history.rows import microseconds, text_of

LOG = logging.getLogger(__name__)

OPERATORS_MAX = 1_000
"""Of one statement; the rest of a larger plan is left out."""
TEXT_CHARACTERS_MAX = 400
PROFILE = {
    "query": "BIGINT", "userid": "INTEGER", "started": "BIGINT", "ended": "BIGINT", "stream": "INTEGER",
    "segment": "INTEGER", "step": "INTEGER", "node": "INTEGER", "parent": "INTEGER", "name": "VARCHAR",
    "plan": "VARCHAR", "detail": "VARCHAR", "tablename": "VARCHAR", "returned": "BIGINT", "bytes": "BIGINT",
    "rows_read": "BIGINT", "duration": "BIGINT", "memory": "BIGINT", "spilled": "BIGINT",
}  # fmt: skip

_GATHERS = ("_GROUP_BY", "_AGGREGATE", "ORDER_BY", "TOP_N", "WINDOW", "CTE", "DELIM_JOIN", "SAMPLE", "INSERT", "UPDATE",
            "DELETE", "MERGE_INTO", "CREATE_TABLE_AS")  # fmt: skip
_MEET = ("_JOIN", "CROSS_PRODUCT")
_STEPS = (
    ("scan", ("SCAN", "READ_", "DUMMY_SCAN", "UNNEST", "RANGE", "VALUES")),
    ("hjoin", ("HASH_JOIN",)),
    ("mjoin", ("PIECEWISE_MERGE_JOIN", "IE_JOIN", "ASOF_JOIN")),
    ("nloop", ("_JOIN", "CROSS_PRODUCT")),
    ("aggr", ("_GROUP_BY", "_AGGREGATE")),
    ("sort", ("ORDER_BY", "TOP_N")),
    ("window", ("WINDOW",)),
    ("limit", ("LIMIT",)),
    ("insert", ("INSERT", "CREATE_TABLE_AS")),
    ("delete", ("DELETE",)),
    ("project", ("PROJECTION", "FILTER")),
    ("return", ("RESULT_COLLECTOR",)),
)


def profile_rows(run: StatementRun) -> Iterator[dict[str, Any]]:
    """A row for each step, over all that the engine did for the statement."""
    parts, run.profiles = run.profiles, []
    stream = segment = node = 0
    for profile in parts:
        try:
            done = profile()
        except Exception:
            LOG.exception("a profile cannot be read")
            continue
        operators = done.operators[:OPERATORS_MAX]
        places = placed(operators)
        for at, (operator, (its_stream, its_segment, its_step)) in enumerate(zip(operators, places, strict=True)):
            yield {
                "query": run.number,
                "userid": run.session.user_id,
                "started": microseconds(run.planned or run.started),
                "ended": microseconds(run.ended),
                "stream": stream + its_stream,
                "segment": segment + its_segment,
                "step": its_step,
                "node": node + at + 1,
                "parent": 0 if operator.parent is None else node + operator.parent + 1,
                "name": step_name(operator.name),
                "plan": plan_line(operator, depth_of(operators, at)),
                "detail": text_of("; ".join(f"{what}: {text}" for what, text in operator.detail))[:TEXT_CHARACTERS_MAX],
                "tablename": operator.table,
                "returned": operator.rows,
                "bytes": operator.bytes,
                "rows_read": operator.rows_read,
                "duration": round(operator.seconds * 1_000_000),
                "memory": done.memory_bytes,
                "spilled": done.spilled_bytes,
            }
        stream += 1 + max((place[0] for place in places), default=-1)
        segment += 1 + max((place[1] for place in places), default=-1)
        node += len(operators)


def step_name(operator: str) -> str:
    """Redshift's word for what an operator does, or the engine's own in small letters."""
    return next((step for step, words in _STEPS if any(word in operator for word in words)), operator.lower())


def depth_of(operators: Sequence[Operator], at: int) -> int:
    """How many operators stand above one."""
    depth, parent = 0, operators[at].parent
    while parent is not None:
        depth, parent = depth + 1, operators[parent].parent
    return depth


def plan_line(operator: Operator, depth: int) -> str:
    """The operator as a line of EXPLAIN."""
    arrow = "" if depth == 0 else "  " * min(depth * 2 - 1, 100) + "->  "
    rows = "" if operator.rows_expected is None else f"  (rows={operator.rows_expected})"
    table = f" on {operator.table}" if operator.table else ""
    return f"{arrow}XN {operator.name.replace('_', ' ').title()}{table}{rows}"[:TEXT_CHARACTERS_MAX]


def placed(operators: Sequence[Operator]) -> list[tuple[int, int, int]]:
    """Each operator's stream, segment and step; numbers from 0, in the order in which they can end.

    Args:
        operators: parents before their children, the side that is met before the side that is gathered.
    """
    streams: list[int] = []
    sizes: list[int] = []
    segments, steps = [0] * len(operators), [0] * len(operators)
    inputs: list[list[int]] = [[] for _ in operators]

    def begin(stream: int) -> int:
        streams.append(stream)
        sizes.append(0)
        return len(streams) - 1

    for at in reversed(range(len(operators))):
        operator, below = operators[at], inputs[at]
        if not below:
            mine = begin(0)
        elif len(below) == 1 or any(word in operator.name for word in _MEET):
            met = below[-1]
            mine = begin(streams[segments[met]] + 1) if _gathers(operators[met]) else segments[met]
            streams[mine] = max([streams[mine], *(streams[segments[other]] + 1 for other in below[:-1])])
        else:
            mine = begin(1 + max(streams[segments[one]] for one in below))
        segments[at], steps[at] = mine, sizes[mine]
        sizes[mine] += 1
        if operator.parent is not None:
            inputs[operator.parent].append(at)
    return [(streams[segment], segment, step) for segment, step in zip(segments, steps, strict=True)]


def _gathers(operator: Operator) -> bool:
    return "STREAMING" not in operator.name and any(word in operator.name for word in _GATHERS)
