"""`boathouse storage …`: a home's warehouse stored in another way, or as it was at a snapshot; the server is stopped.

The new warehouse is made beside the old one, which is only read, and compared with it table by table; then they change places.
A run that was cut off is finished by the next one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from boathouse.app.assemble import OWN_SECTIONS
from boathouse.app.discover import discover_rooms
from boathouse.app.home import LAKE_CATALOG_FILE, LAKE_DATA_FOLDER, SNAPSHOT_FOLDER, WAREHOUSE_FILE
from boathouse.app.replaced.place import Place
from boathouse.app.replaced.swap import WORKPLACE, declare_ready, finish, with_place, write_note
from boathouse.app.settings import CONFIG_FILE, SECRETS_FILE, explain, sections
from boathouse.app.storage.forget import let_lake_go
from boathouse.app.storage.stopped import Stopped, stopped
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject
from boathouse.engines.duckdb.keeping.file_snapshots import FILE, durable
from boathouse.engines.duckdb.keeping.move import move
from boathouse.engines.duckdb.keeping.origins import Origin, let_go
from boathouse.engines.duckdb.keeping.past_file import PastFile
from boathouse.engines.duckdb.storage.ducklake import LakeStorage, relocate
from boathouse.engines.duckdb.storage.shared_swap import exists
from boathouse.query.past.noted import TABLES as SNAPSHOT_TABLES

Said = Callable[[str], None]
_NUMBERS = ("boathouse", "oids")
_SOURCE = "source.json"
"""In the workplace, or in a folder that becomes a home: what is being made there, and of what."""


def convert(home: Path, to: Place, said: Said = print) -> Path | None:
    """Store a home's warehouse elsewhere or in another way; returns the folder in which the old one is kept, or None: it is a
    lake that other servers may go on with.

    Raises:
        HomeInUse: its server runs, or another one of the lake. FeatureNotSupported: it has what the other way cannot store.
        StorageError: what was made is not what was there; the old one is untouched.
    """
    to.check()
    with stopped(home) as old:
        if old.place == to:
            raise InvalidParameterValue(f"the warehouse of {old.home} is stored as {to.kind} already")
        with_place((old.home / CONFIG_FILE).read_text(encoding="utf-8"), to)  # before hours of work, not after them
        _require_unset(old.home)
        _require_new(old, to)
        kept = _made_again(old, to, "all of it", None, said)
    finish(home.resolve())
    return kept if kept.exists() else None


def _require_unset(home: Path) -> None:
    """Raise InvalidParameterValue where the file's settings would not be those that count."""
    for one in explain(home, sections(discover_rooms(), OWN_SECTIONS), {}):
        if one.section == "storage" and one.name in asdict(Place("")) and one.source.startswith("environment"):
            raise InvalidParameterValue(
                f"[storage] {one.name} is set by the {one.source}, which a conversion cannot change",
                hint=f"Write it into {CONFIG_FILE} and unset the variable.",
            )


def _require_new(old: Stopped, to: Place) -> None:
    """Raise InvalidParameterValue where another lake is in the place."""
    if not to.catalog:
        return
    there = old.other(to, old.home).shared
    if there is not None and exists(there):
        raise InvalidParameterValue(
            f"there is a lake in {there.name} already, in the schema {there.schema}",
            hint=f"A home that joins it is a new one: boathouse init --storage ducklake --catalog {to.catalog} ...",
        )


def snapshots(home: Path) -> list[tuple[object, ...]]:
    """The snapshots of a home whose server is stopped: name, kind, place, when, bytes."""
    with stopped(home) as old, old.session(old.storage) as session:
        return session.fetch("SELECT name, kind, place, made, bytes FROM boathouse.snapshots ORDER BY made, name")


def restore(home: Path, name: str, into: Path | None, said: Said = print) -> Path:
    """Let a home, or a new one with the same settings, have the warehouse of a snapshot.

    Returns:
        The folder in which the old warehouse is kept, or the new home.
    """
    found = next((one for one in snapshots(home) if one[0] == name.lower()), None)
    if found is None:
        raise UndefinedObject(f'snapshot "{name}" does not exist')
    place = str(found[2])
    if into is not None:
        return _restore_into(home.resolve(), into, place, said)
    with stopped(home) as old:
        if isinstance(old.storage, LakeStorage):
            kept = _made_again(old, old.place, f"snapshot {place}", int(place), said)
        else:
            with old.session(old.storage) as session:
                for table in SNAPSHOT_TABLES:
                    session.execute(table)
                rows = session.fetch("SELECT * FROM boathouse.snapshots")
                number = PastFile(session.fetch, old.database).next_of(_NUMBERS)
            _copy_of(old, place, rows, number)
            kept = declare_ready(old.home, old.place, old.place, old.database, datetime.now(UTC))
    finish(home.resolve())
    return kept


def _restore_into(home: Path, into: Path, place: str, said: Said) -> Path:
    into = into.resolve()
    _begin_into(into, {"home": str(home), "snapshot": place})
    with stopped(home) as old:
        for name in ("lake", "logs", "tmp"):
            (into / name).mkdir(exist_ok=True)
        shutil.copy(home / SECRETS_FILE, into / SECRETS_FILE)
        to = Place(old.place.kind)  # of its own, whoever shares the old one
        new = Stopped(into, old.settings, old.secrets, old.other(to, into))
        if isinstance(old.storage, LakeStorage):
            with new.session(new.storage, *old.extensions) as session:
                _bring(new, session, old.origin(session, int(place)), said)
        else:
            _copy_of(new, place, [], None, _folder(old))
            for one in sorted(
                (into / WORKPLACE).glob(f"{WAREHOUSE_FILE}*")
            ):  # and its log, where there was no room to fold it
                one.rename(into / one.name)
            shutil.rmtree(into / WORKPLACE)
        # What makes it a home comes last.
        part = into / f"{CONFIG_FILE}.part"
        part.write_text(with_place((home / CONFIG_FILE).read_text(encoding="utf-8"), to), encoding="utf-8")
        part.chmod((home / CONFIG_FILE).stat().st_mode)
        durable(part)
        part.rename(into / CONFIG_FILE)
        (into / _SOURCE).unlink()
    return into


def _begin_into(into: Path, source: Mapping[str, str]) -> None:
    """Have a new folder, or one in which a restore was cut off: the same goes on, another one begins anew."""
    if into.exists() and {one.name for one in into.iterdir()} - {f"{_SOURCE}.part"}:
        if (into / CONFIG_FILE).exists() or not (into / _SOURCE).exists():
            raise InvalidParameterValue(f"{into} is not empty", hint="Name a new folder, or an empty one.")
        if json.loads((into / _SOURCE).read_text(encoding="utf-8")) == source:
            return
        shutil.rmtree(into)
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_note(into / _SOURCE, source)


def _folder(old: Stopped) -> Path:
    return old.home / (old.settings["storage"].snapshot_folder or SNAPSHOT_FOLDER)


def _made_again(old: Stopped, to: Place, what: str, version: int | None, said: Said) -> Path:
    """Make the warehouse anew, beside the one there is, and declare it ready."""
    if (before := [old.home / f"{name}.wal" for name in old.place.names]) and before[-1].exists():
        with old.session(old.storage):
            pass  # what a crash left in its log goes to its file
    workplace = old.home / WORKPLACE
    made = _begin(old, workplace, to, f"{what}, {old.state()}")
    own = LAKE_DATA_FOLDER in to.names
    if own:
        relocate(workplace / LAKE_CATALOG_FILE, workplace / LAKE_DATA_FOLDER)
    with old.session(old.other(to, workplace, made), *old.extensions) as session:
        _bring(old, session, old.origin(session, version), said)
    if own:
        relocate(workplace / LAKE_CATALOG_FILE, old.home / LAKE_DATA_FOLDER)
    return declare_ready(old.home, old.place, to, old.database, datetime.now(UTC), made)


def _begin(old: Stopped, workplace: Path, to: Place, what: str) -> str:
    """The schema of the new lake's catalog, where that is in a PostgreSQL; what was given up in the middle goes."""
    file, wanted = workplace / _SOURCE, {"what": what, "to": asdict(to)}
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if {name: found.get(name) for name in wanted} == wanted:
        return str(found["made"])
    if found and found["made"]:
        let_lake_go(old, old.other(Place(**found["to"]), workplace, found["made"]))
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    made = f"boathouse_converting_{token_hex(4)}" if to.catalog else ""
    write_note(file, {**wanted, "made": made})
    return made


def _bring(old: Stopped, session: EngineSession, origin: Origin, said: Said) -> None:
    move(session, origin, old.database, [table for room in discover_rooms() for table in room.tables], said)
    let_go(session)


def _copy_of(
    new: Stopped, place: str, rows: list[tuple[object, ...]], number: int | None, folder: Path | None = None
) -> None:
    """A native snapshot's copy in the workplace, with what snapshots there are today.

    Args:
        number: the next one that a relation gets today. By its number a table is found in snapshots, also in later ones than
            this: what is made from now on is none of theirs.
    """
    workplace = new.home / WORKPLACE
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    shutil.copyfile((folder or _folder(new)) / place / FILE, workplace / WAREHOUSE_FILE)
    with new.session(new.other(Place("native"), workplace)) as session:
        for table in SNAPSHOT_TABLES:  # the copy may be of an older version
            session.execute(table)
        session.execute("DELETE FROM boathouse.snapshots")
        for row in rows:
            values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            session.execute(f"INSERT INTO boathouse.snapshots VALUES ({values})", row)
        given = PastFile(session.fetch, new.database).next_of(_NUMBERS)
        if number is not None and given is not None and given < number:
            session.execute(f"CREATE OR REPLACE SEQUENCE {'.'.join(_NUMBERS)} START {number}")
