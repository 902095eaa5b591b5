"""How the queues stand, as rows for the system tables; and these tables, as views over the rows.

Received: the machine, between two of its steps. Handed to the engine as JSON, by a function that the views call.

Columns, their order and types: Redshift Developer Guide, the page of each relation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boathouse.contracts.rooms import SystemRelation
from boathouse.workload.configuration import Names, Queue
from boathouse.workload.memory import Memory
from boathouse.workload.queues import Queues
from boathouse.workload.tickets import Line, Ticket

LIVE_FUNCTION = "boathouse_workload"
_STATES = {
    "queued": "QueuedWaiting",
    "running": "Running",
    "returning": "Returning",
    "bursting": "Running",
    "evicting": "Evicting",
}
_MB = 2**20


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """Whose statement a ticket stands for."""

    query: int
    transaction: int
    user_id: int


def standing(what: str, queues: Queues, memory: Memory, now: float, wall: datetime) -> list[dict[str, Any]]:
    """Rows of JSON values.

    Args:
        what: `classes`, `tickets`, `classification` or `rules`.
        memory: of the engine, as it is divided.
        now, wall: the same moment, by both clocks.
    """
    if what == "classes":
        return [_class(line, queues, memory) for line in queues.lines.values()]
    if what == "classification":
        found = enumerate(_conditions(queues), start=1)
        return [{"id": place, "condition": text, "service_class": number} for place, (text, number) in found]
    if what == "rules":
        return [
            {"service_class": queue.service_class, "rule": rule.name, "action": rule.action}
            | {"metric": one.metric, "operator": one.operator, "value": one.value}
            for queue in queues.configuration.queues
            for rule in queue.rules
            for one in rule.predicates
        ]
    return [
        _ticket(one, place, now, wall)
        for line in queues.lines.values()
        for place, one in enumerate(
            (*line.bursting, *line.running, *line.waiting), start=1 - len(line.running) - len(line.bursting)
        )
    ]


def _class(line: Line, queues: Queues, memory: Memory) -> dict[str, Any]:
    queue = line.queue
    share = queue.slot_share if queue.memory_percent is not None else 1.0
    if queue == queues.configuration.superuser and queues.configuration.divides_memory:
        share = memory.own_share
    held = max((one.share / one.slots for one in line.running), default=share)
    return {
        "service_class": queue.service_class,
        "name": queue.name,
        "slots": max(queue.slots, line.taken),
        "target_slots": queue.slots,
        "memory": int(memory.whole_bytes * max(held, share)) // _MB,
        "target_memory": int(memory.whole_bytes * share) // _MB,
        "timeout": int(queue.timeout_seconds * 1000),
        "wild_users": queue.user_groups.wild,
        "wild_queries": queue.query_groups.wild,
        "wild_roles": queue.user_roles.wild,
        "waiting": len(line.waiting),
        "running": len(line.running),
        "serviced": line.serviced,
        "executed": line.executed,
        "evicted": line.evicted,
        "bursting": len(line.bursting),
        "scaling": "auto" if queue.scales else "off",
    }


def _conditions(queues: Queues) -> Iterator[tuple[str, int]]:
    found = queues.configuration
    yield "(super user) and (query group: superuser)", found.superuser.service_class
    for queue in found.queues[:-1]:
        kinds: tuple[tuple[str, Names], ...] = (
            ("query group", queue.query_groups), ("user group", queue.user_groups), ("user role", queue.user_roles),
        )  # fmt: skip
        for kind, names in kinds:
            for name in names.names:
                yield f"({kind}: {name})", queue.service_class
    yield "(querytype: any)", found.default.service_class


def _ticket(ticket: Ticket, place: int, now: float, wall: datetime) -> dict[str, Any]:
    facts: LiveFacts = ticket.owner.facts()
    queue: Queue = ticket.queue
    waited = (now if ticket.started is None else ticket.started) - ticket.entered
    ran = 0.0 if ticket.started is None else now - ticket.started
    return {
        "userid": facts.user_id,
        "xid": facts.transaction,
        "query": facts.query,
        "service_class": queue.service_class,
        "slots": ticket.slots,
        "entered": int((wall.timestamp() - (now - ticket.entered)) * 1_000_000),
        "state": _STATES.get(ticket.state, "Completed"),
        "waited": int(waited * 1_000_000),
        "ran": int(ran * 1_000_000),
        "position": place,
    }


def _rows(what: str, **columns: str) -> str:
    """SQL of the rows."""
    return f"(SELECT unnest(from_json({LIVE_FUNCTION}('{what}'), '{json.dumps([columns])}'), recursive := true))"


_INTEGER, _BIGINT, _BOOLEAN, _TEXT = "INTEGER", "BIGINT", "BOOLEAN", "VARCHAR"
_CLASSES = _rows(
    "classes", service_class=_INTEGER, name=_TEXT, slots=_INTEGER, target_slots=_INTEGER, memory=_INTEGER,
    target_memory=_INTEGER, timeout=_BIGINT, wild_users=_BOOLEAN, wild_queries=_BOOLEAN, wild_roles=_BOOLEAN,
    waiting=_INTEGER, running=_INTEGER, serviced=_INTEGER, executed=_INTEGER, evicted=_INTEGER,
    bursting=_INTEGER, scaling=_TEXT,
)  # fmt: skip
_TICKETS = _rows(
    "tickets", userid=_INTEGER, xid=_INTEGER, query=_INTEGER, service_class=_INTEGER, slots=_INTEGER, entered=_BIGINT,
    state=_TEXT, waited=_BIGINT, ran=_BIGINT, position=_INTEGER,
)  # fmt: skip
_RULES = _rows("rules", service_class=_INTEGER, rule=_TEXT, action=_TEXT, metric=_TEXT, operator=_TEXT, value="DOUBLE")
_CLASSIFICATION = _rows("classification", id=_INTEGER, condition=_TEXT, service_class=_INTEGER)
_NUMBERED = (("task", "integer"), ("query", "integer"))

SYSTEM_RELATIONS = (
    SystemRelation(
        "stv_wlm_service_class_config",
        (
            ("service_class", "integer"), ("queueing_strategy", "char(32)"), ("num_query_tasks", "integer"),
            ("target_num_query_tasks", "integer"), ("evictable", "char(8)"), ("eviction_threshold", "bigint"),
            ("query_working_mem", "integer"), ("target_query_working_mem", "integer"), ("min_step_mem", "integer"),
            ("name", "char(64)"), ("max_execution_time", "bigint"), ("user_group_wild_card", "boolean"),
            ("query_group_wild_card", "boolean"), ("concurrency_scaling", "char(20)"), ("query_priority", "char(20)"),
            ("user_role_wild_card", "boolean"),
        ),
        "SELECT service_class, 'Fixed mode' AS queueing_strategy, slots AS num_query_tasks, target_slots AS "
        "target_num_query_tasks, 'false' AS evictable, 0::BIGINT AS eviction_threshold, memory AS query_working_mem, "
        "target_memory AS target_query_working_mem, 0::INTEGER AS min_step_mem, name, timeout AS max_execution_time, "
        "wild_users AS user_group_wild_card, wild_queries AS query_group_wild_card, scaling AS concurrency_scaling, "
        f"'n/a' AS query_priority, wild_roles AS user_role_wild_card FROM {_CLASSES}",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_wlm_service_class_state",
        (
            ("service_class", "integer"), ("num_queued_queries", "integer"), ("num_executing_queries", "integer"),
            ("num_serviced_queries", "integer"), ("num_executed_queries", "integer"), ("num_evicted_queries", "integer"),
            ("num_concurrency_scaling_queries", "integer"),
        ),
        'SELECT service_class, waiting AS num_queued_queries, running AS num_executing_queries, serviced AS '
        "num_serviced_queries, executed AS num_executed_queries, evicted AS num_evicted_queries, bursting AS "
        f"num_concurrency_scaling_queries FROM {_CLASSES}",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_wlm_classification_config",
        (
            ("id", "integer"), ("condition", "char(128)"), ("action_seq", "integer"), ("action", "char(64)"),
            ("action_service_class", "integer"),
        ),
        "SELECT id, condition, 0::INTEGER AS action_seq, 'assign' AS action, service_class AS action_service_class "
        f"FROM {_CLASSIFICATION}",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_wlm_qmr_config",
        (
            ("service_class", "integer"), ("rule_name", "char(256)"), ("action", "char(256)"),
            ("metric_name", "char(256)"), ("metric_operator", "char(256)"), ("metric_value", "double precision"),
            ("action_value", "char(256)"),
        ),
        'SELECT service_class, rule AS rule_name, action, metric AS metric_name, operator AS metric_operator, '
        f"value AS metric_value, '' AS action_value FROM {_RULES}",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_wlm_query_state",
        (
            ("xid", "integer"), *_NUMBERED, ("service_class", "integer"), ("slot_count", "integer"),
            ("wlm_start_time", "timestamp"), ("state", "char(16)"), ("queue_time", "bigint"), ("exec_time", "bigint"),
            ("query_priority", "char(20)"),
        ),
        'SELECT xid, query AS task, query, service_class, slots AS slot_count, make_timestamp(entered) AS '
        "wlm_start_time, state, waited AS queue_time, ran AS exec_time, 'n/a' AS query_priority, userid "
        f"FROM {_TICKETS}",
        "userid",
    ),
    SystemRelation(
        "stv_wlm_query_queue_state",
        (
            ("service_class", "integer"), ("position", "integer"), *_NUMBERED, ("slot_count", "integer"),
            ("start_time", "timestamp"), ("queue_time", "bigint"),
        ),
        'SELECT service_class, "position", query AS task, query, slots AS slot_count, make_timestamp(entered) '
        f"AS start_time, waited AS queue_time, userid FROM {_TICKETS} WHERE state = 'QueuedWaiting'",
        "userid",
    ),
    SystemRelation(
        "stv_wlm_query_task_state",
        (
            ("service_class", "integer"), *_NUMBERED, ("slot_count", "integer"), ("start_time", "timestamp"),
            ("exec_time", "bigint"),
        ),
        'SELECT service_class, query AS task, query, slots AS slot_count, make_timestamp(entered + waited) AS '
        f"start_time, ran AS exec_time, userid FROM {_TICKETS} WHERE state <> 'QueuedWaiting'",
        "userid",
    ),
)  # fmt: skip
