"""A home gets another warehouse in place of the one it has, all of it or nothing.

The new one is made ready in `converting/`. A note there, made durable, says that it is whole; from then on the swap is finished
by whoever opens the home next, however often it is cut off. What stood there before is kept in `replaced-…/`.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from datetime import datetime
from pathlib import Path

from boathouse.app.home import LAKE_CATALOG_FILE, LAKE_DATA_FOLDER, WAREHOUSE_FILE, HomeLock
from boathouse.app.settings import CONFIG_FILE
from boathouse.contracts.errors import StorageError
from boathouse.engines.duckdb.keeping.file_snapshots import durable

WORKPLACE = "converting"
_READY = "ready.json"
_FILES = {"native": WAREHOUSE_FILE, "ducklake": LAKE_CATALOG_FILE}
_KIND = re.compile(r"^[ \t]*kind[ \t]*=.*$", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*\[storage\][^\n]*$", re.MULTILINE)


def declare_ready(home: Path, before: str, after: str, now: datetime) -> Path:
    """Say that the new warehouse is whole; returns the folder in which the old one will be kept."""
    kept = f"replaced-{now:%Y%m%d-%H%M%S}"
    part = home / WORKPLACE / (_READY + ".part")
    part.write_text(json.dumps({"before": before, "after": after, "kept": kept}), encoding="utf-8")
    durable(part)
    part.rename(home / WORKPLACE / _READY)
    durable(home / WORKPLACE)
    return home / kept


def finish(home: Path) -> None:
    """Finish a swap that was declared; nothing where there is none.

    Raises:
        HomeInUse: another process has the home.
    """
    note = home / WORKPLACE / _READY
    if not note.exists():
        return
    with HomeLock(home):
        if note.exists():  # nobody else was quicker
            _finish(home, json.loads(note.read_text(encoding="utf-8")))


def _finish(home: Path, said: dict[str, str]) -> None:
    before, after, kept = said["before"], said["after"], home / said["kept"]
    kept.mkdir(exist_ok=True)
    old, new = _FILES[before], _FILES[after]
    if (home / WORKPLACE / new).exists():
        for name in (old, old + ".wal"):
            if (home / name).exists() and not (kept / name).exists():
                (home / name).rename(kept / name)
        if (before, after) == ("ducklake", "native") and (home / LAKE_DATA_FOLDER).exists():
            (home / LAKE_DATA_FOLDER).rename(kept / LAKE_DATA_FOLDER)
        durable(kept)
        (home / WORKPLACE / new).rename(home / new)
        durable(home)
    if before != after:
        config = home / CONFIG_FILE
        part = config.with_suffix(".part")
        part.write_text(with_kind(config.read_text(encoding="utf-8"), after), encoding="utf-8")
        part.chmod(config.stat().st_mode)
        durable(part)
        part.rename(config)
        durable(home)
    shutil.rmtree(home / WORKPLACE)


def with_kind(config: str, kind: str) -> str:
    """The text of a home's settings with another kind of storage; the rest stays as it is written.

    Raises:
        StorageError: it is written in a way that this cannot change.
    """
    section = _SECTION.search(config)
    line = f'kind = "{kind}"'
    if section is None:
        changed = f"{config.rstrip()}\n\n[storage]\n{line}\n"
    else:
        rest = config[section.end() :]
        end = re.search(r"^[ \t]*\[", rest, re.MULTILINE)
        inside, after = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
        inside = _KIND.sub(line, inside, count=1) if _KIND.search(inside) else f"\n{line}{inside}"
        changed = config[: section.end()] + inside + after
    wanted = tomllib.loads(config)
    wanted["storage"] = {**wanted.get("storage", {}), "kind": kind}
    try:
        is_changed = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        is_changed = False
    if not is_changed:
        raise StorageError(f'{CONFIG_FILE} cannot be changed: set kind = "{kind}" in [storage] yourself')
    return changed
