"""The public suites of states and elections over each that there is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.capture.conftest import postgres, postgres_server
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.zookeepers import WHY_NOT, ZooKeeperUnderTest

from boathouse.capture.elections.election import Election
from boathouse.capture.states.state import StateSession
from boathouse.testing import ElectionSuite, StateSuite

__all__ = ["postgres", "postgres_server"]
KINDS = ["sqlite", "postgres", "zookeeper"]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def zookeeper() -> Iterator[ZooKeeperUnderTest]:
    if WHY_NOT:
        pytest.skip(WHY_NOT)
    server = ZooKeeperUnderTest()
    yield server
    server.close()


@pytest.fixture(params=KINDS)
def given(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """Opens a store that is empty."""
    if request.param == "sqlite":
        return {"kind": "sqlite", "path": str(tmp_path / "state.db")}
    if request.param == "postgres":
        database: PostgresUnderTest = request.getfixturevalue("postgres")
        return {"kind": "postgres", "secret": "state", **database.secret}
    server: ZooKeeperUnderTest = request.getfixturevalue("zookeeper")
    return {"kind": "zookeeper", "servers": server.folder(f"test{next(_numbers)}")}


def entry(group: str, given: Mapping[str, str]) -> Any:
    (found,) = entry_points(group=f"boathouse.capture.{group}", name=given["kind"])
    return found.load()


class TestStates(StateSuite):
    @pytest.fixture
    def open_session(self, given: Mapping[str, str]) -> Iterator[Callable[[], StateSession]]:
        made: list[StateSession] = []

        def open_() -> StateSession:
            made.append(entry("states", given)("shop", given))
            return made[-1]

        yield open_
        for session in made:
            session.close()


class TestElections(ElectionSuite):
    @pytest.fixture
    def open_election(self, given: Mapping[str, str]) -> Iterator[Callable[[str], Election]]:
        made: list[Election] = []

        def open_(name: str) -> Election:
            made.append(entry("elections", given)(name, given, self.lease_seconds))
            return made[-1]

        yield open_
        for election in made:
            election.close()


def test_all_that_are_registered_are_here() -> None:
    for group in ("states", "elections"):
        assert sorted(one.name for one in entry_points(group=f"boathouse.capture.{group}")) == sorted(KINDS)
