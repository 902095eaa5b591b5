"""What the processes of the command line do without."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from boathouse.app.cli import main
try:
    main(["settings", "/nowhere"])
except SystemExit:
    pass
import pyarrow
found = pyarrow.array([1, None, 2])
assert "pandas" not in sys.modules
assert found.to_pandas().sum() == 3  # who asks for it has it
"""


def test_our_programs_do_without_pandas_unless_it_is_asked_for() -> None:
    pytest.importorskip("pandas")
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
