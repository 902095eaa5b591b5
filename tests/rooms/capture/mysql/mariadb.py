"""A real MariaDB for the tests, from Debian's packages: its own data folder, its own port, its own binlog.

Where `BOATHOUSE_MYSQL` names the folder of a MySQL (`make .venv/.mysql` makes `.venv/mysql`), the same tests run against that;
where `BOATHOUSE_MYSQL_METADATA` is `MINIMAL` or `NO_LOG`, against a server whose log does not name its columns.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pymysql.cursors
import pytest
from pymysql.connections import Connection
from pymysql.constants import CLIENT

from boathouse.capture.mysql.connect import Server, server_of
from boathouse.endpoints.postgres.certificate import CERTIFICATE_FILE, ensure_certificate

MYSQL = os.environ.get("BOATHOUSE_MYSQL")
METADATA = os.environ.get("BOATHOUSE_MYSQL_METADATA", "FULL")

SETTINGS = (
    "--binlog-format=ROW",
    "--binlog-row-image=FULL",
    f"--loose-binlog-row-metadata={METADATA}",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--character-set-server=utf8mb4",
    "--skip-name-resolve",
    "--sql-mode=STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION",
)
_OF_MARIADB = ("--skip-log-error",)
_OF_MYSQL = (
    "--gtid-mode=ON",
    "--enforce-gtid-consistency=ON",
    "--log-slave-updates",
    "--loose-mysqlx=OFF",
    "--loose-cte-max-recursion-depth=10000000",
)

only_named = pytest.mark.skipif(METADATA != "FULL", reason="the log is to have names (BOATHOUSE_MYSQL_METADATA)")
only_mariadb = pytest.mark.skipif(MYSQL is not None, reason="MariaDB alone has this")
only_mysql = pytest.mark.skipif(
    MYSQL is None, reason="MySQL alone has this (make .venv/.mysql; BOATHOUSE_MYSQL names its folder)"
)

_MYSQL_SAYS = {
    r"@@gtid_binlog_pos": "@@global.gtid_executed",
    r"\bBINLOG MONITOR\b": "REPLICATION CLIENT",
    r"utf8mb4_uca1400_swedish_ai_ci": "utf8mb4_sv_0900_ai_ci",
    r"utf8mb4_uca1400_ai_ci": "utf8mb4_0900_ai_ci",
    r"utf8mb4_nopad_bin": "utf8mb4_0900_bin",
    r"\bFROM (?:\w+\.)?seq_(\d+)_to_(\d+)": r"FROM (WITH RECURSIVE n (seq) AS (SELECT \1 UNION ALL SELECT seq + 1 FROM n "
    r"WHERE seq < \2) SELECT seq FROM n) AS numbers",
    r"\bCREATE OR REPLACE (TABLE|USER) ([\w.]+)": r"DROP \1 IF EXISTS \2; CREATE \1 \2",
    r"\bCHANGE MASTER TO\b": "CHANGE REPLICATION SOURCE TO",
    r"\bmaster_(host|port|user) = ": r"source_\1 = ",
    r"\bmaster_use_gtid = slave_pos": "source_auto_position = 1, get_source_public_key = 1",
    r"\bMASTER_GTID_WAIT\b": "WAIT_FOR_EXECUTED_GTID_SET",
    r"\blog_bin_compress = ": "binlog_transaction_compression = ",
}


class _Cursor(pymysql.cursors.Cursor):
    """Takes the tests' statements, which are in MariaDB's words, and says them in MySQL's."""

    def execute(self, query: str | bytes, args: object = None) -> int:
        if MYSQL and isinstance(query, str):  # executemany's rows are bytes
            for pattern, ours in _MYSQL_SAYS.items():
                query = re.sub(pattern, ours, query)
        return super().execute(query, args)


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
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            autocommit=True,
            charset="utf8mb4",
            cursorclass=_Cursor,
            client_flag=CLIENT.MULTI_STATEMENTS,
        )

    def run(self, *statements: str) -> None:
        with self.root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def value(self, statement: str, column: int = 0) -> str:
        """Of the first row; empty where there is none."""
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            return "" if row is None else str(row[column])


@functools.cache
def _installed(*command: str) -> Path:
    """A data directory as it is when new: made once by each process of tests, and copied."""
    folder = Path(tempfile.mkdtemp(prefix="boathouse-mariadb-new-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if MYSQL and (tables := Path(MYSQL).resolve() / "share" / "mysql_system_tables.sql").exists():  # before 5.7
        (folder / "data").mkdir()
        system = "CREATE DATABASE mysql;\nUSE mysql;\n" + tables.read_text()
        system += tables.with_name("mysql_system_tables_data.sql").read_text()
        return _made([*command, "--bootstrap", f"--lc-messages-dir={tables.parent}"], folder, system)
    if MYSQL:
        # Names of hosts are not looked up: the root whom it makes by itself could not come in by TCP.
        (folder / "init").write_text(
            "CREATE USER root@'127.0.0.1';\nGRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        command = (*command, "--initialize-insecure", f"--init-file={folder / 'init'}")
    else:
        command = (*command, "--auth-root-authentication-method=normal", "--skip-test-db")
    return _made(command, folder)


def _made(command: Sequence[str], folder: Path, told: str = "") -> Path:
    made = subprocess.run(
        [*command, f"--datadir={folder / 'data'}"],
        input=told,
        # A server that starts removes temporary tables that it finds, another one's too.
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (folder / "data" / "auto.cnf").unlink(missing_ok=True)  # the name that each MySQL gives itself
    return folder / "data"


def _programs() -> tuple[str, str]:
    """What makes a data directory, and the server."""
    if MYSQL:
        server = str(Path(MYSQL).resolve() / "bin" / "mysqld")
        return server, server
    found = [shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in ("mariadb-install-db", "mariadbd")]
    if None in found:
        pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server)")
    return str(found[0]), str(found[1])


@contextmanager
def mariadb(*settings: str, number: int = 1) -> Iterator[MariaDb]:
    """A server that lives as long as the block; skips the test where Debian's package is not installed.

    Args:
        number: its `server_id`.
    """
    install, program = _programs()
    user = ["--user=root"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="boathouse-mariadb-") as folder:
        data = Path(folder) / "data"
        shutil.copytree(_installed(install, "--no-defaults", *user), data)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [
            program,
            "--no-defaults",
            *user,
            f"--datadir={data}",
            f"--tmpdir={folder}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
        ]
        certificate, key = ensure_certificate(Path(folder))
        command += [f"--ssl-cert={certificate}", f"--ssl-key={key}", f"--ssl-ca={certificate}"]
        command += [f"--socket={folder}/s", f"--server-id={number}", "--log-bin=bin", *SETTINGS]
        command += [*(_OF_MYSQL if MYSQL else _OF_MARIADB), *settings]
        if MYSQL and (messages := Path(MYSQL).resolve() / "share" / "english").exists():
            command.append(f"--lc-messages-dir={messages.parent}")
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
