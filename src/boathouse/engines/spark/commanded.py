"""A cluster that a command makes for a Spark session, and ends after it.

The command runs as long as the cluster is wanted. On its standard output it says properties, `spark.key=value`, and when the
cluster is up `master URL`, each on a line of its own. Its standard input is a pipe of this process's, in which nothing ever
comes: when it closes, because the session ends or is killed, or the house is, the command ends the cluster and itself. It is
never killed: what it has started elsewhere would stay. Its words go to files, so that it may go on when nobody listens.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from boathouse.contracts.engine import WorkerLost
from boathouse.sql.redshift.redact import redact

_LOOK_SECONDS = 0.1
_SAID_MAX = 65536
"""Bytes of its standard output that are looked at."""
_LINES, _WORDS_MAX = 2, 300
"""Of its last words: lines, for a hint may follow what was wrong, and characters."""
_SECRET_MIN = 8
"""Characters of what may be a secret among the properties that it said."""
_HINT = "Run the command by hand to see what it says; SET engine TO duckdb for an answer of the house's own."


class Commanded:
    """The running command.

    Args:
        command: its arguments. Of them and of what it says on standard output errors tell nothing but the program's name.
        seconds: that it has to make the cluster.
        folder: for what it says.
        environment: what it is told beside the folder of its user.

    Attributes:
        master: the address that it said.
        properties: of a session there; they may hold secrets.

    Raises:
        WorkerLost: there is no such command.
    """

    def __init__(self, command: Sequence[str], seconds: float, folder: Path, environment: Mapping[str, str]) -> None:
        self._name = command[0]
        self._seconds = seconds
        self._out, self._err = folder / "cluster-out", folder / "cluster-err"
        self.master = ""
        self.properties: dict[str, str] = {}
        try:
            with open(self._out, "wb", opener=_private) as out, open(self._err, "wb", opener=_private) as err:
                self._process = subprocess.Popen(  # noqa: S603
                    [*command], stdin=subprocess.PIPE, stdout=out, stderr=err, cwd="/", start_new_session=True,
                    env={"HOME": _home(), **environment},
                )  # fmt: skip
        except OSError as failure:
            raise WorkerLost(f"the command {self._name} cannot be started: {failure.strerror}", hint=_HINT) from None

    def wait(self, check: Callable[[], None]) -> None:
        """Until its cluster is up.

        Args:
            check: called again and again; what it raises ends the waiting.

        Raises:
            WorkerLost: it makes none.
        """
        until = time.monotonic() + self._seconds
        while not self.master:
            has_ended = self.has_ended
            self._read()
            if self.master:
                return
            if has_ended:
                self._fail(f"has ended with status {self._process.returncode} before it made a cluster")
            if time.monotonic() > until:
                self._fail(f"has made no cluster in {self._seconds:g} seconds")
            check()
            time.sleep(_LOOK_SECONDS)

    @property
    def has_ended(self) -> bool:
        """True when it runs no more, and its cluster is none."""
        return self._process.poll() is not None

    def lost(self) -> WorkerLost:
        """Why a statement that runs there has to end."""
        return WorkerLost(f"the command {self._name} has ended, and with it the engine spark's cluster", hint=_HINT)

    def close(self) -> None:
        """Let it end the cluster; does not wait for that."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _read(self) -> None:
        """What it has said so far, whole lines."""
        with self._out.open("rb") as out:
            said = out.read(_SAID_MAX)
        for line in said.decode("utf-8", "replace").split("\n")[:-1]:
            word, found, rest = line.strip().partition("=" if line.startswith("spark.") else " ")
            if word == "master" and rest.startswith(("spark://", "sc://")):
                self.master = rest.strip()
                return
            if word.startswith("spark.") and found:
                self.properties[word] = rest
            elif line.strip():
                self._fail("says what is neither 'spark.key=value' nor 'master spark://…' or 'master sc://…'")
        if len(said) == _SAID_MAX:
            self._fail(f"says more than {_SAID_MAX} bytes and names no master")

    def _fail(self, what: str) -> NoReturn:
        self.close()
        raise WorkerLost(f"the command {self._name} {what}", detail=self._last_words(), hint=_HINT)

    def _last_words(self) -> str | None:
        """The last lines that it said on standard error, without secrets that are known."""
        with self._err.open("rb") as err:
            err.seek(max(0, os.fstat(err.fileno()).st_size - 4096))
            said = err.read().decode("utf-8", "replace").splitlines()
        words = redact(" / ".join([line.strip() for line in said if line.strip()][-_LINES:]))
        for value in self.properties.values():
            words = words.replace(value, "***") if len(value) >= _SECRET_MIN else words
        return f"Its last words: {words[:_WORDS_MAX]}" if words else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _home() -> str:
    """The folder of the user that runs this, where programs look for how to reach what they use."""
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"
