"""How any of our DuckDBs is opened: closed to the outside, with the extensions that wheels bring.

Asked by the engine, and by the processes that queries burst to.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from boathouse.contracts.errors import FeatureNotSupported, StorageError

CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}


def load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Load S3 support from the file that its wheel brings.

    Never by INSTALL: that copies it below the user's home directory, which a service's user often has not.

    Raises:
        StorageError: the wheel does not fit the engine's version.
    """
    place = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    try:
        connection.load_extension(str(place / "httpfs.duckdb_extension"))
    except duckdb.Error as failure:
        raise StorageError(
            f"S3 support for DuckDB {duckdb.__version__} cannot be loaded",
            hint=f"Install duckdb-extension-httpfs in version {duckdb.__version__}.",
        ) from failure


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension that need not be there, from its wheel like `load_httpfs`.

    Raises:
        FeatureNotSupported: the wheel is missing, or does not fit the engine's version.
    """
    hint = "pip install 'boathouse[table-formats]'"
    try:
        module = importlib.import_module(f"duckdb_extension_{name}")
        place = Path(str(module.__file__)).parent / "extensions" / f"v{duckdb.__version__}"
        connection.load_extension(str(place / f"{name}.duckdb_extension"))
    except (ImportError, duckdb.Error) as failure:
        raise FeatureNotSupported(f"the engine's support for {name} is not installed", hint=hint) from failure


def machine_memory_bytes() -> int:
    """Memory of the machine or of the control group that holds us, whichever is less."""
    limits = [int(line.split()[1]) * 1024 for line in Path("/proc/meminfo").read_text().splitlines()[:1]]
    group = Path("/sys/fs/cgroup/memory.max")
    if group.exists() and (text := group.read_text().strip()).isdigit():
        limits.append(int(text))
    return min(limits)
