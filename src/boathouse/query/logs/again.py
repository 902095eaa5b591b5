"""svcs_query_summary and its like: what Redshift shows of the main cluster and those of concurrency scaling together.

There is one machine, so each has the rows of its counterpart. Source: Redshift Developer Guide, "SVCS views".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.history.profile_relations import PROFILE_RELATIONS
from boathouse.query.logs.metrics import METRIC_RELATIONS
from boathouse.query.logs.steps import STEP_RELATIONS

_COUNTERPARTS = ("svl_query_summary", "stl_explain", "stl_alert_event_log", "stl_plan_info")


def _again(relations: Iterable[SystemRelation]) -> tuple[SystemRelation, ...]:
    return tuple(
        replace(one, name=f"svcs_{one.name.partition('_')[2]}") for one in relations if one.name in _COUNTERPARTS
    )


AGAIN_RELATIONS = _again((*PROFILE_RELATIONS, *STEP_RELATIONS, *METRIC_RELATIONS))
