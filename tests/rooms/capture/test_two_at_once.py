"""Two that capture the same by mistake: one goes on, the other says why it does not, and nothing is lost or written twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.workload import MAKE

from boathouse.app.background import BackgroundWork
from boathouse.capture import catalog
from boathouse.capture.output import Progress
from boathouse.capture.outputs.warehouse import WarehouseOutput
from boathouse.capture.postgres.source import PostgresSource
from boathouse.contracts.source_errors import Fenced, SourceUnavailable


def test_a_slot_has_one_reader(db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, 'a', NULL)")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.until(
        lambda: db.execute("SELECT count(*) FROM pg_replication_slots WHERE active").fetchone() == (1,), "not active"
    )
    ((slot, position),) = house.own(
        "SELECT slot, position FROM boathouse.capture_integrations JOIN boathouse.capture_progress USING (id)"
    )
    other = PostgresSource(str(slot), postgres.secret, [("public", "t")])
    try:
        with pytest.raises(SourceUnavailable, match="active"):
            next(iter(other.stream(other.position(str(position)))))
    finally:
        other.close()
    db.execute("INSERT INTO t VALUES (2, 1, 'b', NULL)")
    house.until_equal(db)
    assert house.state()[0] == "running"


def test_a_writer_of_the_warehouse_that_was_overtaken_commits_nothing(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, 'a', NULL)")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.end()
    engine = house.open.service.house.engine.session()
    (integration,) = catalog.integrations(engine, "shop")
    engine.close()
    run_as = BackgroundWork(house.open).run_as
    late, next_one = (WarehouseOutput(house.open.service.house, run_as, integration) for _ in range(2))
    progress = late.open()
    assert progress is not None and next_one.open() is not None

    def delete(writer: Any) -> Progress:
        writer.truncate(("public", "t"))
        return Progress(progress.position)

    with pytest.raises(Fenced):
        late.transact(delete)
    assert house.run("SELECT id FROM shop.t") == [(1,)]
    next_one.transact(delete)
    assert house.run("SELECT id FROM shop.t") == []
