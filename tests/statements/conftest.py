"""One house and one server for all scripts of a worker, a connection with a schema of its own for each script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.clients.raw_client import RawClient

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise
from boathouse.workload.configuration import assign
from boathouse.workload.settings import WorkloadSettings
from boathouse.workload.tickets import Ticket
from boathouse.workload.workload import Workload

_schemas = count(1)


@pytest.fixture(scope="session")
def statements_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("statements") / "h"


@pytest.fixture(scope="session")
def statements_server(statements_home: Path) -> Iterator[Running]:
    home = statements_home
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home)
    if os.environ.get("BOATHOUSE_BURST"):
        burst_all(house.service.workload)
    with running(house) as server:
        yield server
    house.close()


def burst_all(workload: Workload) -> None:
    """By hand: every query that may run beside the house does, whatever is free, and must answer as it does here."""
    workload.configure(
        WorkloadSettings('[{"concurrency_scaling": "auto", "query_concurrency": 50}]', 1, "1GB", 1, 600.0)
    )
    queues, enter = workload._queues, workload._queues.enter

    def burst(ticket: Ticket, now: float) -> None:
        if not ticket.may_burst:
            enter(ticket, now)
            return
        line = queues.lines[assign(queues.configuration, ticket.claimant).name]
        queues._append(ticket, line, now)
        queues.burst(now)
        queues._fill(line, now)

    queues._at_hand = lambda tickets: [True] * len(tickets)
    queues.enter = burst  # type: ignore[method-assign]


@pytest.fixture
def in_own_schema(statements_server: Running) -> Iterator[RawClient]:
    schema = f"script_{next(_schemas)}"
    with statements_server.raw() as client:
        client.query(f"CREATE SCHEMA {schema}")
        client.query(f"SET search_path TO {schema}")
        yield client
        client.query("ROLLBACK")
        client.query("RESET ALL")
        client.query(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("lake") / "h"
    initialise(home, DATABASE, PASSWORD, "ducklake")
    house = open_house(home)
    if os.environ.get("BOATHOUSE_BURST"):
        burst_all(house.service.workload)
    with running(house) as server:
        yield server
    house.close()
