"""The output of docs/capture-outputs.md, written, installed and tried by its own test as a reader would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.document_blocks import ROOT, blocks

FIND = """
from boathouse.capture.delivery import registered
from boathouse.capture.output import Declared
declared = Declared("mine", "lines:/tmp/x", "debezium", "park", options=(("end", "|"),))
kind = registered.check(None, declared)
assert registered.options_of(kind, declared) == {"end": "|"}
assert registered.formatter_of(kind, declared).content_type == "application/json"
print("found")
"""


def test_an_output_of_one_s_own_is_found_and_passes_the_suite(tmp_path: Path) -> None:
    plugin, test = (block.text for block in blocks(ROOT / "docs" / "capture-outputs.md", "python"))
    (settings,) = (block.text for block in blocks(ROOT / "docs" / "capture-outputs.md", "toml"))
    (tmp_path / "shop_outputs.py").write_text(plugin)
    (tmp_path / "test_lines.py").write_text(test)
    installed = tmp_path / "shop_outputs-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-outputs\nVersion: 1\n")
    head, entry = settings.splitlines()
    group, (name, value) = head.split('"')[1], entry.split(" = ")
    (installed / "entry_points.txt").write_text(f"[{group}]\n{name} = {value.strip(chr(34))}\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    tried = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lines.py"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode == 0 and "6 passed" in tried.stdout, tried.stdout + tried.stderr
    found = subprocess.run([sys.executable, "-c", FIND], env=environment, capture_output=True, text=True, check=False)
    assert found.stdout == "found\n", found.stderr
