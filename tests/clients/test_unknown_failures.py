"""A failure that nobody foresaw: the client gets a reference, the log everything else, and the session goes on."""

from __future__ import annotations

import logging

import duckdb
import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import error, tags

from boathouse.engines.duckdb.session import DuckSession

SECRET = "AKIAABCDEFGHIJKLMNOP"


def test_an_unknown_failure_of_the_engine_is_told_by_reference_and_traced_in_the_log(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = DuckSession._run

    def failing(session: DuckSession, sql: str, parameters: object = ()) -> object:
        if "4242" in sql:
            session._connection.execute(sql)
            from boathouse.engines.duckdb.errors import translate

            failure = duckdb.InternalException("INTERNAL Error: nobody has thought of this")
            raise translate(failure) from failure
        return run(session, sql, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(DuckSession, "_run", failing)
    with server.raw() as client, caplog.at_level(logging.ERROR):
        told = error(client.query(f"SELECT 4242, '{SECRET}' AS access_key_id"))
        assert told["C"] == "XX000"
        assert told["M"] == "internal error in the query engine"
        reference = told["D"].removeprefix("Reference: ")
        assert len(reference) == 8
        assert tags(client.query("SELECT 1")) == ["SELECT 1"]
    assert f"internal error, reference {reference}" in caplog.text
    assert "Traceback" in caplog.text
    assert SECRET not in caplog.text
