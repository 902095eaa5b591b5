"""A capture without a warehouse is asked and steered as one with: by the command line, over HTTP, whatever its outputs do."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.instances import Running, instance_home
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import replayed, told
from tests.rooms.capture.test_instances import changes, until
from tests.rooms.capture.workload import MAKE

from boathouse.app.cli import main


class Steered:
    """A running instance with a file output, a receiver that is parked and one that is dropped when they fail."""

    def __init__(self, folder: Path, postgres: PostgresUnderTest) -> None:
        self.parked, self.dropped, self.place = Receiver(), Receiver(), folder / "changes"
        self.place.mkdir()
        state = f'tables = ["public.t"]\n[state]\nkind = "sqlite"\npath = "{folder}/state"'
        self.home = instance_home(
            folder / "home", postgres, self.place, f"{state}\n[http]\nhealth_port = 0\ncontrol_port = 0"
        )
        with (self.home / "shop.toml").open("a") as file:
            for name, to in (("park", self.parked), ("drop", self.dropped)):
                file.write(
                    f'[[output]]\nname = "{name}"\nto = "{to.url}"\non_failure = "{name}"\noptions = {{ retries = 0 }}\n'
                )
        with (self.home / "secrets.toml").open("a") as file:
            file.write('[http_control]\nuser = "boss"\npassword = "w0rd"\ntoken = "t0ken"\n')
        with (self.home / "boathouse.toml").open("a") as file:
            file.write("poll_seconds = 0.1\n")
        self.running = Running("capture", "run", str(self.home), "shop")
        self.running.until("active, epoch")
        self.ports = {
            line.split()[3]: int(line.split()[-1]) for line in list(self.running.lines) if " at port " in line
        }
        self.context = ssl.create_default_context(cafile=str(self.home / "server.crt"))
        self.context.check_hostname = False

    def close(self) -> None:
        self.running.end()
        self.parked.end()
        self.dropped.end()

    def ask(self, method: str, path: str, body: Any = None, who: str = "Bearer t0ken") -> tuple[int, Any]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.ports["control"], timeout=60, context=self.context)
        connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": who})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        return answer.status, found

    def well(self, page: str = "healthz") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['health']}/{page}", timeout=60) as answer:
            return str(answer.read().decode())

    def outputs(self) -> dict[str, str]:
        return {one["output_name"]: one["output_state"] for one in self.ask("GET", "/capture/shop")[1]["outputs"]}


@pytest.fixture
def steered(tmp_path: Path, db: psycopg.Connection[Any], postgres: PostgresUnderTest) -> Iterator[Steered]:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(1, 20) g")
    made = Steered(tmp_path, postgres)
    yield made
    made.close()


def test_it_is_asked_and_steered_as_one_with_a_warehouse(
    steered: Steered, db: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(steered.home)

    def said(*arguments: str) -> str:
        assert main(["capture", arguments[0], home, "shop", *arguments[1:]]) == 0, arguments
        return capsys.readouterr().out

    def rows() -> dict[int, Any]:
        return {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}

    until(lambda: len(replayed(changes(steered.place))) == 20, "nothing is captured")
    # What fails is parked, listed, and sent again; the others go on.
    steered.parked.faults += ["400"] * 1_000
    steered.dropped.faults += ["400"]
    db.execute("UPDATE t SET version = 1")
    until(lambda: replayed(changes(steered.place)) == rows(), "the files wait for the other outputs")
    until(lambda: steered.outputs() == {"lake": "running", "park": "parked", "drop": "dropped"}, "nothing is set aside")
    assert "changes: 20" in said("waiting", "park") and "table: public.t" in said("waiting", "park")
    assert said("waiting", "drop") == ""
    assert "output_state: dropped" in said("status") and "HTTP 400" in said("status")
    measured = steered.well("metrics")
    assert (
        'boathouse_capture_outputs{state="dropped"} 1.0' in measured
        and 'boathouse_captures{state="running"} 1.0' in measured
    )
    assert any("the output drop is dropped" in line for line in steered.running.lines), "the log has no alarm"
    assert main(["capture", "again", home, "shop", "lake"]) == 1
    assert "nothing of it is held back" in capsys.readouterr().err
    assert "are sent again now" in said("again", "park")
    steered.parked.faults.clear()
    until(lambda: replayed(told(steered.parked.new_events())) == rows(), "what was parked does not come")
    assert "begins anew" in said("again", "drop")
    until(lambda: replayed(told(steered.dropped.new_events())) == rows(), "what was dropped does not begin anew")
    until(lambda: set(steered.outputs().values()) == {"running"}, "an output does not run")
    until(lambda: said("waiting", "park") == "", "what was sent again is still held back")
    # The whole capture waits, and goes on; so do its dumps.
    assert steered.ask("POST", "/capture/shop/pause") == (200, {"done": True})
    until(lambda: steered.ask("GET", "/capture")[1]["integrations"][0]["state"] == "PausedState", "it does not wait")
    steered.running.until("paused")
    db.execute("INSERT INTO t VALUES (100, 1, 'new', 'b')")
    assert steered.well() == "ok\n"
    assert 100 not in replayed(changes(steered.place))
    assert steered.ask("POST", "/capture/shop/resume", who=f"Basic {base64.b64encode(b'boss:w0rd').decode()}")[0] == 200
    until(lambda: 100 in replayed(changes(steered.place)), "it does not go on")
    before = steered.ask("GET", "/capture/shop")[1]["dumps"]
    for path, body in (("dump/pause", {}), ("dump", {"table": "public.t"}), ("dump/resume", {})):
        assert steered.ask("POST", f"/capture/shop/{path}", body) == (200, {"done": True})

    def is_dumped() -> bool:
        dumps = steered.ask("GET", "/capture/shop")[1]["dumps"]
        return len(dumps) > len(before) and all(one["ended"] for one in dumps)

    until(is_dumped, "a dump does not end")
    assert steered.ask("POST", "/capture/other/pause")[0] == 404
    assert steered.ask("POST", "/capture/shop/dump", {"table": "public.no"})[0] == 404
    assert steered.ask("GET", "/capture", who="Bearer wrong")[0] == 401
    # The dump of a table whose changes the log may not have told, as one that is asked for, tells of what the source has no more.
    steered.ask("POST", "/capture/shop/pause")
    steered.running.until("paused", steered.running.lines.index("boathouse capture shop: paused") + 1)
    db.execute("ALTER PUBLICATION boathouse_shop DROP TABLE t; DELETE FROM t WHERE id BETWEEN 5 AND 9")
    db.execute("ALTER PUBLICATION boathouse_shop ADD TABLE t; INSERT INTO t VALUES (101, 1, 'new', 'b')")
    steered.ask("POST", "/capture/shop/resume")
    until(lambda: 101 in replayed(changes(steered.place)), "it does not go on")
    until(lambda: replayed(changes(steered.place)) == rows(), "what is gone stays")
    assert steered.ask("POST", "/capture/shop/dump")[0] == 200
    until(lambda: replayed(told(steered.parked.new_events())) == rows(), "what is gone stays elsewhere")
    # Each version of a shape can be had, and what older rows have in a new column is told.
    db.execute("ALTER TABLE t ADD extra numeric(7, 2) DEFAULT 3; UPDATE t SET extra = 1.25 WHERE id = 1")
    until(lambda: len(steered.ask("GET", "/capture/shop/schemas")[1]["schemas"]) == 2, "the new shape is not there")
    until(
        lambda: {row["id"]: str(row.get("extra")) for row in changes(steered.place)}.get(20) == "3.00",
        "older rows are told without what they have in the new column",
    )
    assert "extra" not in steered.ask("GET", "/capture/shop/schemas/public.t/1")[1]["properties"]
    assert "extra" in steered.ask("GET", "/capture/shop/schemas/public.t")[1]["properties"]
    avro = steered.ask("GET", "/capture/shop/schemas/public.t/2/avro")[1]
    assert avro == json.loads(said("schema", "public.t", "--version", "2", "--format", "avro"))
    assert [field["name"] for field in avro["fields"]] == ["id", "version", "note", "big", "extra"]
    assert steered.ask("GET", "/capture/shop/schemas/public.t/3")[0] == 404
    assert steered.ask("GET", "/capture/shop/schemas/public.t/x")[0] == 404
