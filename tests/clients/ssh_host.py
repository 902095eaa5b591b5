"""Another host, as far as ssh can tell: a real SSH server on this machine that runs the commands it is asked for."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
from pathlib import Path

import asyncssh


class SshHost:
    """Serves from its making until `close`.

    Args:
        folder: for its key, the client's, the client's configuration, in which the host is `node2`, and what it puts aside.
    """

    def __init__(self, folder: Path) -> None:
        self.commands: list[subprocess.Popen[bytes]] = []
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        host_key, client_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        identity = folder / "identity"
        identity.touch(mode=0o600)
        client_key.write_private_key(identity)
        self._host_key, self._client_key = host_key, client_key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._soon(self._listen(0))
        self.port = self._server.get_port()
        (folder / "known").write_bytes(f"[127.0.0.1]:{self.port} ".encode() + host_key.export_public_key())
        self.config = folder / "config"
        self.config.write_text(
            f"Host node2\n HostName 127.0.0.1\n Port {self.port}\n User etl\n IdentityFile {identity}\n IdentitiesOnly yes\n"
            f" UserKnownHostsFile {folder / 'known'}\n StrictHostKeyChecking yes\n"
        )

    def _soon(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self, port: int) -> asyncssh.SSHAcceptor:
        known = asyncssh.import_authorized_keys(self._client_key.export_public_key().decode())
        return await asyncssh.listen(
            "127.0.0.1", port, server_host_keys=[self._host_key], authorized_client_keys=known,
            process_factory=self._run, encoding=None,
        )  # fmt: skip

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        assert process.command is not None
        started = subprocess.Popen(
            process.command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env=os.environ | {"TMPDIR": str(self.temporary)},
        )  # fmt: skip
        self.commands.append(started)
        await process.redirect(stdin=started.stdin, stdout=started.stdout, stderr=started.stderr)
        process.exit(await asyncio.to_thread(started.wait))
        await process.wait_closed()

    def running(self) -> list[int]:
        """Process groups of the commands that have not ended."""
        return [one.pid for one in self.commands if one.poll() is None]

    def kill(self) -> None:
        """What runs there is no more."""
        for pid in self.running():
            os.killpg(pid, signal.SIGKILL)

    def close(self) -> None:
        """No host any more."""
        self.kill()
        self._loop.call_soon_threadsafe(self._server.close)
        self._soon(self._server.wait_closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
