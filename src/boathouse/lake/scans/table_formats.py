"""Delta Lake and Iceberg: tables whose own log says which files they have.

Receives a table of the catalog that says so; hands `lake.scan` SQL over the engine's extension for it, and the files that
the log names. Each of them is held against the roots like any other place: a log may name files anywhere.

Source: Redshift Developer Guide, "Using Apache Iceberg tables", "Creating external tables for data managed in Delta Lake".
"""

from __future__ import annotations

import re
from dataclasses import replace

from boathouse.contracts.errors import StorageError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.places import folder_of
from boathouse.lake.scans.access import open_for_engine
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.serdes import FILE_COLUMN, Kind
from boathouse.lake.scans.values import engine_type, fitted, literal, quoted
from boathouse.lake.storage import Storage, storage_for
from boathouse.lake.tables import ExternalTable
from boathouse.sql.statements import Credentials

LOGGED: frozenset[Kind] = frozenset({"delta", "iceberg"})
"""The kinds of tables that are read here."""

_VERSION = re.compile(r"/v?(\d+)(?:-[^/]*)?\.(?:gz\.)?metadata\.json$")


def logged_table(table: ExternalTable) -> ExternalTable:
    """The table as its log has it: partition columns are columns, and no catalog keeps partitions."""
    return replace(table, columns=table.columns + table.partitions, partitions=())


def read_log(
    house: House, session: Session, table: ExternalTable, kind: Kind, access: Credentials
) -> tuple[str, list[LakeFile]]:
    """SQL over the table's rows, its columns and then `FILE_COLUMN`, and the files that its log names.

    Raises:
        StorageError: there is no such log.
        InsufficientPrivilege: the log names files outside the roots.
        FeatureNotSupported: the engine's extension is not installed.
    """
    house.engine.load_extension(kind)
    open_for_engine(house, session, table.location, access)
    place = _iceberg_metadata(house, table, access) if kind == "iceberg" else folder_of(table.location)
    if not place.startswith(table.location):
        open_for_engine(house, session, place, access)
    if kind == "iceberg":
        names = f"SELECT file_path FROM iceberg_metadata({literal(place)}) WHERE status <> 'DELETED'"
    else:
        names = f"SELECT * FROM delta_list_files({literal(place)})"
    try:
        rows = session.engine.fetch(names)
    except StorageError as failure:
        told = "Delta" if kind == "delta" else "Iceberg"
        raise StorageError(f'"{table.location}" holds no {told} table that can be read') from failure
    paths = [str(row[0]).removeprefix("file:").replace("///", "/") for row in rows]
    storage = storage_for(house, table.location, access)
    sizes = {file.path: file.size for file in storage.list(folder_of(table.location))} if paths else {}
    for path in paths:
        if path not in sizes:
            storage_for(house, path, access)
    source = f"{kind}_scan({literal(place)}, filename = {literal(FILE_COLUMN)})"
    return _columns(session, table, source), [LakeFile(path, sizes.get(path, 0)) for path in paths]


def _columns(session: Session, table: ExternalTable, source: str) -> str:
    """The declared columns by name whatever their case; NULL where the log has none."""
    found = {field.name.lower(): field.name for field in session.engine.describe(f"SELECT * FROM {source}")}
    shown = []
    for name, kind in table.columns:
        own = found.get(name.lower())
        value = f"CAST({'NULL' if own is None else quoted(own)} AS {engine_type(kind)})"
        shown.append(f"{fitted(value, kind, table)} AS {quoted(name)}")
    return f"SELECT {', '.join(shown)}, {FILE_COLUMN} FROM {source}"


def _iceberg_metadata(house: House, table: ExternalTable, access: Credentials) -> str:
    """The table's current metadata file: the one that a catalog names, or the latest in its folder."""
    named = table.property("metadata_location")
    if named:
        storage_for(house, named, access)
        return named
    found = latest_metadata(storage_for(house, table.location, access), folder_of(table.location))
    if found is None:
        raise StorageError(
            f'"{table.location}" holds no Iceberg table: it has no metadata file in its folder "metadata/"'
        )
    return found[1]


def latest_metadata(storage: Storage, folder: str) -> tuple[int, str] | None:
    """The number of an Iceberg table's latest version and its metadata file; None where there is none.

    Args:
        folder: the table's, with its slash.
    """
    found = []
    for file in storage.list(folder + "metadata/"):
        version = _VERSION.search(file.path)
        if version is not None:
            found.append((int(version.group(1)), file.modified, file.path))
    if not found:
        return None
    number, _, path = max(found)
    return number, path
