"""The health page: one path, two answers."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from boathouse.endpoints.http.health import HealthServer


@pytest.fixture
def health() -> Iterator[tuple[HealthServer, list[bool]]]:
    state = [True]
    server = HealthServer("127.0.0.1", 0, lambda: state[0])
    server.start()
    yield server, state
    server.stop()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_a_healthy_house_answers_200(health: tuple[HealthServer, list[bool]]) -> None:
    assert ask(health[0].port, "/healthz") == (200, b"ok\n")
    assert ask(health[0].port, "/healthz?from=balancer") == (200, b"ok\n")
    assert ask(health[0].port, "/healthz", "HEAD") == (200, b"")


def test_a_stopping_house_answers_503(health: tuple[HealthServer, list[bool]]) -> None:
    health[1][0] = False
    assert ask(health[0].port, "/healthz") == (503, b"stopping\n")


def test_there_is_nothing_else(health: tuple[HealthServer, list[bool]]) -> None:
    assert ask(health[0].port, "/")[0] == 404
    assert ask(health[0].port, "/healthz", "POST")[0] == 501


def test_metrics_are_what_the_house_says_and_503_where_it_cannot() -> None:
    asked = []

    def metrics() -> bytes:
        asked.append(1)
        if len(asked) > 1:
            raise OSError("the house has closed")
        return b"boathouse_sessions 2.0\n"

    server = HealthServer("127.0.0.1", 0, lambda: True, metrics)
    server.start()
    try:
        assert ask(server.port, "/metrics") == (200, b"boathouse_sessions 2.0\n")
        assert ask(server.port, "/metrics") == (503, b"not now\n")
    finally:
        server.stop()


def test_it_stops_twice_and_its_port_is_free_again() -> None:
    server = HealthServer("127.0.0.1", 0, lambda: True)
    port = server.start()
    server.stop()
    server.stop()
    again = HealthServer("127.0.0.1", port, lambda: True)
    again.start()
    assert ask(port, "/healthz")[0] == 200
    again.stop()
