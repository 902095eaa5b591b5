"""A command that is to make a cluster: what it may say, what it must not, how long it has, and how it hears that it may end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.clients.test_interruption import wait_until

from boathouse.app.cli import main
from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import QueryCanceled
from boathouse.engines.spark.cluster import Cluster
from boathouse.engines.spark.commanded import Commanded

SECRET = "what-nobody-may-see"
UP = "echo master spark://127.0.0.1:7; cat; : > ended"


def _begun(folder: Path, script: str, seconds: float = 60.0) -> Commanded:
    return Commanded(["sh", "-c", f"cd {folder} && {script}"], seconds, folder, {"PATH": os.environ["PATH"]})


def _nothing() -> None:
    pass


def test_it_says_what_a_session_needs_and_ends_when_nobody_wants_it(tmp_path: Path) -> None:
    command = _begun(tmp_path, f"echo spark.authenticate.secret={SECRET}; echo; echo spark.a=b=c d; {UP}")
    command.wait(_nothing)
    assert command.master == "spark://127.0.0.1:7"
    assert command.properties == {"spark.authenticate.secret": SECRET, "spark.a": "b=c d"}
    assert not command.has_ended and not (tmp_path / "ended").exists()
    assert (tmp_path / "cluster-out").stat().st_mode & 0o077 == 0
    command.close()
    wait_until(lambda: command.has_ended)
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize(
    ("script", "said", "detail"),
    [
        ("for said in a b '' c; do echo $said >&2; done; exit 3", "has ended with status 3", "b / c"),
        (f"echo spark.x={SECRET}; echo refused: {SECRET} >&2; exit 1", "has ended with status 1", "refused: ***"),
        ("exit 0", "has ended with status 0 before it made a cluster", None),
        (f"echo {SECRET}; {UP}", "says what is neither", None),
        (f"echo master yarn; {UP}", "says what is neither", None),
        (f"echo spark.nothing; {UP}", "says what is neither", None),
        ("yes spark.a=b | head -n 20000; cat", "names no master", None),
    ],
)
def test_it_is_named_with_its_last_words_where_it_makes_none(
    tmp_path: Path, script: str, said: str, detail: str | None
) -> None:
    command = _begun(tmp_path, script)
    with pytest.raises(WorkerLost, match=f"the command sh .*{said}") as failure:
        command.wait(_nothing)
    assert failure.value.sqlstate == "58000" and SECRET not in str(failure.value)
    assert failure.value.detail == (detail and f"Its last words: {detail}")
    wait_until(lambda: command.has_ended)


def test_it_has_its_time_and_is_not_waited_for_by_what_is_cancelled(tmp_path: Path) -> None:
    command = _begun(tmp_path, "echo spark.a=b; cat; : > ended", 0.2)
    with pytest.raises(WorkerLost, match=r"has made no cluster in 0\.2 seconds"):
        command.wait(_nothing)
    wait_until(lambda: (tmp_path / "ended").exists())

    def check() -> None:
        raise QueryCanceled("canceling statement due to user request")

    with pytest.raises(QueryCanceled):
        _begun(tmp_path, "cat").wait(check)
    with pytest.raises(WorkerLost, match="cannot be started"):
        Commanded([str(tmp_path / "nothing")], 1.0, tmp_path, {})


def test_a_statement_ends_with_the_command_that_its_cluster_is_of(tmp_path: Path) -> None:
    command = _begun(tmp_path, UP)
    command.wait(_nothing)
    cluster = Cluster("sc://127.0.0.1:7", 60.0, command=command)
    cluster.begin()
    assert cluster.stands(None) and not cluster.is_lost(None)
    command.close()
    wait_until(lambda: command.has_ended)
    assert cluster.is_lost(None) and "the command sh has ended" in str(cluster.lost)
    assert not cluster.stands(None)


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--memory", "much"], ["--spark-home", "/nowhere"]])
def test_the_command_in_the_box_says_what_it_cannot_do(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spark-cluster", *arguments]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("boathouse: ") and not told.out
