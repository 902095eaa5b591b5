"""One served home for the tests that do not kill their server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.simulation.server_process import ServerProcess, make_home, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(make_home(tmp_path_factory.mktemp("simulation") / "home")) as found:
        yield found
