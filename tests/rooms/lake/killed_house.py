"""Houses that are killed: each opens in a forked process that SIGKILL ends, whatever it is doing, or kills itself at a point.

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

Point = tuple[str, str, int]
"""`module:function` or `module:class.method`; `before` or `after` it; at which of its calls, counted from 1."""
HERE = Path(__file__).parent
FORKER = f"""
import json, os, sys
sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from copy_house import CopyHouse
import boathouse.app.background, boathouse.lake.copy.load, importlib, signal

def die_at(place, when, count):
    module, _, name = place.partition(":")
    owner, (*within, last) = importlib.import_module(module), name.split(".")
    for one in within:
        owner = getattr(owner, one)
    work, left = getattr(owner, last), [count]

    def met():
        left[0] -= 1
        if left[0] == 0:
            os.write(1, b"hit\\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*given, **named):
        if when == "before":
            met()
        found = work(*given, **named)
        if when == "after":
            met()
        return found

    setattr(owner, last, watched)

for line in sys.stdin:
    turn = json.loads(line)
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
        if turn["at"]:
            die_at(*turn["at"])
        house = CopyHouse.__new__(CopyHouse)
        house.reopen(Path(turn["home"]), turn["settings"])
        try:
            print(json.dumps(house.run(turn["ask"])), flush=True)
        except Exception as failure:
            print(json.dumps(str(failure)), flush=True)
            os._exit(1)
        if turn["background"]:
            boathouse.app.background.BackgroundWork(house.open).start()
            signal.pause()
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

    def turn(
        self, ask: str, run: str, kill_after: float | None, background: bool = False, at: Point | None = None
    ) -> tuple[list[Any], bool]:
        """Open the home, answer a query, run a statement; killed so many seconds after the answer, or by itself at a point.

        Returns:
            The answer's rows, and whether the statement was seen to end, or the point was come to.
        """
        assert self._forker.stdin is not None and self._forker.stdout is not None
        order = {"home": str(self._home), "settings": self._settings, "ask": ask, "run": run, "background": background,
                 "at": at}  # fmt: skip
        self._forker.stdin.write(json.dumps(order) + "\n")
        self._forker.stdin.flush()
        child = int(self._forker.stdout.readline())
        answer = json.loads(self._forker.stdout.readline())
        assert not isinstance(answer, str), answer
        timer = None
        if kill_after is not None:
            timer = threading.Timer(kill_after, os.kill, (child, signal.SIGKILL))
            timer.start()
        said = self._forker.stdout.readline().strip()
        ended = said in ("done", "hit")
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
