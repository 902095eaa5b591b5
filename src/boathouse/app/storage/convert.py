"""`boathouse storage …`: a home's warehouse stored in another way, or as it was at a snapshot; the server is stopped.

The new warehouse is made beside the old one, which is only read, and compared with it table by table; then they change places.
A run that was cut off is finished by the next one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boathouse.app.assemble import OWN_SECTIONS
from boathouse.app.discover import discover_rooms
from boathouse.app.home import (
    LAKE_CATALOG_FILE,
    LAKE_DATA_FOLDER,
    SNAPSHOT_FOLDER,
    WAREHOUSE_FILE,
    HomeLock,
    empty_spool,
    require_home,
    require_storage,
)
from boathouse.app.replaced.swap import WORKPLACE, declare_ready, finish, with_kind
from boathouse.app.settings import CONFIG_FILE, load, sections
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, UndefinedObject
from boathouse.engines.duckdb.engine import DuckEngine, Storage
from boathouse.engines.duckdb.keeping.file_snapshots import FILE
from boathouse.engines.duckdb.keeping.move import move
from boathouse.engines.duckdb.keeping.origins import Origin, file_origin, lake_origin, let_go
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage

Said = Callable[[str], None]
_SOURCE = "source"
"""In the workplace: of what is being made there."""


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A home whose server is stopped."""

    home: Path
    settings: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """How its warehouse is stored."""
        return str(self.settings["storage"].kind)

    @property
    def database(self) -> str:
        """Its database's name."""
        return str(self.settings["serve"].database)

    def storage(self, kind: str, file: Path | None = None) -> Storage:
        """Its warehouse, or another one in `file`."""
        if kind == "ducklake":
            return LakeStorage(file or self.home / LAKE_CATALOG_FILE, self.home / LAKE_DATA_FOLDER, self.database)
        return NativeStorage(file or self.home / WAREHOUSE_FILE, self.database)

    @contextmanager
    def session(self, storage: Storage, *extensions: str) -> Iterator[EngineSession]:
        """A session on a warehouse, which is written to its file at the end."""
        engine = DuckEngine(storage, self.database, self.home / "tmp", self.settings["engine"])
        try:
            for extension in extensions:
                engine.load_extension(extension)
            session = engine.session()
            yield session
            session.close()
        finally:
            engine.close()


@contextmanager
def _stopped(home: Path) -> Iterator[_Stopped]:
    home = home.resolve()
    require_home(home)
    finish(home)
    settings = load(home, sections(discover_rooms(), OWN_SECTIONS), {})
    chosen = settings["storage"]
    if chosen.catalog or chosen.data_path:
        raise FeatureNotSupported(
            "a lake with a catalog or files elsewhere than in its home is neither converted nor restored as a whole",
            hint="Its tables come back one by one: RESTORE TABLE ... FROM SNAPSHOT ...",
        )
    require_storage(home, chosen.kind)
    with HomeLock(home):
        empty_spool(home)
        yield _Stopped(home, settings)


def convert(home: Path, kind: str, said: Said = print) -> Path:
    """Store a home's warehouse in another way; returns the folder in which the old one is kept.

    Raises:
        HomeInUse: its server runs. FeatureNotSupported: it has what the other way cannot store. StorageError: what was made
            is not what was there; the old one is untouched.
    """
    with _stopped(home) as old:
        if old.kind == kind:
            raise InvalidParameterValue(f"the warehouse of {old.home} is stored as {kind} already")
        with_kind((old.home / CONFIG_FILE).read_text(encoding="utf-8"), kind)  # before hours of work, not after them
        kept = _made_again(old, kind, f"convert to {kind}", lambda session: _origin(old, session), said)
    finish(home.resolve())
    return kept


def snapshots(home: Path) -> list[tuple[object, ...]]:
    """The snapshots of a home whose server is stopped: name, kind, place, when, bytes."""
    with _stopped(home) as old, old.session(old.storage(old.kind)) as session:
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
    with _stopped(home) as old:
        if old.kind == "ducklake":
            kept = _made_again(
                old,
                old.kind,
                f"snapshot {place}",
                lambda session: lake_origin(session, _catalog(old), int(place)),
                said,
            )
        else:
            with old.session(old.storage(old.kind)) as session:
                rows = session.fetch("SELECT * FROM boathouse.snapshots")
            _copy_of(old, place, rows)
            kept = declare_ready(old.home, old.kind, old.kind, datetime.now(UTC))
    finish(home.resolve())
    return kept


def _restore_into(home: Path, into: Path, place: str, said: Said) -> Path:
    if into.exists() and any(into.iterdir()):
        raise InvalidParameterValue(f"{into} is not empty", hint="Name a new folder, or an empty one.")
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _stopped(home) as old:
        for name in ("lake", "logs", "tmp"):
            (into / name).mkdir(exist_ok=True)
        shutil.copy(home / "secrets.toml", into / "secrets.toml")
        new = _Stopped(into.resolve(), old.settings)
        if old.kind == "ducklake":
            with new.session(new.storage("ducklake")) as session:
                _bring(new, session, lake_origin(session, _catalog(old), int(place)), said)
        else:
            _copy_of(new, place, [], _folder(old))
            (into / WORKPLACE / WAREHOUSE_FILE).rename(into / WAREHOUSE_FILE)
            shutil.rmtree(into / WORKPLACE)
        # What makes it a home comes last.
        text = (home / "boathouse.toml").read_text(encoding="utf-8")
        (into / "boathouse.toml").write_text(with_kind(text, old.kind), encoding="utf-8")
    return into


def _catalog(old: _Stopped) -> Path:
    return old.home / LAKE_CATALOG_FILE


def _folder(old: _Stopped) -> Path:
    return old.home / (old.settings["storage"].snapshot_folder or SNAPSHOT_FOLDER)


def _origin(old: _Stopped, session: EngineSession) -> Origin:
    if old.kind == "ducklake":
        return lake_origin(session, _catalog(old))
    return file_origin(session, old.home / WAREHOUSE_FILE)


def _made_again(old: _Stopped, kind: str, source: str, origin: Callable[[EngineSession], Origin], said: Said) -> Path:
    """Make the warehouse anew in the workplace and declare it ready."""
    before = old.home / (LAKE_CATALOG_FILE if old.kind == "ducklake" else WAREHOUSE_FILE)
    if before.with_name(before.name + ".wal").exists():
        with old.session(old.storage(old.kind)):
            pass  # what a crash left in its log goes to its file
    workplace = old.home / WORKPLACE
    if workplace.exists() and (not (note := workplace / _SOURCE).exists() or note.read_text() != source):
        shutil.rmtree(workplace)
        if old.kind == "native":  # what was given up in the middle
            shutil.rmtree(old.home / LAKE_DATA_FOLDER, ignore_errors=True)
    workplace.mkdir(exist_ok=True)
    (workplace / _SOURCE).write_text(source)
    file = workplace / (LAKE_CATALOG_FILE if kind == "ducklake" else WAREHOUSE_FILE)
    with old.session(old.storage(kind, file), *(["ducklake"] if old.kind == "ducklake" else [])) as session:
        _bring(old, session, origin(session), said)
    return declare_ready(old.home, old.kind, kind, datetime.now(UTC))


def _bring(old: _Stopped, session: EngineSession, origin: Origin, said: Said) -> None:
    move(session, origin, old.database, [table for room in discover_rooms() for table in room.tables], said)
    let_go(session)


def _copy_of(new: _Stopped, place: str, rows: list[tuple[object, ...]], folder: Path | None = None) -> None:
    """A native snapshot's copy in the workplace, with what snapshots there are today."""
    workplace = new.home / WORKPLACE
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    shutil.copyfile((folder or _folder(new)) / place / FILE, workplace / WAREHOUSE_FILE)
    with new.session(new.storage("native", workplace / WAREHOUSE_FILE)) as session:
        session.execute("DELETE FROM boathouse.snapshots")
        for row in rows:
            values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            session.execute(f"INSERT INTO boathouse.snapshots VALUES ({values})", row)
