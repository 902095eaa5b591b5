"""A COPY of several times the engine's memory limit stays near it, whichever way reads the file; one enormous line, field or
object is an error that says where, and no memory either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402

from boathouse.lake.copy.plain_json import leaves_room  # noqa: E402

LIMIT = 32 << 20
TIMES = 5
CHILD = f"""
import json, sys
sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from copy_house import CopyHouse
house = CopyHouse(Path(sys.argv[1]), {{"engine": {{"memory_limit": "{LIMIT}B", "threads": 1}},
                                       "lake": {{"roots": (sys.argv[2],), "copy_prefetch": 1}}}})
def peak():
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM"))
house.table("a bigint, b varchar(4100)")
house.file("warm", "1|x\\n")
house.run("COPY t FROM 'warm'")
before = peak()
house.run(sys.argv[3])
print(json.dumps([house.run("SELECT count(*), count(DISTINCT left(b, 32)) FROM t")[0], before, peak()]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("options", ["", "ESCAPE"], ids=["fast", "precise"])
def test_a_load_larger_than_the_limit_stays_near_it(tmp_path: Path, options: str) -> None:
    source = tmp_path / "big"
    lines = 0
    with source.open("wb") as file:
        while file.tell() < LIMIT * TIMES:
            block = b"".join(b"%d|%s\n" % (lines + at, os.urandom(2000).hex().encode()) for at in range(500))
            for _ in range(4):
                file.write(block)
            lines += 2000
    found = subprocess.run(
        [sys.executable, "-c", CHILD, tmp_path / "home", tmp_path, f"COPY t FROM '{source}' {options}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (rows, different), before, after = json.loads(found.stdout.splitlines()[-1])
    assert rows == lines + 1 and different == lines // 4 + 1
    # The engine's limit, Arrow's and Python's buffers of one chunk, and what the allocator keeps: less than the file.
    assert after - before < LIMIT + (96 << 20), f"{(after - before) >> 20} MB for {source.stat().st_size >> 20} MB"


@pytest.mark.parametrize(
    ("limit", "threads", "fits"), [("64.0 MiB", 1, True), ("64.0 MiB", 2, False), ("1.5 GiB", 16, True)]
)
def test_the_engine_reads_json_where_its_buffers_leave_room(limit: str, threads: int, fits: bool) -> None:
    assert leaves_room(limit, threads) is fits


def test_json_loads_where_memory_is_short_of_the_engines_buffers(tmp_path: Path) -> None:
    house = CopyHouse(tmp_path / "home", {"engine": {"memory_limit": "48MB", "threads": 2}})
    house.table("a integer, b varchar(20)")
    house.file("load/part", "".join(f'{{"a": {n}, "b": "row {n}"}}\n' for n in range(40_000)))
    house.run("COPY t FROM 'load/part' JSON 'auto'")
    assert house.run("SELECT count(*), max(a) FROM t") == [(40_000, 39_999)]
    house.close()


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("1|" + "x" * 200_000, "", "line 1 is longer than 100000 bytes"),
        ("1|a\n2|" + "x" * 200_000, "ESCAPE", "line 2 is longer than 100000 bytes"),
        ('1,"' + "x\n" * 100_000, "CSV", "is longer than 100000 bytes"),
        ("1|" + "x\\\n" * 100_000, "ESCAPE", "is longer than 100000 bytes"),
        ('{"a": 1}\n{"a": 2, "b": "' + "x" * 3_000_000, "JSON 'auto'", "line 2: a value is longer than 100000 bytes"),
        ("[" * 200_000, "JSON 'auto'", "nested too deeply"),
    ],
    ids=["field", "escaped", "quoted lines", "escaped lines", "object", "depth"],
)
def test_one_enormous_line_is_an_error_by_name(tmp_path: Path, content: str, options: str, message: str) -> None:
    house = CopyHouse(tmp_path / "home", {"lake": {"copy_raw_line_bytes_max": 100_000}})
    house.table("a integer, b varchar(65535)")
    house.file("load/part", content)
    failure = house.fails(f"COPY t FROM 'load/part' {options}")
    assert message in str(failure) and str(house.lake / "load/part") in str(failure), failure
    ((name, code),) = house.errors("trim(filename), err_code")
    assert name == str(house.lake / "load/part") and code in (1204, 1216)
    house.close()
