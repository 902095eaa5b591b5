"""What a configuration may say, whom its queues are for, and that mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.workload.configuration import Claimant, assign, assign_next, read
from boathouse.workload.settings import WorkloadSettings, configuration_of

# The guide's own example of assignment rules: four queues, and who goes where.
EXAMPLE = [
    {"name": "q1", "user_group": ["admin_group"]},
    {"name": "q2", "query_group": ["QG_B"]},
    {"name": "q3", "user_group": ["analyst*"], "user_group_wild_card": 1, "query_group": ["QG_C?"],
     "query_group_wild_card": 1},
    {"name": "q4", "user_role": ["etl"], "memory_percent_to_use": 40},
    {"name": "rest", "query_concurrency": 10},
]  # fmt: skip


@pytest.mark.parametrize(
    ("claimant", "queue", "after"),
    [
        (Claimant(), "rest", None),
        (Claimant(superuser=True, query_group="superuser"), "Service class for super user", None),
        (Claimant(superuser=False, query_group="superuser"), "rest", None),
        (Claimant(user_groups=frozenset({"admin_group"}), query_group="QG_B"), "q1", "q2"),
        (Claimant(query_group="qg_b", user_groups=frozenset({"ANALYSTS"})), "q2", "q3"),
        (Claimant(query_group="QG_C1"), "q3", None),
        (Claimant(query_group="QG_C12"), "rest", None),
        (Claimant(query_group="QG_C?", user_roles=frozenset({"ETL"})), "q3", "q4"),
        (Claimant(user_roles=frozenset({"etl"})), "q4", None),
    ],
)
def test_a_statement_goes_to_the_first_queue_that_is_for_it_and_hops_to_the_next(
    claimant: Claimant, queue: str, after: str | None
) -> None:
    configuration = read(json.dumps(EXAMPLE))
    found = assign(configuration, claimant)
    following = assign_next(configuration, claimant, found)
    assert (found.name, following and following.name) == (queue, after)


def test_memory_is_shared_as_asked_and_the_rest_in_equal_parts() -> None:
    configuration = read(json.dumps(EXAMPLE))
    assert [one.memory_percent for one in configuration.queues] == [15, 15, 15, 40, 15]
    assert configuration.queues[3].slot_share == pytest.approx(0.08)
    assert read('{"query_concurrency": 5}').default.slots == 5
    assert read('[{"memory_percent_to_use": 80}, {"short_query_queue": false}]').unallocated_percent == 20


def _one(**given: Any) -> list[dict[str, Any]]:
    return [{"query_group": ["a"], **given}, {}]


def _ruled(**given: Any) -> list[dict[str, Any]]:
    predicate = [{"metric_name": "query_execution_time", "operator": ">", "value": 5}]
    return _one(rules=[{"rule_name": "r", "action": "log", "predicate": predicate, **given}])


def _measured(metric: str, operator: str, value: object) -> list[dict[str, Any]]:
    return _ruled(predicate=[{"metric_name": metric, "operator": operator, "value": value}])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("nothing", "not JSON"),
        ([1], "list of queues"),
        (_one(query_concurency=5), "query_concurency"),
        (_one(query_concurrency=0), "query_concurrency"),
        (_one(query_concurrency=True), "query_concurrency"),
        (_one(query_concurrency=46), "adds up to 51"),
        ([{"query_group": [str(place)]} for place in range(8)] + [{}], "9 queues"),
        (_one(memory_percent_to_use=100), "leaves nothing"),
        (_one(memory_percent_to_use=0), "memory_percent_to_use"),
        (_one(max_execution_time=-1), "max_execution_time"),
        (_one(query_group=["a", 1]), "query_group"),
        (_one(query_group_wild_card=2), "query_group_wild_card"),
        ([{}, {}], "would never be used"),
        ([{"query_group": ["a"]}], "default queue"),
        (_one(name="default queue"), 'two queues have the name "default queue"'),
        (_one(name="service class for SUPER user"), "two queues"),
        (_ruled(rule_name="not a name"), "rule_name"),
        (_ruled(action="kill"), "action"),
        (_ruled(predicate=[]), "predicate"),
        (_ruled(extra=1), "extra"),
        (_measured("query_time", ">", 1), "query_time"),
        (_measured("query_execution_time", ">=", 1), "operator"),
        (_measured("query_execution_time", ">", 86_400), "86399"),
        (_measured("query_execution_time", ">", "1"), "query_execution_time"),
        (_one(concurrency_scaling="on"), "concurrency_scaling must be auto or off"),
        ([*_ruled()[:1], {"rules": _ruled()[0]["rules"]}], 'two rules have the name "r"'),
    ],
)  # fmt: skip
def test_a_mistake_is_named(given: object, named: str) -> None:
    with pytest.raises(InvalidParameterValue) as caught:
        read(given if isinstance(given, str) else json.dumps(given))
    assert named in caught.value.message and caught.value.message.startswith("wlm_json_configuration")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([{"auto_wlm": True}], "automatic workload management"),
        ([{"queue_type": "auto"}], "automatic workload management"),
        ([{"short_query_queue": True}], "short query acceleration"),
        (_one(priority="high"), "priority"),
        (_ruled(action="change_query_priority", value="high"), "change_query_priority"),
        (_measured("query_cpu_time", ">", 10), "query_cpu_time"),
        (_measured("nested_loop_join_row_count", ">", 10), "nested_loop_join_row_count"),
    ],
)
def test_what_redshift_has_and_this_house_has_not_is_refused_by_name(given: object, named: str) -> None:
    with pytest.raises(FeatureNotSupported) as caught:
        read(json.dumps(given))
    assert named in caught.value.message


def test_a_statement_that_waits_does_not_hop() -> None:
    with pytest.raises(InvalidParameterValue, match="does not hop"):
        read(json.dumps(_one(rules=[{"rule_name": "r", "action": "hop", "predicate": [
            {"metric_name": "query_queue_time", "operator": ">", "value": 5}]}])))  # fmt: skip


def test_the_setting_is_text_or_a_file_of_the_home(tmp_path: Path) -> None:
    (tmp_path / "queues.json").write_text('[{"query_concurrency": 7}]')
    assert configuration_of(WorkloadSettings("queues.json"), tmp_path, 500).default.slots == 7
    assert configuration_of(WorkloadSettings(' {"query_concurrency": 8}'), tmp_path, 500).default.slots == 8
    unset = configuration_of(WorkloadSettings(), tmp_path, 500)
    assert (unset.default.slots, unset.divides_memory) == (500, False)
    with pytest.raises(InvalidParameterValue, match="cannot be read"):
        configuration_of(WorkloadSettings("missing.json"), tmp_path, 500)
