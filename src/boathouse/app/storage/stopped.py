"""A home whose server is stopped, with its warehouse and others that may take its place.

Handed on to the commands `boathouse storage …`: nobody else has the home meanwhile, nor the lake that it shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boathouse.app.assemble import OWN_SECTIONS
from boathouse.app.discover import discover_rooms
from boathouse.app.home import WAREHOUSE_FILE, HomeLock, empty_spool, require_home, require_storage
from boathouse.app.replaced.place import Place, Secrets, open_storage, place_of
from boathouse.app.replaced.swap import finish
from boathouse.app.settings import load, load_secrets, sections
from boathouse.contracts.engine import EngineSession
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.keeping.origins import NAME, Origin, file_origin, lake_origin
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage
from boathouse.engines.duckdb.storage.shared_swap import newest_commit


@dataclass(frozen=True, slots=True)
class Stopped:
    """A home whose server is stopped, and with it all that have the lake.

    Attributes:
        storage: opens its warehouse.
    """

    home: Path
    settings: Mapping[str, Any]
    secrets: Secrets
    storage: NativeStorage | LakeStorage

    @property
    def place(self) -> Place:
        """Where its warehouse is stored."""
        return place_of(self.settings)

    @property
    def database(self) -> str:
        """Its database's name."""
        return str(self.settings["serve"].database)

    def other(self, place: Place, folder: Path, schema: str = "") -> NativeStorage | LakeStorage:
        """Another warehouse of its."""
        return open_storage(self.home, self.settings, self.secrets, place, folder=folder, schema=schema)

    @contextmanager
    def session(self, storage: NativeStorage | LakeStorage, *extensions: str) -> Iterator[EngineSession]:
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

    def origin(self, session: EngineSession, version: int | None = None) -> Origin:
        """Its warehouse, to be read in the session of another one."""
        if isinstance(self.storage, NativeStorage):
            return file_origin(session, self.home / WAREHOUSE_FILE)
        return lake_origin(session, self.storage.attach_past(session, NAME, version), version)

    @property
    def extensions(self) -> tuple[str, ...]:
        """What an engine needs for that."""
        if isinstance(self.storage, NativeStorage):
            return ()
        catalog = ("postgres_scanner",) if self.storage.shared else ()
        return ("ducklake", *catalog, *(("httpfs",) if self.place.is_on_s3 else ()))

    def state(self) -> str:
        """Another one whenever the warehouse has been changed."""
        if self.storage.shared is not None:
            return f"commit {newest_commit(self.storage.shared)}"
        of = (self.home / self.place.names[-1]).stat()
        return f"{of.st_size} bytes at {of.st_mtime_ns}"


@contextmanager
def stopped(home: Path) -> Iterator[Stopped]:
    """Have a home alone, until its end.

    Raises:
        HomeInUse: a server has it, or the lake that it shares. StorageError: there is no home.
    """
    home = home.resolve()
    require_home(home)
    finish(home)
    settings = load(home, sections(discover_rooms(), OWN_SECTIONS), {})
    secrets, place = load_secrets(home), place_of(settings)
    require_storage(home, place.kind, shared=bool(place.catalog))
    with HomeLock(home), ExitStack() as stack:
        empty_spool(home)
        storage = open_storage(home, settings, secrets, place)
        if storage.shared is not None:
            stack.enter_context(storage.shared.nobody_else())
        yield Stopped(home, settings, secrets, storage)
