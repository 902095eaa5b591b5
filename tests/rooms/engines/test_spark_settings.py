"""The engine Spark is opened from settings that fit, and from no others; nothing is started by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.engines.spark.cluster import reach
from boathouse.engines.spark.engine import open_spark
from boathouse.engines.spark.settings import SparkSettings


@pytest.mark.parametrize(
    "master", ["local[2]", "spark://one:7077,two:7077", "sc://host:15002", "sc://host/;use_ssl=true"]
)
def test_masters_that_are_known(master: str, tmp_path: Path) -> None:
    opened = open_spark(tmp_path, SparkSettings(master))
    assert opened is not None
    opened.close()
    assert not [*tmp_path.iterdir()]


def test_a_command_is_an_engine_and_not_run_before_it_is_needed(tmp_path: Path) -> None:
    opened = open_spark(tmp_path, SparkSettings(cluster=("sh", "-c", f": > {tmp_path}/begun")))
    assert opened is not None
    opened.close()
    assert not [*tmp_path.iterdir()]


def test_no_master_is_no_engine(tmp_path: Path) -> None:
    assert open_spark(tmp_path, SparkSettings()) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"master": "yarn"},
        {"master": "sc://host:15002/;token=what-nobody-may-see"},
        {"master": "local[2]", "sessions_max": 0},
        {"master": "local[2]", "executor_seconds": 0.0},
        {"master": "local[2]", "properties": "executor.memory=1g"},
        {"master": "local[2]", "properties": "spark.master=yarn"},
        {"master": "local[2]", "cluster": ("make-one",)},
        {"cluster": ("make-one", "--token=what-nobody-may-see")},
        {"cluster": ("make-one",), "cluster_seconds": 0.0},
    ],
)
def test_settings_that_do_not_fit(settings: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterValue) as failure:
        open_spark(tmp_path, SparkSettings(**settings))
    assert "what-nobody-may-see" not in str(failure.value)


@pytest.mark.parametrize(
    "master", ["spark://127.0.0.1:1", "sc://127.0.0.1:1/;user_id=somebody", "spark://127.0.0.1:1,127.0.0.1:2"]
)
def test_a_master_that_is_not_there_is_named_without_what_follows_its_address(master: str) -> None:
    with pytest.raises(WorkerLost, match=r"://127\.0\.0\.1:1[^;/]* cannot be reached"):
        reach(master)
