"""How and where a home's warehouse is stored, as `[storage]` says it, and what opens it there.

Received: settings and secrets. Handed on: a `Storage` for the engine, to whoever opens a home (`assemble`) or gives it another
warehouse (`app.storage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from boathouse.app.home import LAKE_CATALOG_FILE, LAKE_DATA_FOLDER, SNAPSHOT_FOLDER, WAREHOUSE_FILE
from boathouse.contracts.engine import Access
from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject
from boathouse.engines.duckdb.keeping.lake_upkeep import Upkeep
from boathouse.engines.duckdb.settings import StorageSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

Secrets = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """The settings of `[storage]` by which a warehouse is found.

    Attributes:
        kind: native or ducklake.
        catalog: the secret of the PostgreSQL that several servers share; empty for a file in the home.
        data_path: of a lake's files; empty for a folder in the home.
    """

    kind: str
    catalog: str = ""
    data_path: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the home holds of it; the file without which nothing is there comes last."""
        if self.kind == "native":
            return (WAREHOUSE_FILE,)
        folder = () if self.data_path else (LAKE_DATA_FOLDER,)
        return folder if self.catalog else (*folder, LAKE_CATALOG_FILE)

    def check(self) -> None:
        """Raise InvalidParameterValue where the settings do not go together."""
        if self.kind == "native":
            for name in ("catalog", "data_path"):
                if getattr(self, name):
                    raise InvalidParameterValue(f"[storage] {name} is of a lake, but kind is native")
        if self.catalog and not self.data_path:
            raise InvalidParameterValue(
                "[storage] catalog needs a data_path",
                hint="Name a place that every server of the lake reaches: s3://bucket/prefix, or a folder that they share.",
            )
        if self.data_path and not self.is_on_s3 and not Path(self.data_path).is_absolute():
            raise InvalidParameterValue(
                f'[storage] data_path "{self.data_path}" is neither an absolute path nor s3://bucket/prefix'
            )

    @property
    def is_on_s3(self) -> bool:
        """True where the files are on S3."""
        return self.data_path.lower().startswith("s3://")


def place_of(settings: Mapping[str, Any]) -> Place:
    """The one that a home's settings name."""
    chosen: StorageSettings = settings["storage"]
    return Place(chosen.kind, chosen.catalog, chosen.data_path)


def open_storage(
    home: Path,
    settings: Mapping[str, Any],
    secrets: Secrets,
    place: Place,
    *,
    folder: Path | None = None,
    schema: str = "",
) -> NativeStorage | LakeStorage:
    """What opens a warehouse.

    Args:
        folder: in which that is what else would be in the home.
        schema: of the catalog in PostgreSQL, where it is not the database's own.

    Raises:
        InvalidParameterValue: settings that do not go together. UndefinedObject: no such secret.
    """
    chosen: StorageSettings = settings["storage"]
    database = settings["serve"].database
    place.check()
    folder = folder or home
    if place.kind == "native":
        return NativeStorage(folder / WAREHOUSE_FILE, database, home / (chosen.snapshot_folder or SNAPSHOT_FOLDER))
    data, access = place.data_path or str(folder / LAKE_DATA_FOLDER), None
    if place.is_on_s3:
        from boathouse.lake.scans.access import place_keys
        from boathouse.lake.storage_s3 import engine_settings, place_secret  # here, for it takes a while to load

        keys = _secret(secrets, chosen.data_secret, "data_secret")
        told, handed = tuple(engine_settings(settings["lake"])), place_keys(settings["lake"], keys)
        access = Access((place_secret(settings["lake"], keys, data),), told, keys=handed)
    near = max(0, chosen.near_megabytes) * 1_000_000
    if not place.catalog:
        return LakeStorage(folder / LAKE_CATALOG_FILE, data, database, access, _upkeep(chosen, place), near)
    catalog = open_catalog(secrets, place, schema or schema_of(database))
    return LakeStorage(catalog, data, database, access, _upkeep(chosen, place), near)


def _upkeep(chosen: StorageSettings, place: Place) -> Upkeep:
    """Raises InvalidParameterValue for what cannot be kept so."""
    if chosen.history_hours < 0 or chosen.file_megabytes < 1:
        raise InvalidParameterValue("[storage] history_hours is at least 0, file_megabytes at least 1")
    skew = timedelta(minutes=2 if place.catalog or place.is_on_s3 else 0)
    history, file_bytes = timedelta(hours=chosen.history_hours), chosen.file_megabytes * 1_000_000
    patience = timedelta(minutes=1 if place.catalog else 0)
    return Upkeep(history, file_bytes, skew=skew, owns_folder=not place.data_path, patience=patience)


def open_catalog(secrets: Secrets, place: Place, schema: str) -> SharedCatalog:
    """The PostgreSQL that a lake's servers share."""
    return SharedCatalog(_secret(secrets, place.catalog, "catalog"), schema)


def schema_of(database: str) -> str:
    """Where a database's lake has its catalog in that PostgreSQL."""
    return f"boathouse_{database}"


def _secret(secrets: Secrets, name: str, setting: str) -> Mapping[str, str]:
    if name.lower() not in secrets:
        raise UndefinedObject(
            f'the secret "{name}" of [storage] {setting} does not exist',
            hint="Secrets live in secrets.toml, or in the environment as BOATHOUSE_SECRET_NAME_KEY.",
        )
    return secrets[name.lower()]
