"""Redshift's system tables about what queues and query monitoring rules did, as views over the history.

A statement's last stay in a queue is part of its row; those that ended with an eviction, and what rules did, are lists
inside it, which most statements have not.

Columns, their order and types: Redshift Developer Guide, the page of each relation.
"""

from __future__ import annotations

import json

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.history.rows import EVICTION, RULE_ACTION

_DONE = "memory.rs.history_statements"
_BOTH = f"(SELECT * FROM {_DONE} UNION ALL BY NAME SELECT * FROM memory.rs.live_statements WHERE ended IS NULL)"


def _listed(column: str, kinds: dict[str, str], source: str) -> str:
    """SQL of a row for each element of a list."""
    return (
        f"(SELECT userid, xid, query, unnest(from_json({column}, '{json.dumps([kinds])}')) AS one FROM {source} "
        f"WHERE {column} IS NOT NULL)"
    )


_STAYS = (
    "(SELECT userid, xid, query, service_class, queue, slots, entered, admitted, ended AS gone, 'Completed' AS state "
    f"FROM {_DONE} WHERE service_class IS NOT NULL UNION ALL SELECT userid, xid, query, one.service_class, one.queue, "
    "one.slots, make_timestamp(one.entered), make_timestamp(one.admitted), make_timestamp(one.gone), 'Evicted' "
    f"FROM {_listed('evictions', EVICTION, _DONE)})"
)
_QUEUED = "date_diff('{unit}', entered, coalesce(admitted, gone))"
_RAN = "coalesce(date_diff('{unit}', admitted, gone), 0)"

# A period of one process ends where it has nothing to do for a second, the unit in which it is told.
_BURSTS = (
    "SELECT *, sum(opens::INTEGER) OVER (PARTITION BY burst ORDER BY began, query) AS period FROM (SELECT *, "
    "coalesce(began > max(ended) OVER (PARTITION BY burst ORDER BY began, query ROWS BETWEEN UNBOUNDED PRECEDING AND 1 "
    "PRECEDING) + INTERVAL 1 SECOND, true) AS opens FROM (SELECT query, burst, ended, coalesce(admitted, started) AS began "
    f"FROM {_DONE} WHERE burst IS NOT NULL))"
)

QUEUE_RELATIONS = (
    SystemRelation(
        "svcs_concurrency_scaling_usage",
        (
            ("start_time", "timestamp"), ("end_time", "timestamp"), ("queries", "bigint"),
            ("usage_in_seconds", "numeric(27,0)"),
        ),
        "SELECT min(began) AS start_time, max(ended) AS end_time, count(*) AS queries, round(date_diff('microsecond', "
        "min(began), max(ended)) / 1000000.0)::DECIMAL(27, 0) AS usage_in_seconds FROM "
        f"({_BURSTS}) GROUP BY burst, period",
        superusers_only=True,
    ),
    SystemRelation(
        "stl_wlm_query",
        (
            ("userid", "integer"), ("xid", "integer"), ("task", "integer"), ("query", "integer"),
            ("service_class", "integer"), ("slot_count", "integer"), ("service_class_start_time", "timestamp"),
            ("queue_start_time", "timestamp"), ("queue_end_time", "timestamp"), ("total_queue_time", "bigint"),
            ("exec_start_time", "timestamp"), ("exec_end_time", "timestamp"), ("total_exec_time", "bigint"),
            ("service_class_end_time", "timestamp"), ("final_state", "char(16)"), ("est_peak_mem", "bigint"),
            ("query_priority", "char(20)"), ("service_class_name", "char(64)"),
        ),
        "SELECT userid, xid::INTEGER AS xid, query::INTEGER AS task, query::INTEGER AS query, service_class, slots AS "
        "slot_count, entered AS service_class_start_time, entered AS queue_start_time, coalesce(admitted, gone) AS "
        f"queue_end_time, {_QUEUED.format(unit='microsecond')} AS total_queue_time, admitted AS exec_start_time, "
        "CASE WHEN admitted IS NOT NULL THEN gone END AS exec_end_time, "
        f"{_RAN.format(unit='microsecond')} AS total_exec_time, gone AS service_class_end_time, state AS final_state, "
        f"NULL::BIGINT AS est_peak_mem, 'n/a' AS query_priority, queue AS service_class_name FROM {_STAYS}",
        "userid",
    ),
    SystemRelation(
        "svl_query_queue_info",
        (
            ("database", "text"), ("query", "integer"), ("xid", "bigint"), ("userid", "integer"), ("querytxt", "text"),
            ("queue_start_time", "timestamp"), ("exec_start_time", "timestamp"), ("service_class", "integer"),
            ("slots", "integer"), ("queue_elapsed", "bigint"), ("exec_elapsed", "bigint"),
            ("wlm_total_elapsed", "bigint"), ("commit_queue_elapsed", "bigint"), ("commit_exec_time", "bigint"),
            ("service_class_name", "char(64)"),
        ),
        "SELECT (SELECT any_value(db) FROM memory.rs.history_statements named WHERE named.query = stay.query) AS "
        '"database", query::INTEGER AS query, xid, userid, (SELECT left(any_value(text), 100) FROM '
        "memory.rs.history_statements named WHERE named.query = stay.query) AS querytxt, entered AS queue_start_time, "
        f"admitted AS exec_start_time, service_class, slots, {_QUEUED.format(unit='second')} AS queue_elapsed, "
        f"{_RAN.format(unit='second')} AS exec_elapsed, {_QUEUED.format(unit='second')} + {_RAN.format(unit='second')} "
        "AS wlm_total_elapsed, 0::BIGINT AS commit_queue_elapsed, 0::BIGINT AS commit_exec_time, queue AS "
        f"service_class_name FROM {_STAYS} AS stay",
        superusers_only=True,
    ),
    SystemRelation(
        "stl_wlm_rule_action",
        (
            ("userid", "integer"), ("query", "integer"), ("service_class", "integer"), ("rule", "char(256)"),
            ("action", "char(256)"), ("recordtime", "timestamp"), ("action_value", "char(256)"),
            ("service_class_name", "char(64)"),
        ),
        "SELECT userid, query::INTEGER AS query, one.service_class AS service_class, one.rule AS rule, one.action AS "
        "action, make_timestamp(one.at) AS recordtime, '' AS action_value, one.queue AS service_class_name "
        f"FROM {_listed('rule_actions', RULE_ACTION, _BOTH)}",
        "userid",
    ),
)  # fmt: skip
