"""One transaction of many rows goes through an instance without a warehouse in memory that does not grow with it.

BOATHOUSE_CAPTURE_LARGE_ROWS says of how many.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
from tests.rooms.capture.capture_house import Secret
from tests.rooms.capture.instances import Running, instance_home
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.test_instances import until

ROWS = int(os.environ.get("BOATHOUSE_CAPTURE_LARGE_ROWS") or 40_000)
ROOM_MB = 110
"""Of an instance, beyond what it takes at rest, with the memory that the settings have unless they say otherwise."""


def _status(running: Running, field: str) -> int:
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(field))


def test_a_large_transaction_takes_bounded_memory(maria: MariaDb, tmp_path: Path) -> None:
    place = tmp_path / "changes"
    place.mkdir()
    maria.run(
        "CREATE DATABASE large",
        "CREATE TABLE large.t (id BIGINT PRIMARY KEY, a INT, amount DECIMAL(12,2), name VARCHAR(50), at TIMESTAMP(6))",
    )
    state = f'tables = ["large.t"]\n[state]\nkind = "sqlite"\npath = "{tmp_path}/state"'
    home = instance_home(tmp_path / "home", Secret(maria.secret()), place, state)  # type: ignore[arg-type]
    definition = home / "shop.toml"
    definition.write_text(definition.read_text().replace('from = "postgres"', 'from = "mysql"'))
    running = Running("capture", "run", str(home), "shop")

    def told() -> int:
        return sum(pq.ParquetFile(file).metadata.num_rows for file in (place / "large.t").rglob("*.parquet"))

    try:
        running.until("active, epoch")
        maria.run("INSERT INTO large.t VALUES (0, 0, 0, 'first', now())")
        until(lambda: told() >= 1, "nothing is captured")
        before = _status(running, "VmRSS")
        maria.run(
            "INSERT INTO large.t SELECT seq, seq * 7, seq / 100, concat('customer name ', seq), "
            f"'2020-01-01' + INTERVAL seq SECOND FROM large.seq_1_to_{ROWS}"
        )
        until(lambda: told() == ROWS + 1, "the transaction does not come")
        most = _status(running, "VmHWM")
        print(f"{ROWS} rows: {before} MB at rest, {most} MB at most")
        assert most - before < ROOM_MB
    finally:
        assert running.end() == 0
