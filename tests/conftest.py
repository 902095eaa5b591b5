"""The order in which modules begin: the longest first, so that no worker is left alone with one of them at the end; and what
Hypothesis draws: the same each time, so that a change fails of what it changed. PYTEST_ADDOPTS=--hypothesis-profile=random looks
for what nobody has met yet, and prints how it is met again; no time decides in either.

Received from pytest: the tests as collected. pytest-xdist hands the modules out in this order (`--no-loadscope-reorder`), and
each stays whole. Without workers the order means nothing: no test depends on it.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from boathouse.app.cli import YOUNG_OBJECTS_MAX

settings.register_profile(
    "random",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
settings.register_profile("same", settings.get_profile("random"), derandomize=True)
settings.load_profile("same")

SECONDS = {
    "statements/test_statements.py": 150,
    "suites/test_shared_lake.py": 140,
    "rooms/sql/test_right_answers.py": 80,
    "rooms/app/test_shell.py": 80,
    "clients/test_dbt.py": 70,
    "rooms/lake/test_unload_house.py": 60,
    "rooms/capture/mysql/test_chunks.py": 60,
    "suites/test_shared_lake_moves.py": 50,
    "rooms/capture/test_instances.py": 50,
    "statements/test_as_of.py": 50,
    "architecture/test_examples.py": 50,
    "rooms/capture/test_points.py": 50,
    "rooms/query/test_result_cache.py": 50,
    "rooms/capture/test_on_a_lake.py": 40,
    "rooms/capture/test_partitions.py": 40,
    "suites/test_instances.py": 40,
    "simulation/test_disk_full.py": 40,
    "rooms/lake/test_copy_agreement.py": 40,
    "rooms/capture/test_zookeeper.py": 40,
    "clients/test_serve.py": 40,
    "rooms/capture/test_outputs.py": 40,
    "suites/test_shared_lake_keeping.py": 40,
    "suites/test_tpc.py": 40,
    "rooms/lake/test_copy_s3_faults.py": 40,
    "rooms/app/test_storage_moves.py": 40,
    "rooms/lake/test_copy_billing.py": 40,
    "simulation/test_concurrency.py": 40,
    "rooms/lake/test_copy_memory.py": 40,
    "statements/test_as_of_ways.py": 40,
    "rooms/query/test_plans.py": 40,
    "rooms/endpoints/test_encode_against_postgres.py": 40,
    "rooms/capture/test_kill.py": 30,
    "rooms/lake/test_lake_kill.py": 30,
    "rooms/capture/test_steered.py": 30,
    "rooms/capture/test_clocks.py": 30,
    "architecture/test_benchmarks.py": 30,
    "rooms/capture/test_walk.py": 30,
    "rooms/lake/test_copy_text.py": 30,
    "rooms/capture/test_wanted.py": 30,
    "rooms/lake/test_lake_keys.py": 30,
    "rooms/capture/test_capture.py": 30,
    "rooms/lake/test_second_s3.py": 30,
    "statements/test_on_a_lake.py": 30,
    "rooms/engines/test_snapshots.py": 30,
    "simulation/test_kill.py": 30,
    "statements/test_every_function.py": 30,
    "rooms/query/test_snapshot_schedule.py": 30,
    "rooms/lake/test_copy_jobs.py": 30,
    "simulation/test_history_kill.py": 30,
    "clients/test_bursting_elsewhere.py": 30,
    "rooms/lake/test_unload_kill.py": 30,
    "rooms/engines/test_recovery.py": 30,
    "rooms/lake/test_insert_external.py": 30,
    "rooms/lake/test_copy_loads.py": 30,
    "rooms/sql/test_ddl_to_duckdb.py": 30,
    "simulation/test_procedures_against_postgres.py": 30,
    "simulation/test_rough_clients.py": 30,
    "rooms/lake/test_s3_endpoints.py": 30,
    "rooms/capture/test_failover.py": 30,
    "rooms/engines/test_near_copies.py": 30,
    "rooms/lake/test_copy_formats.py": 30,
    "rooms/wire/test_decode_copy.py": 20,
    "rooms/lake/test_federated_moments.py": 20,
    "rooms/lake/test_copy_kill.py": 20,
    "clients/test_psql_catalog.py": 20,
    "rooms/engines/test_lake_upkeep.py": 20,
    "rooms/capture/test_instances_steered.py": 20,
    "rooms/capture/mysql/test_faults.py": 20,
    "rooms/capture/test_odd_names.py": 20,
    "rooms/sql/test_front_end_fuzz.py": 20,
    "rooms/capture/test_sweep.py": 20,
    "clients/upstream/test_faults.py": 20,
    "rooms/capture/test_instances_kill.py": 20,
    "rooms/capture/test_dumps.py": 20,
    "rooms/guard/test_no_way_round_by_routines.py": 20,
    "simulation/test_memory.py": 20,
    "clients/test_sqlalchemy_reflection.py": 20,
    "clients/test_ibis.py": 20,
    "rooms/capture/mysql/test_source.py": 20,
    "rooms/sql/test_bind_nested.py": 20,
    "clients/test_bursting.py": 20,
    "rooms/lake/test_federated_postgres.py": 20,
    "clients/test_interruption.py": 20,
    "simulation/test_transactions_against_postgres.py": 20,
    "rooms/lake/test_external_records.py": 20,
    "rooms/capture/test_copied.py": 20,
    "rooms/capture/mysql/test_old_state.py": 20,
    "rooms/app/test_demo_data.py": 20,
    "rooms/lake/test_one_file.py": 20,
    "suites/test_storage.py": 20,
    "clients/upstream/test_programs.py": 20,
    "suites/test_sources.py": 20,
    "clients/test_jdbc.py": 20,
    "rooms/capture/test_network.py": 20,
    "rooms/lake/test_federated_derived.py": 20,
    "rooms/capture/test_databases.py": 20,
    "rooms/capture/test_states.py": 20,
    "clients/test_reload.py": 20,
    "rooms/lake/test_external_scans.py": 20,
    "rooms/lake/test_glue.py": 20,
    "rooms/capture/mysql/test_partitions.py": 20,
    "rooms/capture/mysql/test_types.py": 20,
    "statements/test_numbers_by_model.py": 20,
    "rooms/guard/test_tables.py": 20,
    "clients/test_simple_query.py": 20,
    "rooms/sql/test_super_values.py": 20,
    "rooms/app/test_home.py": 20,
    "rooms/sql/test_rewrites.py": 20,
    "rooms/lake/test_federated_mysql.py": 20,
    "clients/upstream/test_bytes.py": 20,
    "rooms/lake/test_unload.py": 20,
    "rooms/wire/test_protocol.py": 20,
    "rooms/engines/test_duck_session.py": 10,
    "rooms/capture/test_history.py": 10,
    "rooms/capture/test_slow_output.py": 10,
    "statements/test_formats_by_postgres.py": 10,
    "rooms/capture/test_watermarks.py": 10,
    "rooms/capture/mysql/test_integration.py": 10,
    "rooms/query/test_materialized.py": 10,
    "rooms/lake/test_lake_house.py": 10,
    "clients/test_asyncpg_modes.py": 10,
    "rooms/capture/test_outputs_on_s3.py": 10,
    "rooms/capture/test_postgres_source.py": 10,
    "suites/test_own_output.py": 10,
    "clients/test_queues.py": 10,
    "rooms/lake/test_logged_tables.py": 10,
    "clients/test_redshift_connector_metadata.py": 10,
    "rooms/engines/test_bursts.py": 10,
    "rooms/capture/test_inserted.py": 10,
    "simulation/test_fuzz_door.py": 10,
    "rooms/engines/test_spatial.py": 10,
    "clients/test_adbc.py": 10,
    "rooms/capture/test_two_at_once.py": 10,
    "clients/test_psycopg.py": 10,
    "clients/test_psycopg_modes.py": 10,
    "clients/test_extended_query.py": 10,
    "clients/test_asyncpg.py": 10,
    "rooms/workload/test_memory.py": 10,
    "rooms/capture/mysql/test_large.py": 10,
    "rooms/capture/test_pgoutput.py": 10,
    "rooms/sql/test_long_sums.py": 10,
    "rooms/sql/test_bind_dml.py": 10,
    "clients/test_users.py": 10,
    "rooms/capture/test_window.py": 10,
    "rooms/capture/mysql/test_decode.py": 10,
    "rooms/endpoints/test_control.py": 10,
    "rooms/sql/test_spark_words.py": 10,
}
"""About how long a module takes on a busy machine, where that is much for the number of its tests."""

ONE_THREAD = (
    "clients", "rooms/endpoints", "rooms/guard", "rooms/query", "rooms/sql", "rooms/wire", "statements",
)  # fmt: skip
"""Where houses have one thread of the engine unless a test says how many: what is tested is who says what to whom, and work in
parallel is the subject of the other folders. A statement's own thread waits for the engine's others by asking again and again,
which takes a fifth of the processor time of many short statements. BOATHOUSE_ENGINE_THREADS says how many all houses have."""

_HERE = Path(__file__).parent
_THREADS = "BOATHOUSE_ENGINE_THREADS"
_THREADS_ARE_GIVEN = _THREADS in os.environ
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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """See `ONE_THREAD`; houses are opened, and servers started, with the environment of the first test that needs them."""
    if _THREADS_ARE_GIVEN:
        return
    if item.path.is_relative_to(_HERE) and item.path.relative_to(_HERE).as_posix().startswith(ONE_THREAD):
        os.environ[_THREADS] = "1"
    else:
        os.environ.pop(_THREADS, None)


def pytest_collection_finish() -> None:
    """Look for garbage as seldom as a server does, and never among the thousands of tests that were collected."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 10)
