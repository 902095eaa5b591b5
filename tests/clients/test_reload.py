"""SIGHUP: the server takes other queues without a restart, and keeps its own where the new ones are not good."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.clients.conftest import DATABASE, PASSWORD
from tests.clients.raw_client import RawClient, error, rows
from tests.clients.test_interruption import wait_until
from tests.clients.test_serve import serving

from boathouse.app.initialise import initialise

FIRST = json.dumps([{"name": "reports", "query_group": ["report"], "query_concurrency": 2}, {"query_concurrency": 7}])
SECOND = json.dumps([{"name": "loads", "query_group": ["load"], "query_concurrency": 3}, {"query_concurrency": 4}])
QUEUES = "SELECT trim(name), num_query_tasks FROM stv_wlm_service_class_config WHERE service_class >= 6 ORDER BY service_class"


def shown(client: RawClient) -> str:
    ((text,),) = rows(client.query("SHOW wlm_json_configuration"))
    return bytes(text or b"").decode()


def test_queues_change_with_the_file_and_bad_ones_leave_those_at_hand(tmp_path: Path) -> None:
    home = tmp_path / "h"
    initialise(home, DATABASE, PASSWORD)
    queues, log = home / "queues.json", home / "logs" / "boathouse.log"
    queues.write_text(FIRST)
    with serving(home, BOATHOUSE_WORKLOAD_WLM_JSON_CONFIGURATION="queues.json") as served, served.client() as client:
        assert shown(client) == FIRST
        queues.write_text(SECOND)
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: shown(client) == SECOND)
        assert rows(client.query(QUEUES)) == [[b"loads", b"3"], [b"Default queue", b"4"]]
        assert rows(client.query("SELECT current_setting('wlm_json_configuration')")) == [[SECOND.encode()]]
        queues.write_text('[{"query_concurrency": 99}]')
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the settings were not taken" in log.read_text())
        assert shown(client) == SECOND
        assert error(client.query("SET wlm_json_configuration TO ''"))["C"] == "55P02"


def test_no_signal_is_slept_through_however_many_come_and_the_last_file_counts(tmp_path: Path) -> None:
    home = tmp_path / "h"
    initialise(home, DATABASE, PASSWORD)
    queues = home / "queues.json"
    queues.write_text(FIRST)
    with serving(home, BOATHOUSE_WORKLOAD_WLM_JSON_CONFIGURATION="queues.json") as served, served.client() as client:
        for number in range(50):
            wanted = json.dumps([{"query_concurrency": number % 40 + 1}])
            served.process.send_signal(signal.SIGHUP)  # may find the file as it was, or half of it
            queues.write_text(wanted)
            served.process.send_signal(signal.SIGHUP)
            wait_until(lambda wanted=wanted: shown(client) == wanted)  # type: ignore[misc]
