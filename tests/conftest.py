"""The order in which modules begin: the longest first, so that no worker is left alone with one of them at the end.

Received from pytest: the tests as collected. pytest-xdist hands the modules out in this order (`--no-loadscope-reorder`), and
each stays whole. Without workers the order means nothing: no test depends on it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

SECONDS = {
    "clients/test_dbt.py": 180,
    "rooms/capture/test_instances.py": 160,
    "statements/test_statements.py": 150,
    "statements/test_on_a_lake.py": 80,
    "rooms/capture/test_capture.py": 80,
    "rooms/lake/test_copy_memory.py": 70,
    "rooms/lake/test_copy_jobs.py": 70,
    "suites/test_tpc.py": 60,
    "rooms/app/test_storage_moves.py": 60,
    "rooms/capture/test_dumps.py": 50,
    "clients/test_psql_catalog.py": 40,
    "rooms/lake/test_s3_endpoints.py": 40,
    "rooms/lake/test_second_s3.py": 40,
    "architecture/test_benchmarks.py": 40,
    "rooms/lake/test_unload_kill.py": 40,
    "rooms/capture/test_failover.py": 40,
    "clients/test_serve.py": 40,
    "suites/test_shared_lake.py": 40,
    "rooms/lake/test_lake_kill.py": 30,
    "rooms/engines/test_snapshots.py": 30,
    "rooms/capture/test_kill.py": 30,
    "architecture/test_examples.py": 30,
    "simulation/test_history_kill.py": 30,
    "simulation/test_kill.py": 30,
    "rooms/lake/test_lake_keys.py": 30,
    "statements/test_formats_by_postgres.py": 30,
    "rooms/lake/test_copy_billing.py": 20,
    "rooms/lake/test_copy_kill.py": 20,
    "rooms/lake/test_copy_agreement.py": 20,
    "rooms/capture/test_outputs_on_s3.py": 20,
    "rooms/sql/test_front_end_fuzz.py": 20,
}
"""About how long a module takes on a busy machine, where that is much for the number of its tests."""

_HERE = Path(__file__).parent
_SECONDS_OF_OTHERS = 0.2
"""For each test of a module that is not named."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; within one the order stays."""
    missing = [name for name in SECONDS if not (_HERE / name).exists()]
    assert not missing, f"tests/conftest.py names modules that are no more: {missing}"
    tests = Counter(item.path for item in items)
    seconds = {
        path: SECONDS.get(path.relative_to(_HERE).as_posix(), _SECONDS_OF_OTHERS * count)
        for path, count in tests.items()
        if path.is_relative_to(_HERE)
    }
    items.sort(key=lambda item: (-seconds.get(item.path, 0), item.path))
