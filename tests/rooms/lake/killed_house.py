"""Houses that are killed: each opens in a forked process that SIGKILL ends, whatever it is doing.

A child imports everything once and forks for every turn, so that a turn costs no start of Python.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FORKER = f"""
import json, os, sys
sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from copy_house import CopyHouse
import boathouse.app.background, boathouse.lake.copy.load
for line in sys.stdin:
    turn = json.loads(line)
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
        house = CopyHouse.__new__(CopyHouse)
        house.reopen(Path(turn["home"]), turn["settings"])
        print(json.dumps(house.run(turn["ask"])), flush=True)
        if turn["background"]:
            boathouse.app.background.BackgroundWork(house.open).start()
            __import__("signal").pause()
        house.run(turn["run"])
        print("done", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class KilledHouse:
    """Runs statements on a home in processes that may be killed."""

    def __init__(self, home: Path, settings: dict[str, Any] | None = None) -> None:
        self._home, self._settings = home, settings or {}
        self._forker = subprocess.Popen(
            [sys.executable, "-c", FORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def turn(self, ask: str, run: str, kill_after: float | None, background: bool = False) -> tuple[list[Any], bool]:
        """Open the home, answer a query, run a statement; killed so many seconds after the answer.

        Returns:
            The answer's rows, and whether the statement was seen to end.
        """
        assert self._forker.stdin is not None and self._forker.stdout is not None
        order = {"home": str(self._home), "settings": self._settings, "ask": ask, "run": run, "background": background}
        self._forker.stdin.write(json.dumps(order) + "\n")
        self._forker.stdin.flush()
        child = int(self._forker.stdout.readline())
        answer = json.loads(self._forker.stdout.readline())
        timer = None
        if kill_after is not None:
            timer = threading.Timer(kill_after, os.kill, (child, signal.SIGKILL))
            timer.start()
        said = self._forker.stdout.readline().strip()
        ended = said == "done"
        if ended:
            if timer is not None:
                timer.cancel()
            assert self._forker.stdout.readline().strip() == "ended"
        return answer, ended

    def close(self) -> None:
        assert self._forker.stdin is not None and self._forker.stdout is not None
        self._forker.stdin.close()
        self._forker.wait(60)
        self._forker.stdout.close()
