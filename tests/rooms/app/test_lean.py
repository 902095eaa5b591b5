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
