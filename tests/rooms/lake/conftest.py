"""What several modules of the lake's tests stand on: an S3 endpoint, and a session with an external schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from tests.rooms.lake.whole_house import Client


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An endpoint of AWS on this machine; its store is one for all modules of a process."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    """A session of the module's own house; its external schema is `lk`."""
    made = Client(house)
    made.run(
        "CREATE EXTERNAL SCHEMA IF NOT EXISTS lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
    )
    yield made
    made.close()
