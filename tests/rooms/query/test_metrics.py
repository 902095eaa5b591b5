"""What Prometheus is told of a house."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.rooms.query.test_session_races import run

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import BoathouseError


def told(house: OpenHouse) -> dict[tuple[str, ...], float]:
    text = house.service.metrics.render().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_statements_errors_rows_and_sessions_are_counted(tmp_path: Path) -> None:
    initialise(tmp_path / "h", "dev", "Correct-Horse-9")
    house = open_house(tmp_path / "h")
    user = house.service.user("admin")
    assert user is not None
    session = house.service.open(user, "dev", {}, b"1234", lambda _: None, lambda *_: None)
    run(session, "CREATE TABLE counted (n INTEGER)")
    run(session, "INSERT INTO counted VALUES (1), (2), (3)")
    run(session, "SELECT n FROM counted")
    with pytest.raises(BoathouseError):
        run(session, "SELECT secret_name FROM counted")
    found = told(house)
    assert found["boathouse_statements_total", "query", "ok"] == 2
    assert found["boathouse_statements_total", "ddl", "ok"] == 1
    assert found["boathouse_statements_total", "query", "failed"] == 1
    assert found["boathouse_errors_total", "42703"] == 1
    assert found["boathouse_rows_total",] == 6
    assert found["boathouse_sessions",] == 1
    assert found["boathouse_statements_running",] == 0
    assert found["boathouse_statement_seconds_count", "query"] == 3
    assert found["boathouse_engine_memory_bytes",] > 0
    assert found["process_resident_memory_bytes",] > 0
    assert b"secret" not in house.service.metrics.render() and b"counted" not in house.service.metrics.render()
    session.close()
    assert told(house)["boathouse_sessions",] == 0
    house.close()
