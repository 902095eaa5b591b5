"""A running house for each module of client tests: a fresh home, the real service, the real server on a free port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.clients.raw_client import RawClient

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.endpoints.postgres.server import PostgresServer
from boathouse.endpoints.postgres.settings import PostgresSettings

USER, PASSWORD, DATABASE = "admin", "Correct-Horse-9", "dev"


@dataclass
class Running:
    """A server with what a client needs to reach it."""

    server: PostgresServer
    house: OpenHouse
    home: Path

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def certificate(self) -> Path:
        return self.home / "server.crt"

    @property
    def keywords(self) -> dict[str, Any]:
        """Connection keywords as libpq names them."""
        return {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD, "dbname": DATABASE}

    def raw(self, **parameters: str) -> RawClient:
        """A raw client, logged in."""
        client = RawClient(self.port)
        client.log_in(USER, PASSWORD, DATABASE, **parameters)
        return client

    def sessions(self) -> int:
        return len(self.house.service.sessions())


@contextmanager
def running(house: OpenHouse, **settings: Any) -> Iterator[Running]:
    """Another server on the same open house, with settings of its own."""
    server = PostgresServer(house.service, PostgresSettings(**settings), "127.0.0.1", 0, house.home)
    server.start()
    try:
        yield Running(server, house, house.home)
    finally:
        server.stop(0)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("home") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(house: OpenHouse) -> Iterator[Running]:
    with running(house) as found:
        yield found


@pytest.fixture
def client(server: Running) -> Iterator[RawClient]:
    with server.raw() as found:
        yield found


@pytest.fixture
def environment() -> dict[str, str]:
    """For client programs: the password, no configuration of the user's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return clean | {"PGPASSWORD": PASSWORD, "PGPASSFILE": "/dev/null", "PSQLRC": "/dev/null", "LC_ALL": "C.UTF-8"}


def table(client: RawClient, name: str, *rows: str) -> str:
    """A fresh table (id integer, name varchar) with these VALUES rows; returns its name."""
    client.query(f"DROP TABLE IF EXISTS {name}")
    answers = client.query(f"CREATE TABLE {name} (id integer, name varchar(64))")
    assert not [answer for answer in answers if answer.kind == b"E"], answers
    if rows:
        client.query(f"INSERT INTO {name} VALUES {', '.join(rows)}")
    return name
