"""One house and one server for all scripts of a worker, a connection with a schema of its own for each script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.clients.raw_client import RawClient

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

_schemas = count(1)


@pytest.fixture(scope="session")
def statements_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("statements") / "h"


@pytest.fixture(scope="session")
def statements_server(statements_home: Path) -> Iterator[Running]:
    home = statements_home
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home)
    with running(house) as server:
        yield server
    house.close()


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
