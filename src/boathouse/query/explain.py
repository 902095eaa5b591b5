"""EXPLAIN: the engine's plan as a tree of lines, each indented under the step that consumes it."""

from __future__ import annotations

import json
from typing import Any, cast

from boathouse.contracts.answers import Answer
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.house import House
from boathouse.contracts.relations import Past
from boathouse.contracts.session import Session
from boathouse.query import plans
from boathouse.query.control import text_rows
from boathouse.query.places import inside
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s

_SHOWN = ("Table", "Function", "Filters", "Expression", "Conditions", "Join Type", "Groups", "Aggregates", "Order By",
          "Projections", "Estimated Cardinality")  # fmt: skip


def explain(house: House, session: Session, statement: s.Explain) -> Answer:
    """EXPLAIN of a query or DML; the statement is planned, never run."""
    mine = cast(QuerySession, session)
    inner = statement.statement
    if statement.analyze:
        raise FeatureNotSupported(
            "EXPLAIN ANALYZE is not supported",
            hint="Redshift has it not either. Run the query: svl_query_summary then shows what each step did.",
        )
    if isinstance(inner, s.CreateTableAs):
        inner = inner.query
    if not isinstance(inner, s.Relational):
        raise FeatureNotSupported("EXPLAIN takes a query, INSERT, UPDATE, DELETE or CREATE TABLE AS")
    with inside(statement, inner):
        plan = plans.plan(mine, inner)
    tree, sql = plans.intercepted_with_text(mine, plan)
    nulls = ", ".join("NULL" for _ in plan.parameters)
    text = mine.engine.fetch(f"EXPLAIN (FORMAT json) {sql}", [None] * len(plan.parameters) if nulls else ())
    lines: list[str] = []
    for root in json.loads(str(text[0][1])):
        _render(root, 0, lines, verbose=statement.verbose)
    lines += [
        f"{one.schema}.{one.name}: as of {one.live.shown}"
        for one in plan.bound.relations
        if isinstance(one.live, Past) and one.live.shown
    ]
    for explainer in mine.service.claims.explainers:
        lines += explainer(tree)
    return text_rows(("QUERY PLAN",), [(line,) for line in lines], "EXPLAIN")


def _render(node: dict[str, Any], depth: int, lines: list[str], *, verbose: bool) -> None:
    facts = node.get("extra_info") or {}
    rows = facts.get("Estimated Cardinality")
    name = str(node.get("name", "")).strip().replace("_", " ").title()
    name = {"Ducklake Scan": "Seq Scan"}.get(name, name.removeprefix("Ducklake "))  # on a lake
    arrow = "" if depth == 0 else "  " * (depth * 2 - 1) + "->  "
    lines.append(f"{arrow}XN {name}" + (f"  (rows={rows})" if rows is not None else ""))
    inside = " " * (len(arrow) + 6)
    for key in _SHOWN[:-1]:
        found = facts.get(key)
        if not found or (key == "Projections" and not verbose):
            continue
        shown = ", ".join(str(part) for part in found) if isinstance(found, list) else str(found)
        lines.append(f"{inside}{key}: {shown.replace(chr(10), ', ')}")
    for child in node.get("children", ()):
        _render(child, depth + 1, lines, verbose=verbose)
