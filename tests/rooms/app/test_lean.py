"""What the processes of the command line do without."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = '''
import sys, types
from boathouse.app.cli import main
try:
    main(["settings", "/nowhere"])
except SystemExit:
    pass
ours, code = types.ModuleType("boathouse.ours"), """
import duckdb, pyarrow
found = pyarrow.array([1, None, 2])
rows = duckdb.connect().execute("SELECT $1", [5]).fetchall()
"""
exec(code, vars(ours))
assert ours.rows == [(5,)] and "pandas" not in sys.modules
assert ours.found.to_pandas().sum() == 3  # who asks for it has it
'''


def test_our_programs_do_without_pandas_unless_it_is_asked_for() -> None:
    pytest.importorskip("pandas")
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr


LENT = '''
import sys, types
from boathouse.app.process.lean import be_lean
be_lean()
ours, code = types.ModuleType("boathouse.ours"), """
import duckdb, pyarrow
table = pyarrow.table({"a": list(range(1000)), "b": [str(number) for number in range(1000)], "c": [None, 1.5] * 500})
connection, found = duckdb.connect(), []
for lend in (lambda: table, lambda: table.to_batches()[0], lambda: table.to_reader(100)):
    for asked in ("SELECT c, a FROM lent WHERE b = '7'", "SELECT count(*) FROM lent", "SELECT max(b) FROM lent WHERE a < 100"):
        connection.register("lent", lend())
        found += connection.execute(asked).fetchall()
        connection.unregister("lent")
"""
exec(code, vars(ours))
assert ours.found == [(1.5, 7), (1000,), ("99",)] * 3, ours.found
assert "pyarrow.dataset" not in sys.modules
import pyarrow.dataset
assert pyarrow.dataset.dataset(ours.table).count_rows() == 1000  # who asks for it has it
ours.connection.register("lent", ours.table)
assert ours.connection.execute("SELECT c, a FROM lent WHERE b = '7'").fetchall() == [(1.5, 7)]
'''


def test_the_engine_reads_what_is_lent_without_arrows_datasets() -> None:
    ran = subprocess.run([sys.executable, "-c", LENT], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
