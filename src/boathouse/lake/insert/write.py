"""INSERT into an external table: rows become further files in its folders, and folders become partitions.

Received: the rows as a query, from the journey; for CREATE EXTERNAL TABLE AS, from `define`. The files are staged, named
in a journal, and put in place under names that nobody else uses; other sessions of this house see them once the
transaction has committed, and a rollback or a kill takes them back.

Source: Redshift Developer Guide, "INSERT (external table)", "CREATE EXTERNAL TABLE" (AS; table properties).
"""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session, Translated
from boathouse.lake.catalogs.choose import Found, find_table
from boathouse.lake.insert.append import append
from boathouse.lake.insert.options import check_rows, insert_options
from boathouse.lake.insert.pending import hide, show
from boathouse.lake.places import folder_of
from boathouse.lake.scans.list_files import is_one_file
from boathouse.lake.scans.partitions import read_hive_folder
from boathouse.lake.storage import Storage, storage_for
from boathouse.lake.tables import ExternalTable, Partition
from boathouse.lake.unload.journal import Journal, open_journal, take_back
from boathouse.lake.unload.partitions import partition_keys
from boathouse.lake.unload.stage import Published, send_files, stage_anywhere, stage_query
from boathouse.sql.statements import Credentials

log = logging.getLogger(__name__)


def insert_rows(
    house: House, session: Session, relation: Relation, rows: Translated, parameters: Sequence[object]
) -> int:
    """INSERT INTO schema.table query; see `contracts.rooms.Inserter`.

    Raises:
        FeatureNotSupported: a format or property that is read but not written.
        DataError: a value that the table's format would not give back.
    """
    if relation.live is not None:
        raise FeatureNotSupported(
            f'"{relation.schema}.{relation.name}" is a table of another database, which is read, not written'
        )
    found = find_table(house, session, relation.schema, relation.name)
    if found is None:
        raise UndefinedTable(f'relation "{relation.schema}.{relation.name}" does not exist')
    return write_rows(house, session, found, rows, parameters)


def write_rows(house: House, session: Session, into: Found, rows: Translated, parameters: Sequence[object] = ()) -> int:
    """Add the query's rows to the table; its partition columns are the query's last ones. Returns how many rows."""
    table, access = into.table, into.schema.credentials
    one_file = is_one_file(house, table, access)
    options = insert_options(table, one_file=one_file)
    fields = rows.fields
    keys = partition_keys(fields, options)
    kept = tuple(field for place, field in enumerate(fields) if place not in keys)
    checked = Translated(check_rows(rows, kept, options), fields)
    storage = storage_for(house, table.location, access)
    name = uuid.uuid4().hex
    known = {one.values: one.location for one in into.catalog.partitions(table)} if table.partitions else {}
    with _staging(house, name) as staging:
        slices = house.settings["lake"].unload_slices if options.parallel else 1
        given = (checked, keys, kept, options, staging, slices)
        files = stage_query(session, *given, parameters) if parameters else stage_anywhere(session, rows, *given)
        session.check_cancelled()
        if one_file:
            if files:
                append(house, session, Path(table.location), [file.local for file in files], options.header)
            return sum(file.rows for file in files)
        stamp = f"{house.clock.now():%Y%m%d_%H%M%S_%f}_{name[:8]}_"
        places = _places(known, table, [file.name for file in files])
        targets = [Published(places[folder] + stamp + leaf, file) for file in files
                   for folder, leaf in [_parted(file.name)]]  # fmt: skip
        if targets:
            _publish(house, session, storage, table, access, name, targets)
    found = {_values(folder): Partition(_values(folder), place) for folder, place in places.items() if keys}
    into.catalog.add(table, [one for values, one in found.items() if values not in known])
    return sum(file.rows for file in files)


@contextmanager
def _staging(house: House, name: str) -> Iterator[Path]:
    folder = house.home / "tmp" / f"insert-{name}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parted(name: str) -> tuple[str, str]:
    folder, slash, leaf = name.rpartition("/")
    return folder + slash, leaf


def _values(folder: str) -> tuple[str | None, ...]:
    pairs = [read_hive_folder(part) for part in folder.strip("/").split("/")]
    return tuple(pair[1] for pair in pairs if pair is not None)


def _places(known: Mapping[tuple[str | None, ...], str], table: ExternalTable, names: Sequence[str]) -> dict[str, str]:
    """Where each folder of staged files goes: a known partition's own place, or beneath the table's."""
    root = folder_of(table.location)
    folders = {_parted(name)[0] for name in names}
    return {folder: folder_of(known.get(_values(folder), root + folder) if folder else root) for folder in folders}


def _publish(
    house: House,
    session: Session,
    storage: Storage,
    table: ExternalTable,
    access: Credentials,
    name: str,
    targets: Sequence[Published],
) -> None:
    """Put the files in place for this session alone, until its transaction ends."""
    paths = [target.path for target in targets]
    root = folder_of(table.location)
    journal = open_journal(house, name, root, access, paths)
    hide(session, paths)
    try:
        journal.mark(session)
        send_files(session, storage, targets)
    except BaseException:
        _undo(storage, root, paths, journal)
        raise
    session.at_end(lambda committed: _settle(house, storage, root, paths, journal, committed))


def _settle(house: House, storage: Storage, root: str, paths: Sequence[str], journal: Journal, committed: bool) -> None:
    if not committed:
        _undo(storage, root, paths, journal)
        return
    show(paths)
    journal.close()
    own = house.engine.session()
    try:
        own.execute("DELETE FROM boathouse.lake_writes WHERE name = ?", [journal.path.stem])
    except BoathouseError as failure:
        # A mark without a journal is harmless, and swept when the house opens next.
        log.debug("the mark of a write stays until the next start: %s", failure)
    finally:
        own.close()


def _undo(storage: Storage, root: str, paths: Sequence[str], journal: Journal) -> None:
    """Take the files back. What cannot be taken back now stays hidden, and in the journal for the next start."""
    try:
        take_back(storage, root, paths)
    except (BoathouseError, OSError) as failure:
        log.warning("files of a write that was rolled back could not be removed: %s", failure)
        return
    show(paths)
    journal.close()
