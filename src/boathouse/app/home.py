"""A home: the folder that holds a house.

Made by `boathouse init`; opened by `assemble`. Contents: `boathouse.toml`, `secrets.toml`, `warehouse.duckdb`
(or `catalog.ducklake` and `warehouse/`), `lake/`, `logs/`, `tmp/` (emptied at start), `server.lock`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from boathouse.app.settings import CONFIG_FILE, SECRETS_FILE
from boathouse.contracts.errors import HomeInUse, StorageError

WAREHOUSE_FILE = "warehouse.duckdb"
LAKE_CATALOG_FILE = "catalog.ducklake"
LAKE_DATA_FOLDER = "warehouse"
SNAPSHOT_FOLDER = "snapshots"

_CONFIG = """\
# Settings of this house. Every setting, what it means and where its value came from:  boathouse settings {home}

[serve]
database = "{database}"
host = "127.0.0.1"
port = 5439
http_port = 8439

[lake]
# Local folders that COPY, UNLOAD and external tables may use, besides this home's own lake folder.
roots = []
"""

_SECRETS = """\
# Named secrets, one section each; keep this file at mode 0600. The section "s3" is the default for s3:// places.
#
# [s3]
# access_key_id = "..."
# secret_access_key = "..."
"""


_STORAGE = """
[storage]
{lines}
"""

_KEPT_IN = {"native": WAREHOUSE_FILE, "ducklake": LAKE_CATALOG_FILE}
"""Kind of storage → what a home with a warehouse of that kind has."""


def require_storage(home: Path, kind: str, *, shared: bool = False) -> None:
    """Raise StorageError where the home's warehouse is of another kind than its settings say.

    Args:
        shared: the settings name a catalog beside the home.
    """
    for other, name in _KEPT_IN.items():
        if (other != kind or shared) and (home / name).exists() and (shared or not (home / _KEPT_IN[kind]).exists()):
            raise StorageError(
                f"the warehouse of {home} is stored as {other}, but [storage] "
                + ("catalog names another" if shared else f"kind is {kind}"),
                hint="The kind is chosen when the home is made: boathouse init --storage.",
            )


def create_home(home: Path, database: str, storage: Mapping[str, str] = MappingProxyType({})) -> None:
    """Make a home's folders and files.

    Args:
        storage: settings of `[storage]` that are not the usual ones.

    Raises:
        StorageError: the folder holds something already.
    """
    if home.exists() and any(home.iterdir()):
        raise StorageError(f"{home} is not empty", hint="Name a new folder, or an empty one.")
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    for name in ("lake", "logs", "tmp"):
        (home / name).mkdir(exist_ok=True)
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in storage.items())
    chosen = _STORAGE.format(lines=lines) if lines else ""
    (home / CONFIG_FILE).write_text(_CONFIG.format(home=home, database=database) + chosen, encoding="utf-8")
    descriptor = os.open(home / SECRETS_FILE, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_SECRETS)


def require_home(home: Path) -> None:
    """Raise StorageError where there is no home."""
    if not (home / CONFIG_FILE).is_file():
        raise StorageError(f"{home} is not a Boathouse home", hint=f"Make one with: boathouse init {home}")


def new_password() -> str:
    """A password for an administrator: 20 characters, with the kinds that Redshift asks for."""
    while True:
        password = secrets.token_urlsafe(15)
        if (
            any(c.isupper() for c in password)
            and any(c.islower() for c in password)
            and any(c.isdigit() for c in password)
        ):
            return password


def _is_gone(holder: str) -> bool:
    """True where that process has ended: a child that it was just starting has its files until it is another program."""
    try:
        os.kill(int(holder.removeprefix("process ")), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OSError):
        pass
    return False


_LEFT_SECONDS = 5.0
"""How long a home is asked for whose holder has ended."""


class HomeLock:
    """Held by whoever has the home open; the operating system frees it however the process ends."""

    def __init__(self, home: Path) -> None:
        self._path = home / "server.lock"
        self._file = self._path.open("a+", encoding="utf-8")
        deadline = time.monotonic() + _LEFT_SECONDS
        while (holder := self._other()) is not None:
            if time.monotonic() > deadline or not _is_gone(holder):
                self._file.close()
                raise HomeInUse(
                    f"the home {home} is in use by {holder}", hint="Stop that server first, or connect to it instead."
                )
            time.sleep(0.05)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(f"process {os.getpid()}")
        self._file.flush()

    def _other(self) -> str | None:
        """Who has the home; None once it is ours."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            return self._file.read().strip() or "another process"
        return None

    def close(self) -> None:
        """Let the home go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def empty_spool(home: Path) -> Path:
    """The home's `tmp`, without what an earlier process left."""
    spool = home / "tmp"
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True, exist_ok=True)
    return spool
