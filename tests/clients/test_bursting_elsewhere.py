"""Queries that burst to another host, over ssh: the same rows, and nothing lost when that host is not what it should be."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.clients.raw_client import RawClient, error, rows, tags
from tests.clients.ssh_host import SshHost
from tests.clients.test_bursting import LAKE, MANY, QUEUES, _processes
from tests.clients.test_interruption import wait_until
from tests.clients.test_queues import held, in_group

import boathouse
from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.workload.settings import WorkloadSettings

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is missing (Debian: openssh-client)")
KEY = "the-hidden-key-of-the-lake"
WORKER = f"{sys.executable} -m boathouse.app.cli worker"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    found = SshHost(tmp_path_factory.mktemp("ssh"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    bucket = ThreadedMotoServer(port=0)
    bucket.start()
    name, port = bucket.get_host_and_port()
    endpoint = f"http://{name}:{port}"
    home = tmp_path_factory.mktemp("home") / "h"
    initialise(home, DATABASE, PASSWORD)
    (home / "secrets.toml").write_text(f'[s3]\naccess_key_id = "AKIAELSEWHERE"\nsecret_access_key = "{KEY}"\n')
    (home / "secrets.toml").chmod(0o600)
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
                 ).create_bucket(Bucket="elsewhere")  # fmt: skip
    house = open_house(home, {"lake": {"s3_endpoint": endpoint}})
    with running(house) as found:
        with found.raw() as client:
            for text in (
                "CREATE TABLE queued_target (id integer)",
                "CREATE TABLE digits (d integer)",
                "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
                "CREATE EXTERNAL SCHEMA river FROM DATA CATALOG DATABASE 'river' CREATE EXTERNAL DATABASE IF NOT EXISTS",
                "CREATE EXTERNAL TABLE river.stones (n integer, word varchar(20), at timestamp) STORED AS PARQUET LOCATION "
                "'s3://elsewhere/stones/'",
                "INSERT INTO river.stones SELECT a.d + 10 * b.d + 100 * c.d, 'stone ' || a.d, timestamp '2020-01-01' + a.d * "
                "interval '1 hour' FROM digits a, digits b, digits c",
                "CREATE EXTERNAL TABLE river.near (n integer) STORED AS PARQUET LOCATION 'river/near/'",
                "INSERT INTO river.near SELECT d FROM digits",
            ):
                answer = client.query(text)
                assert not [one for one in answer if one.kind == b"E"], answer
        yield found
    house.close()
    bucket.stop()


@pytest.fixture
def reader(scaled: Running, host: SshHost) -> Iterator[RawClient]:
    """Its queue is held by somebody else while the test runs."""
    _configure(scaled, f"ssh -F {host.config}", WORKER)
    with held(scaled, "scaled"), in_group(scaled, "scaled") as found:
        yield found
    scaled.house.service.workload.configure(WorkloadSettings())
    wait_until(lambda: not host.running())


def _configure(server: Running, ssh: str, command: str, memory: str = "512MB") -> None:
    server.house.service.workload.configure(
        WorkloadSettings(json.dumps(QUEUES), 2, memory, 1, 600.0, ("node2",), ssh, command)
    )


def test_what_reads_s3_runs_there_and_what_reads_folders_here(
    scaled: Running, host: SshHost, reader: RawClient
) -> None:
    with in_group(scaled, "free") as other:
        expected = rows(other.query(LAKE))
    assert rows(reader.query(LAKE)) == expected and expected[0][0] == b"1000"
    (there,) = host.running()
    (ssh,) = _processes(scaled)
    assert KEY.encode() not in b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (ssh, there))
    assert error(reader.query("SELECT 1 / (n - 7) FROM river.stones"))["C"] == "22012"
    assert host.running() == [there]
    # Of two at once one runs there; a folder's files are nobody's but this machine's.
    near = "SELECT sum(n) FROM river.near"
    assert rows(reader.query(near)) == [[b"45"]]
    assert len(_processes(scaled)) == 2 and host.running() == [there]
    joined = "SELECT count(*) FROM river.near JOIN river.stones USING (n)"
    assert rows(reader.query(joined)) == [[b"10"]] and host.running() == [there]


def test_a_cancel_reaches_it_it_goes_on_and_at_its_end_leaves_nothing(
    scaled: Running, host: SshHost, reader: RawClient
) -> None:
    assert rows(reader.query(LAKE))[0][0] == b"1000"
    there = host.running()
    reader.send(raw.query("SELECT count(*) FROM river.stones a, river.stones b, river.stones c, river.stones d WHERE a.n + b.n "
                          "+ c.n > 7"))  # fmt: skip
    wait_until(lambda: len(_processes(scaled, busy=True)) == 1)
    with scaled.raw() as client:
        assert tags(client.query(f"CANCEL {reader.key[0]}")) == ["CANCEL"]
    assert error(reader.read_until(b"Z"))["C"] == "57014"
    assert rows(reader.query(LAKE))[0][0] == b"1000" and host.running() == there
    assert len([*host.temporary.iterdir()]) == 1
    scaled.house.service.workload.configure(WorkloadSettings(json.dumps(QUEUES)))
    wait_until(lambda: not host.running() and not [*host.temporary.iterdir()])


def test_a_host_that_is_lost_costs_no_answer_before_the_first_row_and_a_clear_error_after_it(
    scaled: Running, host: SshHost, reader: RawClient
) -> None:
    reader.send(raw.query(MANY))
    assert reader.read_until(b"D")[-1].kind == b"D"
    host.kill()
    failed = error(reader.read_until(b"Z"))
    assert failed["C"] == "58000" and "Run the query again" in failed["H"]
    assert rows(reader.query(LAKE))[0][0] == b"1000"
    assert len(host.running()) == 1


USELESS = (
    ("ssh -F {config} -p 1", WORKER, "Connection refused"),
    ("ssh -F {config} -o PubkeyAuthentication=no", WORKER, "Permission denied"),
    ("ssh -F {config} -o UserKnownHostsFile=/dev/null", WORKER, "Host key verification failed"),
    ("ssh -F {config}", "no-such-command worker", "not found"),
    ("ssh -F {config}", "echo Welcome to node2", "it has ended"),
    (
        "ssh -F {config}",
        "printf 'H\\5\\0\\0\\0\\0\\0\\0\\0' && printf 0.0.9 && cat",
        f"here is {boathouse.__version__}",
    ),
    ("/no/such/program", WORKER, "FileNotFoundError"),
)


def test_a_host_that_cannot_be_used_is_told_in_the_log_and_passed_over(
    scaled: Running, host: SshHost, reader: RawClient, caplog: pytest.LogCaptureFixture
) -> None:
    for place, (ssh, command, said) in enumerate(USELESS):
        # Another limit ends the process on this machine, which would be ready.
        _configure(scaled, ssh.format(config=host.config), command, f"{513 + place}MB")
        wait_until(lambda: not _processes(scaled))
        caplog.clear()
        with caplog.at_level(logging.WARNING, "boathouse.engines.processes"):
            reader.send(raw.query(LAKE))
            # The last words of a program that ends at once are lost where its channel closes before them.
            wait_until(lambda said=said: said in caplog.text or "it has ended" in caplog.text, 60)  # type: ignore[misc]
        # It runs on this machine instead.
        assert rows(reader.read_until(b"Z"))[0][0] == b"1000"
    (here,) = _processes(scaled)
    assert b"boathouse.engines.duckdb.burst.worker" in Path(f"/proc/{here}/cmdline").read_bytes()


def test_its_settings_are_checked(scaled: Running) -> None:
    workload = scaled.house.service.workload
    for wrong in ({"burst_hosts": ("-oProxyCommand=id",)}, {"burst_ssh": "ssh '"}, {"burst_command": " "}):
        with pytest.raises(InvalidParameterValue, match=next(iter(wrong))):
            workload.configure(WorkloadSettings(**wrong))  # type: ignore[arg-type]
