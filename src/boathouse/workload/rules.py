"""Query monitoring rules: what they ask for, and whether a statement has come that far.

Read from the configuration's JSON; asked by the machine in `queues`, which measures. Pure.

Source: Redshift Developer Guide, "WLM query monitoring rules".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue

Action = Literal["log", "hop", "abort"]
SEVERITY: Mapping[Action, int] = {"log": 0, "hop": 1, "abort": 2}

MEASURED = {"query_execution_time": 86_399, "query_queue_time": 86_399, "return_row_count": 999_999_999_999_999}
"""Metrics that can be told of a statement while it runs, and the most that a rule may ask for: seconds, seconds, rows."""
UNMEASURED = frozenset(
    {
        "query_cpu_time", "query_blocks_read", "scan_row_count", "query_cpu_usage_percent", "query_temp_blocks_to_disk",
        "segment_execution_time", "cpu_skew", "io_skew", "join_row_count", "nested_loop_join_row_count",
        "spectrum_scan_row_count", "spectrum_scan_size_mb",
    }
)  # fmt: skip
"""Redshift's others. The engine tells them once a statement has ended, if at all."""
PREDICATES_MAX = 3
SOON_SECONDS = 1.0
"""When a rule that waits for no moment is first looked at, and how often one is whose moment has come."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of a statement now: seconds and rows; no seconds of running before it does."""

    query_execution_time: float | None
    query_queue_time: float
    return_row_count: int


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition."""

    metric: str
    operator: Literal["<", "=", ">"]
    value: float

    def is_met(self, measures: Measures) -> bool:
        """Whether it holds; `=` counts whole seconds."""
        found = cast("float | None", getattr(measures, self.metric))
        if found is None:
            return False
        if self.operator == "=":
            return int(found) == int(self.value)
        return found > self.value if self.operator == ">" else found < self.value


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, all of which must hold, and what is done then."""

    name: str
    predicates: tuple[Predicate, ...]
    action: Action

    def is_met(self, measures: Measures) -> bool:
        """Whether all its conditions hold."""
        return all(one.is_met(measures) for one in self.predicates)

    def due(self, entered: float, started: float | None) -> float | None:
        """The moment before which it cannot be met, as things are; None where that is not known yet.

        Args:
            entered, started: when the statement came to its queue, and when it began to run.
        """
        moment = (entered if started is None else started) + SOON_SECONDS
        for one in self.predicates:
            if one.operator == "<" or one.metric == "return_row_count":
                continue
            if one.metric == "query_queue_time":
                moment = max(moment, entered + one.value) if started is None else moment
            elif started is None:
                return None
            else:
                moment = max(moment, started + one.value)
        return moment


def read_rules(given: object) -> tuple[Rule, ...]:
    """A queue's `rules`."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _wrong("rules must be a list of objects")
    return tuple(_rule(one) for one in given)


def _rule(given: Mapping[str, Any]) -> Rule:
    unknown = sorted(set(given) - {"rule_name", "predicate", "action", "value"})
    if unknown:
        raise _wrong(f'unknown property "{unknown[0]}" of a rule')
    name, action, predicates = given.get("rule_name"), given.get("action"), given.get("predicate")
    if not isinstance(name, str) or re.fullmatch(r"\w{1,32}", name) is None:
        raise _wrong("rule_name must be 1 to 32 letters, digits or underscores")
    if action == "change_query_priority":
        raise FeatureNotSupported(
            f'wlm_json_configuration: rule "{name}": the action change_query_priority is not supported',
            hint="Priorities are of automatic workload management: use log, hop or abort.",
        )
    if action not in SEVERITY:
        raise _wrong(f'rule "{name}": action must be log, hop or abort')
    if not isinstance(predicates, list) or not 1 <= len(predicates) <= PREDICATES_MAX:
        raise _wrong(f'rule "{name}": predicate must be a list of 1 to {PREDICATES_MAX}')
    found = tuple(_predicate(name, one) for one in predicates)
    if action == "hop" and any(one.metric == "query_queue_time" for one in found):
        raise _wrong(f'rule "{name}": a statement that waits does not hop', hint="Use log or abort.")
    return Rule(name, found, cast(Action, action))


def _predicate(rule: str, given: object) -> Predicate:
    if not isinstance(given, dict) or set(given) != {"metric_name", "operator", "value"}:
        raise _wrong(f'rule "{rule}": a predicate has metric_name, operator and value')
    metric, operator, value = given["metric_name"], given["operator"], given["value"]
    if metric in UNMEASURED:
        raise FeatureNotSupported(
            f'wlm_json_configuration: rule "{rule}": the metric {metric} is not supported',
            hint=f"It is not known while a statement runs. Metrics: {', '.join(MEASURED)}.",
        )
    if metric not in MEASURED:
        raise _wrong(f'rule "{rule}": unknown metric "{metric}"', hint=f"Metrics: {', '.join(MEASURED)}.")
    if operator not in ("<", "=", ">"):
        raise _wrong(f'rule "{rule}": operator must be <, = or >')
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MEASURED[metric]:
        raise _wrong(f'rule "{rule}": value of {metric} must be a number from 0 to {MEASURED[metric]}')
    return Predicate(metric, cast(Any, operator), float(value))


def _wrong(what: str, hint: str | None = None) -> InvalidParameterValue:
    return InvalidParameterValue(f"wlm_json_configuration: {what}", hint=hint)
