"""A house with a real PostgreSQL behind it: the same database reached directly and through the door."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.clients.conftest import PASSWORD, USER, Running, running
from tests.clients.raw_client import RawClient
from tests.clients.upstream import postgres_behind as behind
from tests.clients.upstream.middle import Middle
from tests.clients.upstream.postgres_behind import PostgresBehind

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

NAME = "crm"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresBehind]:
    made = PostgresBehind()
    yield made
    made.close()


def section(name: str, port: int, uri: str = "127.0.0.1", secret: str = "shop", **more: object) -> str:
    """A section of `boathouse.toml`."""
    lines = {"uri": uri, "port": port, "database": behind.DATABASE, "secret": secret, **more}
    return f"\n[databases.{name}]\n" + "".join(f"{key} = {value!r}\n" for key, value in lines.items())


def make_home(home: Path, *sections: str) -> None:
    """A home with databases behind it."""
    initialise(home, "dev", PASSWORD)
    with (home / "boathouse.toml").open("a", encoding="utf-8") as config:
        config.write("".join(sections))
    secrets = home / "secrets.toml"
    users = {"shop": behind.ACCOUNT, "md5": "md5er", "clear": "plain"}
    text = "".join(f'[{name}]\nusername = "{user}"\npassword = "{behind.PASSWORD}"\n' for name, user in users.items())
    secrets.write_text(text + '[wrong]\nusername = "teller"\npassword = "Not-the-password-1"\n')
    secrets.chmod(0o600)


@pytest.fixture(scope="session")
def middle(postgres: PostgresBehind) -> Iterator[Middle]:
    """The wire to the database `fragile`."""
    made = Middle(postgres.port)
    yield made
    made.close()


@pytest.fixture(scope="session")
def door(postgres: PostgresBehind, middle: Middle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server of a house with databases behind it."""
    home = tmp_path_factory.mktemp("upstream") / "h"
    port = postgres.port
    make_home(
        home,
        section(NAME, port, ssl="disable"),
        section("local", port, uri=postgres.folder),
        section("md5", port, secret="md5"),
        section("clear", port, secret="clear", ssl="disable"),
        section("wrong", port, secret="wrong"),
        section("absent", 1, connect_seconds_max=2.0),
        section("strange", port, ssl="verify-full"),
        section("few", port, connections_max=1),
        section("fragile", middle.port, cancel_seconds_max=1.0, connect_seconds_max=3.0),
    )
    house = open_house(home)
    try:
        with running(house) as found:
            yield found
    finally:
        house.close()


def until(found: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


def through(door: Running, database: str = NAME, user: str = USER, **parameters: str) -> RawClient:
    """A raw client at the door, logged in."""
    client = RawClient(door.port)
    client.log_in(user, PASSWORD, database, **parameters)
    return client
