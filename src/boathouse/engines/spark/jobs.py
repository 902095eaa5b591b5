"""The jobs of a statement in a Spark session: what they are known by, how they are ended, whether they have."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

_QUIET_SECONDS = 2.0


def tell_tasks(session: Any, properties: Mapping[str, str], number: int) -> None:
    """Let tasks know the session's properties: rows that are served part by part are no query of Spark's own, which would.
    All jobs of a statement are of one group, by which they are cancelled."""
    told = {key: value for key, value in properties.items() if key.startswith("spark.sql.")}
    group = {"spark.job.interruptOnCancel": "true", "spark.jobGroup.id": _group(number)}
    for key, value in (told | group).items():
        session.sparkContext.setLocalProperty(key, value)


def _group(number: int) -> str:
    return f"boathouse-{number}"


def cancel(session: Any, number: int) -> None:
    """Cancel a statement's jobs, and those that a thread of it has yet to submit."""
    session.sparkContext._jsc.sc().cancelJobGroupAndFutureJobs(_group(number))


def is_quiet(session: Any, number: int) -> bool:
    """True where nothing of a statement that was cancelled runs any more: some loops heed nothing, and would keep their cores.

    A job of our own that ends says that the scheduler has come to the cancel, after which it submits none of them. What
    still runs then the scheduler itself is asked, not the store of its events, which lags behind.
    """
    if session is None:
        return False
    try:
        context = session.sparkContext
        cancel(session, number)
        context.setLocalProperty("spark.jobGroup.id", None)
        context._jsc.parallelize(context._jvm.java.util.ArrayList(), 1).count()
        until = time.monotonic() + _QUIET_SECONDS
        while time.monotonic() < until:
            counts = context._jsc.sc().taskScheduler().runningTasksByExecutors().values().iterator()
            running = 0
            while counts.hasNext():
                running += counts.next()
            if not running:
                return True
            time.sleep(0.05)
    except Exception:  # noqa: BLE001 - a session that is broken is not quiet
        return False
    return False
