"""A real MariaDB for the tests, from Debian's packages: its own data folder, its own port, its own binlog."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest
from pymysql.connections import Connection

from boathouse.capture.mysql.connect import Server, server_of
from boathouse.endpoints.postgres.certificate import CERTIFICATE_FILE, ensure_certificate

SETTINGS = (
    "--binlog-format=ROW",
    "--binlog-row-image=FULL",
    "--binlog-row-metadata=FULL",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--character-set-server=utf8mb4",
    "--skip-name-resolve",
    "--skip-log-error",
)


@dataclass
class Daemon:
    """The server's process."""

    command: list[str]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as written:
            self.process = subprocess.Popen(self.command, stdout=written, stderr=written)
        _wait(self.process, self.port, self.log)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class MariaDb:
    """A running server; `root` writes, `server` is what a source is given."""

    folder: Path
    port: int
    daemon: Daemon

    @property
    def server(self) -> Server:
        return server_of(self.secret())

    def secret(self, **others: str) -> dict[str, str]:
        return {"port": str(self.port), "user": "root", "tls": "off", **others}

    @property
    def certificate(self) -> Path:
        return self.folder / CERTIFICATE_FILE

    def root(self) -> Connection:
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True, charset="utf8mb4")

    def run(self, *statements: str) -> None:
        with self.root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def value(self, statement: str) -> str:
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            assert row is not None
            return str(row[0])


@functools.cache
def _installed(install: str, *options: str) -> Path:
    """A data directory as it is when new: made once by each process of tests, and copied."""
    folder = Path(tempfile.mkdtemp(prefix="boathouse-mariadb-new-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = subprocess.run(
        [
            install,
            "--no-defaults",
            *options,
            f"--datadir={folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        # A server that starts removes temporary tables that it finds, another one's too.
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder / "data"


@contextmanager
def mariadb(*settings: str, number: int = 1) -> Iterator[MariaDb]:
    """A server that lives as long as the block; skips the test where Debian's package is not installed.

    Args:
        number: its `server_id`.
    """
    programs = [
        shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in ("mariadb-install-db", "mariadbd")
    ]
    if None in programs:
        pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server)")
    install, daemon = map(str, programs)
    user = ["--user=root"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="boathouse-mariadb-") as folder:
        data = Path(folder) / "data"
        shutil.copytree(_installed(install, *user), data)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [
            daemon,
            "--no-defaults",
            *user,
            f"--datadir={data}",
            f"--tmpdir={folder}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
        ]
        certificate, key = ensure_certificate(Path(folder))
        command += [f"--ssl-cert={certificate}", f"--ssl-key={key}", f"--ssl-ca={certificate}"]
        command += [f"--socket={folder}/s", f"--server-id={number}", "--log-bin=bin", *SETTINGS, *settings]
        daemon = Daemon(command, Path(folder) / "log", port)
        try:
            daemon.start()
            yield MariaDb(Path(folder), port, daemon)
        finally:
            daemon.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
            return
        except pymysql.err.OperationalError:
            time.sleep(0.05)
