"""A real ZooKeeper, where Debian's package and Java are there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from kazoo.client import KazooClient

_JARS = Path("/usr/share/java")
WHY_NOT = (
    ""
    if shutil.which("java") and (_JARS / "zookeeper.jar").exists()
    else "ZooKeeper is missing (Debian: apt-get install zookeeper)"
)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class ZooKeeperUnderTest:
    """One server with a data folder of its own.

    Args:
        environment: of its process, besides ours.
        peers: lines of its settings that name the servers of a quorum, and which of them it is.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, peers: tuple[str, int] | None = None) -> None:
        self._environment, self._peers = {**os.environ, **(environment or {})}, peers
        self._data = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        (self.port,) = _free_ports(1)
        self.servers = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        config = Path(self._data.name) / "zoo.cfg"
        lines, number = self._peers or ("", 0)
        main = "server.ZooKeeperServerMain" if self._peers is None else "server.quorum.QuorumPeerMain"
        (Path(self._data.name) / "data").mkdir(exist_ok=True)
        (Path(self._data.name) / "data" / "myid").write_text(str(number))
        config.write_text(
            f"tickTime=500\ndataDir={self._data.name}/data\nclientPort={self.port}\nclientPortAddress=127.0.0.1\n"
            f"admin.enableServer=false\nforceSync=no\n{lines}"
        )
        self._process = subprocess.Popen(
            ["java", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"/etc/zookeeper/conf:{_JARS}/*",
             f"org.apache.zookeeper.{main}", str(config)],
            env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline and self._process.poll() is None, "ZooKeeper does not start"
                time.sleep(0.05)

    def folder(self, name: str) -> str:
        """Servers of a test's own."""
        client = KazooClient(self.servers)
        client.start()
        client.ensure_path(f"/{name}")
        client.stop()
        client.close()
        return f"{self.servers}/{name}"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        self._data.cleanup()


class Quorum:
    """Three servers, of which two must be there."""

    def __init__(self) -> None:
        ports = _free_ports(6)
        named = "".join(f"server.{n + 1}=127.0.0.1:{ports[2 * n]}:{ports[2 * n + 1]}\n" for n in range(3))
        lines = f"initLimit=40\nsyncLimit=20\n{named}"
        self.members = [ZooKeeperUnderTest(peers=(lines, n + 1)) for n in range(3)]
        self.servers = ",".join(one.servers for one in self.members)

    def close(self) -> None:
        for one in self.members:
            one.close()
