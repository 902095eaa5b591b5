"""Session parameters: SET, RESET, SHOW, and what transactions do to them."""

from __future__ import annotations

import pytest

from boathouse.contracts import errors
from boathouse.query.parameters import SessionParameters, schemas_of


@pytest.fixture
def reports() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def parameters(reports: list[tuple[str, str]]) -> SessionParameters:
    return SessionParameters("admin", True, lambda name, value: reports.append((name, value)))


def test_a_changed_reported_parameter_is_reported_once(
    parameters: SessionParameters, reports: list[tuple[str, str]]
) -> None:
    parameters.set("application_name", "nightly")
    parameters.set("application_name", "nightly")
    parameters.set("query_group", "etl")
    assert reports == [("application_name", "nightly")]


def test_rollback_undoes_set_and_reports_it(parameters: SessionParameters, reports: list[tuple[str, str]]) -> None:
    parameters.begin()
    parameters.set("timezone", "Europe/Paris")
    parameters.end(committed=False)
    assert parameters.get("TimeZone") == "UTC"
    assert reports == [("TimeZone", "Europe/Paris"), ("TimeZone", "UTC")]


def test_set_local_ends_with_the_transaction(parameters: SessionParameters) -> None:
    parameters.begin()
    parameters.set("statement_timeout", "5s", local=True)
    assert parameters.get("statement_timeout") == "5000"
    parameters.end(committed=True)
    assert parameters.get("statement_timeout") == "0"


def test_reset_goes_back_to_the_start_up_packet(parameters: SessionParameters) -> None:
    parameters.start_with("query_group", "dashboard")
    parameters.set("query_group", "etl")
    parameters.set("query_group", None)
    assert parameters.get("query_group") == "dashboard"


def test_start_up_parameters_that_nobody_knows_are_kept(parameters: SessionParameters) -> None:
    parameters.start_with("driver_version", "Redshift Python Driver 2.2.0")
    assert parameters.get("driver_version") == "Redshift Python Driver 2.2.0"


@pytest.mark.parametrize(
    ("name", "value", "sqlstate"),
    [
        ("no_such_thing", "1", "42704"),
        ("server_version", "15", "55P02"),
        ("client_encoding", "LATIN1", "0A000"),
        ("datestyle", "German", "0A000"),
        ("statement_timeout", "soon", "22023"),
        ("enable_result_cache_for_session", "perhaps", "22023"),
    ],
)
def test_bad_settings_are_refused_by_name(parameters: SessionParameters, name: str, value: str, sqlstate: str) -> None:
    with pytest.raises(errors.BoathouseError) as caught:
        parameters.set(name, value)
    assert caught.value.sqlstate == sqlstate
    assert name.lower() in str(caught.value).lower()


@pytest.mark.parametrize("value", ["UTF8", "utf-8", "'utf-8'", "unicode"])
def test_the_ways_that_drivers_spell_utf8_are_accepted(parameters: SessionParameters, value: str) -> None:
    parameters.set("client_encoding", value)
    assert parameters.get("client_encoding") == "UTF8"


def test_custom_parameters_need_a_dot(parameters: SessionParameters) -> None:
    parameters.set("app.tenant", "7")
    assert parameters.get("app.tenant") == "7"


@pytest.mark.parametrize(
    ("search_path", "schemas"),
    [
        ('"$user", public', ["admin", "public"]),
        ('a, B , "C d"', ["a", "b", "C d"]),
        ("'quoted', public", ["quoted", "public"]),
        ("", []),
    ],
)
def test_search_path_is_a_list_of_names(search_path: str, schemas: list[str]) -> None:
    assert schemas_of(search_path, "admin") == schemas
