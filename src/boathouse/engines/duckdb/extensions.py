"""DuckDB's extensions, loaded from the wheels that bring them.

Never by INSTALL: that copies a file below the user's home directory, which a service's user often has not, and downloads
what it has not got.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import duckdb

from boathouse.contracts.errors import FeatureNotSupported

CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    # Else a checkpoint makes columns of the keys of SUPER values, and runs out of memory where keys are data: decision 69.
    "variant_minimum_shredding_size": "-1",
}
"""What any engine of ours is opened with, the house's and those that queries burst to."""
S3 = "httpfs"
"""The extension that reads and writes s3:// places."""
_EXTRAS = {"ducklake": "ducklake", "postgres_scanner": "ducklake", "spatial": "spatial"}
"""Extension → the extra that brings it; of all others, `table-formats`."""


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension, when something first needs it: the engine checks the whole of its file.

    Raises:
        FeatureNotSupported: the wheel is missing, or does not fit the engine's version.
    """
    hint = f"pip install 'boathouse[{_EXTRAS.get(name, 'table-formats')}]'"
    if name == S3:
        hint = f"Install duckdb-extension-httpfs in version {duckdb.__version__}."
    try:
        module = importlib.import_module(f"duckdb_extension_{name}")
        place = Path(str(module.__file__)).parent / "extensions" / f"v{duckdb.__version__}"
        connection.load_extension(str(place / f"{name}.duckdb_extension"))
    except (ImportError, duckdb.Error) as failure:
        raise FeatureNotSupported(f"the engine's support for {name} is not installed", hint=hint) from failure


def bound_spills(connection: duckdb.DuckDBPyConnection, limit: str) -> None:
    """The most that spilling may take; in its configuration the engine shows it and does not heed it."""
    connection.execute("SET max_temp_directory_size = '{}'".format(limit.replace("'", "''")))


def spill_bytes_max(spool: Path | str) -> str:
    """What spilling may take of the disk. The engine's own measure is what was free when it first spilled: on a disk that was
    nearly full then it would stay at next to nothing, whatever room is made.
    """
    folder = Path(spool).absolute()
    while not folder.exists():  # the engine makes it
        folder = folder.parent
    disk = os.statvfs(folder)
    return f"{disk.f_blocks * disk.f_frsize * 9 // 10}B"


def machine_memory_bytes() -> int:
    """Memory of the machine or of the control group that holds us, whichever is less."""
    limits = [int(line.split()[1]) * 1024 for line in Path("/proc/meminfo").read_text().splitlines()[:1]]
    group = Path("/sys/fs/cgroup/memory.max")
    if group.exists() and (text := group.read_text().strip()).isdigit():
        limits.append(int(text))
    return min(limits)
