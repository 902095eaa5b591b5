"""A home gets another warehouse in place of the one it has, all of it or nothing.

The new one is made ready in `converting/`. A note there, made durable, says that it is whole; from then on the swap is finished
by whoever opens the home next, however often it is cut off. What stood there before is kept in `replaced-…/`.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from boathouse.app.home import LAKE_DATA_FOLDER, HomeLock
from boathouse.app.replaced.place import Place, open_catalog, schema_of
from boathouse.app.settings import CONFIG_FILE, load_secrets
from boathouse.contracts.errors import StorageError
from boathouse.engines.duckdb.keeping.file_snapshots import durable
from boathouse.engines.duckdb.storage.shared_swap import name_of_kept, takes_place

WORKPLACE = "converting"
KEPT_LAKE = "lake.json"
"""In a folder of what was replaced: where the lake is that was, so far as it is not in the folder."""
_READY = "ready.json"
_SECTION = re.compile(r"^[ \t]*\[storage\][^\n]*$", re.MULTILINE)


def declare_ready(home: Path, before: Place, after: Place, database: str, now: datetime, made: str = "") -> Path:
    """Say that the new warehouse is whole; returns the folder in which the old one will be kept.

    Args:
        made: the schema of the new lake's catalog, where that is in a PostgreSQL.
    """
    kept = f"replaced-{now:%Y%m%d-%H%M%S}"
    note = {"before": asdict(before), "after": asdict(after), "kept": kept, "made": made, "database": database}
    write_note(home / WORKPLACE / _READY, note)
    return home / kept


def write_note(path: Path, note: Mapping[str, Any]) -> None:
    """Write a note that is there as a whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(note), encoding="utf-8")
    durable(part)
    part.rename(path)
    durable(path.parent)


def finish(home: Path) -> None:
    """Finish a swap that was declared; nothing where there is none.

    Raises:
        HomeInUse: another process has the home, or servers have the lake whose place is taken.
        StorageError: there is a lake by now where the new one was to be; the old warehouse is the home's as before.
    """
    note = home / WORKPLACE / _READY
    if not note.exists():
        return
    with HomeLock(home):
        if note.exists():  # nobody else was quicker
            _finish(home, json.loads(note.read_text(encoding="utf-8")))


def _finish(home: Path, said: Mapping[str, Any]) -> None:
    before, after, kept = Place(**said["before"]), Place(**said["after"]), home / said["kept"]
    if after.catalog:
        _finish_shared(home, said, before, after)
    old, new, workplace = before.names, after.names, home / WORKPLACE
    kept.mkdir(exist_ok=True)
    if after.catalog or (workplace / new[-1]).exists():
        for name in (*old, *(name + ".wal" for name in old)):
            if (home / name).exists() and not (kept / name).exists():
                (home / name).rename(kept / name)
        if LAKE_DATA_FOLDER in old:
            (kept / LAKE_DATA_FOLDER).mkdir(exist_ok=True)  # it has been moved, also where there was none
        if before.data_path and (not before.catalog or before == after):
            schema = name_of_kept(kept.name, said["database"]) if before.catalog else ""
            write_note(kept / KEPT_LAKE, {"place": asdict(before), "schema": schema})
        durable(kept)
        for name in new:
            if (workplace / name).exists():
                (workplace / name).rename(home / name)
        durable(home)
    for log in (f"{name}.wal" for name in new):  # what was not folded into its file, for want of room
        if (workplace / log).exists():
            (workplace / log).rename(home / log)
            durable(home)
    if before != after:
        config = home / CONFIG_FILE
        part = config.with_suffix(".part")
        part.write_text(with_place(config.read_text(encoding="utf-8"), after), encoding="utf-8")
        part.chmod(config.stat().st_mode)
        durable(part)
        part.rename(config)
        durable(home)
    if not any(kept.iterdir()):  # a lake that other servers may go on with
        kept.rmdir()
    shutil.rmtree(workplace)


def _finish_shared(home: Path, said: Mapping[str, Any], before: Place, after: Place) -> None:
    """The new lake's catalog gets the name by which servers look for it."""
    catalog = open_catalog(load_secrets(home), after, schema_of(said["database"]))
    kept = name_of_kept(said["kept"], said["database"]) if before == after else None
    outcome = takes_place(catalog, said["made"], kept)
    if outcome == "done":
        return
    (home / WORKPLACE / _READY).unlink()
    raise StorageError(
        f"the lake that was made in {catalog.name} "
        + ("is there no more" if outcome == "lost" else f"cannot be its {catalog.schema}: there is one by now"),
        hint="The warehouse of the home is the one that it had.",
    )


def with_place(config: str, place: Place) -> str:
    """The text of a home's settings with another place of storage; the rest stays as it is written.

    Raises:
        StorageError: it is written in a way that this cannot change.
    """
    facts = {name: fact for name, fact in asdict(place).items() if fact}
    section = _SECTION.search(config)
    if section is None:
        lines = "".join(f"{name} = {json.dumps(fact)}\n" for name, fact in facts.items())
        changed = f"{config.rstrip()}\n\n[storage]\n{lines}"
    else:
        rest = config[section.end() :]
        end = re.search(r"^[ \t]*\[", rest, re.MULTILINE)
        inside, after = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
        for name in reversed(asdict(place)):
            written = re.compile(rf"^[ \t]*{name}[ \t]*=.*(?:\n|$)", re.MULTILINE)
            line = f"{name} = {json.dumps(facts[name])}\n" if name in facts else ""
            if written.search(inside):
                inside = written.sub(line.replace("\\", r"\\"), inside, count=1)
            elif line:
                inside = f"\n{line.rstrip()}{inside}" if inside.startswith("\n") else f"\n{line}{inside}"
        changed = config[: section.end()] + inside + after
    wanted = tomllib.loads(config)
    others = {name: fact for name, fact in wanted.get("storage", {}).items() if name not in asdict(place)}
    wanted["storage"] = others | facts
    try:
        is_changed = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        is_changed = False
    if not is_changed:
        told = ", ".join(f"{name} = {json.dumps(fact)}" for name, fact in facts.items())
        raise StorageError(f"{CONFIG_FILE} cannot be changed: set {told} in [storage] yourself")
    return changed
