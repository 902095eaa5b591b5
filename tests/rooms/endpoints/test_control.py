"""Captures are steered over HTTP by whom SQL lets, and by nobody else."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.lake.copy_house import CopyHouse

from boathouse.app.home import create_home
from boathouse.endpoints.http.control import ControlServer, OfHouse
from boathouse.endpoints.postgres.certificate import ensure_certificate, load_tls

WORD = "Harbour-9-lights"


class Controlled:
    """A house with an integration that does not run, and a client of its control port."""

    def __init__(self, home: Path) -> None:
        create_home(home, "dev")
        secrets = home / "secrets.toml"
        secrets.write_text('[shop]\nhost = "/nowhere"\n[http_control]\nuser = "boss"\ntoken = "t0ken"\n')
        secrets.chmod(0o600)
        self.house = CopyHouse.__new__(CopyHouse)
        self.house.reopen(home)
        self.house.run(
            f"CREATE USER boss PASSWORD '{WORD}' CREATEUSER; CREATE USER clerk PASSWORD '{WORD}'; "
            f"CREATE USER old PASSWORD 'md5{'0' * 32}'"
        )
        self.house.run("CREATE INTEGRATION shop FROM POSTGRES SECRET 'shop'")
        engine = self.house.open.service.house.engine.session()
        engine.execute(
            "INSERT INTO boathouse.capture_tables (id, schema_name, table_name) "
            "SELECT id, 'public', 'Orders' FROM boathouse.capture_integrations"
        )
        engine.close()
        service = self.house.open.service
        self.context = ssl.create_default_context(cafile=str(ensure_certificate(home)[0]))
        self.context.check_hostname = False
        tls = load_tls(*ensure_certificate(home)).context
        tls.set_alpn_protocols(["http/1.1"])
        self.server = ControlServer("127.0.0.1", 0, OfHouse(service, "dev"), tls, service.house.secrets["http_control"])
        self.server.start()

    def close(self) -> None:
        self.server.stop()
        self.house.close()

    def ask(self, method: str, path: str, body: Any = None, who: str = f"boss:{WORD}") -> tuple[int, Any]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.server.port, timeout=60, context=self.context)
        token = f"Basic {base64.b64encode(who.encode()).decode()}" if ":" in who else f"Bearer {who}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {"Authorization": token} if who else {})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        return answer.status, found

    def requests(self) -> list[tuple[Any, ...]]:
        engine = self.house.open.service.house.engine.session()
        try:
            return engine.fetch(
                "SELECT action, table_name, keys, chunk_rows, pause_seconds FROM boathouse.capture_requests ORDER BY number"
            )
        finally:
            engine.close()


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controlled]:
    made = Controlled(tmp_path_factory.mktemp("control") / "home")
    yield made
    made.close()


def test_what_is_asked_is_done_as_by_sql(control: Controlled) -> None:
    assert control.ask("POST", "/capture/shop/pause") == (200, {"done": True})
    assert control.ask("GET", "/capture/shop")[1]["state"].strip() == "PausedState"
    assert control.ask("POST", "/capture/shop/resume", who="t0ken")[0] == 200
    assert control.ask("GET", "/capture/shop/schemas") == (200, {"schemas": []})
    assert control.ask("GET", "/capture/shop/schemas/public.Orders")[0] == 404
    status, listed = control.ask("GET", "/capture")
    assert status == 200 and [one["integration_id"].strip() for one in listed["integrations"]] == ["shop"]
    for path, body in [
        ("dump", {}), ("dump", {"table": "public.Orders"}), ("dump", {"table": "public.Orders", "keys": [1, ["a'b"]]}),
        ("dump/pause", {}), ("dump/resume", {"table": "public.Orders"}), ("dump/stop", {}), ("pace", {"chunk_rows": 7}),
        ("pace", {"chunk_rows": 8, "chunk_pause_seconds": 0.25}),
    ]:  # fmt: skip
        assert control.ask("POST", f"/capture/shop/{path}", body) == (200, {"done": True}), path
    assert control.requests() == [
        ("dump", None, None, None, None), ("dump", "Orders", None, None, None),
        ("dump", "Orders", '[["1"], ["a\'b"]]', None, None), ("pause_dump", None, None, None, None),
        ("resume_dump", "Orders", None, None, None), ("stop_dump", None, None, None, None), ("set", None, None, 7, None),
        ("set", None, None, 8, 0.25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "who", ["", "boss:wrong", "nobody:wrong", "t0ke", "boss:", f"BOSS {WORD}", f"old:{WORD}", "boss"]
)
def test_nobody_comes_in_without_proving_who_it_is(control: Controlled, who: str) -> None:
    status, told = control.ask("GET", "/capture", who=who)
    assert status == 401 and told["error"] == "user and password, or the token, are not right"


def test_others_may_do_no_more_than_by_sql(control: Controlled) -> None:
    before = len(control.requests())
    assert control.ask("POST", "/capture/shop/dump", {}, who=f"clerk:{WORD}")[0] == 403
    assert control.ask("POST", "/capture/shop/pause", who=f"clerk:{WORD}")[0] == 403
    assert control.ask("GET", "/capture", who=f"clerk:{WORD}")[1].get("integrations", []) == []
    assert len(control.requests()) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/capture/none/pause", {}, 404), ("GET", "/capture/none", None, 404), ("GET", "/", None, 404),
        ("POST", "/capture/shop/drop", {}, 404), ("GET", "/capture/shop/dump", None, 404),
        ("POST", "/capture/shop/dump", {"table": "public.none"}, 404), ("POST", "/capture/shop/dump", {"table": "x"}, 400),
        ("POST", "/capture/shop/dump", {"keys": [1]}, 400), ("POST", "/capture/shop/dump", {"tables": "x"}, 400),
        ("POST", "/capture/shop/dump", {"table": "public.Orders", "keys": [None]}, 400),
        ("POST", "/capture/shop/pace", {}, 400), ("POST", "/capture/shop/pace", {"chunk_rows": "many"}, 400),
        ("POST", "/capture/shop/pace", {"chunk_rows": 0}, 400), ("POST", "/capture/shop/pause", b"[1", 400),
        ("POST", "/capture/shop%22%20PAUSE;/pause", {}, 404),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why(control: Controlled, method: str, path: str, body: Any, status: int) -> None:
    before = control.requests()
    found, told = control.ask(method, path, body)
    assert (found, control.requests()) == (status, before) and told["error"]


def test_a_client_that_stalls_holds_up_nobody(control: Controlled) -> None:
    with socket.create_connection(("127.0.0.1", control.server.port)):  # says nothing
        assert control.ask("GET", "/capture")[0] == 200
