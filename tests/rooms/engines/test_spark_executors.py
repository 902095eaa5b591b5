"""How long a statement may be without executors: the default, by a clock of the test's; they come, go, and the session breaks."""

from __future__ import annotations

from typing import Any

from boathouse.engines.spark.cluster import Cluster
from boathouse.engines.spark.settings import SparkSettings

SECONDS = SparkSettings().executor_seconds


class Session:
    """A session's count of executors, along the way that Spark offers it; None: the session is broken."""

    count: int | None = 0

    @property
    def sparkContext(self) -> Any:
        return self

    @property
    def _jsc(self) -> Any:
        return self

    def sc(self) -> Any:
        return self

    def getExecutorIds(self) -> Any:
        return self

    def size(self) -> int:
        if self.count is None:
            raise RuntimeError("its JVM has ended")
        return self.count


def test_a_statement_waits_a_minute_for_executors_and_counts_from_the_last_one() -> None:
    now, session = [1000.0], Session()
    cluster = Cluster("spark://here:7077", SECONDS, lambda: now[0])
    cluster.begin()

    def after(seconds: float) -> bool:
        now[0] += seconds
        return cluster.is_lost(session)

    assert SECONDS == 60
    assert not after(59) and not after(1)
    session.count = 2
    assert not after(500) and not after(500)
    session.count = 0
    assert not after(60)
    session.count = 1
    assert not after(1)
    session.count = None
    assert not after(60) and cluster.lost is None
    assert after(1) and "spark://here:7077 gives no executors" in str(cluster.lost)
    cluster.begin()
    assert cluster.lost is None and not after(60)
    assert after(0.5)
