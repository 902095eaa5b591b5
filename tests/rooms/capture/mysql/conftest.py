"""One MariaDB for all tests of a worker; each test module uses a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.rooms.capture.mysql.mariadb import MariaDb, mariadb


@pytest.fixture(scope="session")
def maria() -> Iterator[MariaDb]:
    with mariadb() as server:
        yield server
