"""A home is made once, held by one process at a time, and private."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from boathouse.app import home
from boathouse.app.home import HomeLock, create_home, empty_spool, new_password, require_home
from boathouse.contracts.errors import HomeInUse, StorageError


def test_a_home_is_private_and_its_secrets_more_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    create_home(home, "dev")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secrets.toml").stat().st_mode) == 0o600
    require_home(home)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(StorageError, match="is not empty"):
        create_home(tmp_path, "dev")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_is_no_home_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a Boathouse home"):
        require_home(tmp_path)


def test_the_second_process_on_a_home_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    held = (
        "import pathlib, sys; from boathouse.app.home import HomeLock; "
        "lock = HomeLock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeInUse, match=f"process {holder.pid}"):
            HomeLock(tmp_path)
        holder.kill()
        holder.wait()
    HomeLock(tmp_path).close()


def test_a_home_whose_holder_has_ended_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a child that was just being started still has of it goes when the child becomes another program."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    child = (tmp_path / "server.lock").open("a+")
    child.write(f"process {ended.pid}")
    child.flush()
    fcntl.flock(child, fcntl.LOCK_EX)
    monkeypatch.setattr(home.time, "sleep", lambda seconds: child.close())
    HomeLock(tmp_path).close()


def test_the_spool_starts_empty(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "left-behind").write_text("x")
    assert list(empty_spool(tmp_path).iterdir()) == []


def test_generated_passwords_satisfy_redshift_and_differ() -> None:
    found = {new_password() for _ in range(50)}
    assert len(found) == 50
    assert all(
        any(c.isupper() for c in p) and any(c.islower() for c in p) and any(c.isdigit() for c in p) for p in found
    )


def test_a_service_without_a_home_directory_can_open_a_house(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "boathouse.app.cli", "init", str(tmp_path / "home")],
        env={**os.environ, "HOME": str(tmp_path / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert not (tmp_path / "nowhere").exists()
