"""A crawl, from targets to the data catalog, and the statements that define and start crawlers.

Receives targets; lists, groups, infers, and writes tables and partitions to `lake.catalog`. A second run over the same
files changes nothing. Tables that users created keep their columns; only their partitions follow the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from boathouse.contracts.answers import Done, Field, Notice, Rows
from boathouse.contracts.errors import DuplicateObject, InvalidParameterValue, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import BIGINT, VARCHAR, arrow_type
from boathouse.lake import catalog
from boathouse.lake.crawler.group_partitions import FoundTable, group_partitions, table_name
from boathouse.lake.crawler.infer_schema import Inferred, infer_schema
from boathouse.lake.crawler.list_objects import list_objects
from boathouse.lake.places import check_place, folder_of
from boathouse.lake.scans.access import open_for_engine
from boathouse.lake.tables import ExternalTable
from boathouse.sql.statements import CreateCrawler, Credentials, DropCrawler, StartCrawler

MADE_BY = ("updated_by_crawler", "true")
"""The table property that marks a table as the crawler's own."""


@dataclass(frozen=True, slots=True)
class CrawledTable:
    """What a crawl did about one table or file.

    Attributes:
        name: the table's; for a file that was not understood, the file's own.
        action: `created`, `updated`, `unchanged`, or `skipped` for what was not understood.
        format: `parquet`, `csv`, `json`; for `skipped` the reason.
        partitions, files: how many.
    """

    name: str
    action: str
    location: str
    format: str
    partitions: int
    files: int


CRAWL_FIELDS: tuple[Field, ...] = (
    Field("name", VARCHAR),
    Field("action", VARCHAR),
    Field("location", VARCHAR),
    Field("format", VARCHAR),
    Field("partitions", BIGINT),
    Field("files", BIGINT),
)
"""The columns of START CRAWLER."""


def crawl(
    house: House,
    session: Session,
    targets: Sequence[str],
    database: str,
    prefix: str = "",
    credentials: Credentials = Credentials(),  # noqa: B008 - frozen
) -> list[CrawledTable]:
    """Bring the data catalog up to date with the files beneath the targets.

    Runs in the open transaction. The database is made where it does not exist.

    Args:
        prefix: put before each new table's name.
    """
    catalog.ensure_database(session, database)
    catalog.touch_database(session, database)
    done: list[CrawledTable] = []
    for target in targets:
        check_place(house, target, credentials)
        root = list_objects(house, session, target, credentials)
        open_for_engine(house, session, root.place, credentials)
        session.notify(Notice("INFO", f"{root.place}: {sum(1 for _ in root.beneath())} file(s) found"))
        for found in group_partitions(root):
            inferred, strange = infer_schema(house, session, found.files, credentials)
            if inferred.columns:
                done.append(_put(session, found, inferred, database, prefix))
            else:
                strange = strange or [(file, inferred.classification) for file in found.files[:1]]
            done += [_skipped(file.path, reason) for file, reason in strange]
            done += [_skipped(file.path, "folders do not follow the partition key") for file in found.strange]
    return done


def _skipped(path: str, reason: str) -> CrawledTable:
    return CrawledTable(path.rpartition("/")[2], "skipped", path, reason, 0, 1)


def _put(session: Session, found: FoundTable, inferred: Inferred, database: str, prefix: str) -> CrawledTable:
    known = catalog.tables_in(session, database)
    old = next((table for table in known if folder_of(table.location) == found.location), None)
    names = {name for name, _ in found.keys}
    properties = (
        *inferred.properties,
        ("classification", inferred.classification),
        ("compression_type", inferred.compression),
        MADE_BY,
    )
    table = ExternalTable(
        database,
        old.name if old is not None else _free_name(found.location, prefix, {one.name for one in known}),
        tuple((name, kind) for name, kind in inferred.columns if name not in names),
        found.keys,
        inferred.format,
        found.location,
        properties,
    )
    if old is not None and MADE_BY not in old.properties:
        if [name for name, _ in old.partitions] != [name for name, _ in found.keys]:
            return CrawledTable(old.name, "unchanged", found.location, inferred.classification, 0, len(found.files))
        table = replace(old)
    changed = old != table
    if changed:
        catalog.put_table(session, table)
    changed |= _put_partitions(session, table, found)
    action = "created" if old is None else "updated" if changed else "unchanged"
    count = len(found.partitions)
    return CrawledTable(table.name, action, found.location, inferred.classification, count, len(found.files))


def _put_partitions(session: Session, table: ExternalTable, found: FoundTable) -> bool:
    """Add new partitions and drop those whose folder beneath the table is gone; those elsewhere are the user's."""
    old = set(catalog.partitions_of(session, table))
    new = set(found.partitions)
    if {folder_of(one.location) for one in old} == {one.location for one in new}:
        return False
    values = {one.values for one in new}
    gone = [one for one in old - new if folder_of(one.location).startswith(found.location) or one.values in values]
    added = sorted(new - old, key=lambda one: one.location)
    catalog.remove_partitions(session, table, gone)
    catalog.add_partitions(session, table, added)
    return bool(gone or added)


def _free_name(location: str, prefix: str, taken: set[str]) -> str:
    name = table_name(location, prefix)
    parent = table_name(location.rstrip("/").rpartition("/")[0])
    candidates = (name, f"{prefix.lower()}{parent}_{name.removeprefix(prefix.lower())}")
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (*candidates, *numbered) if one not in taken)


# -- statements ------------------------------------------------------------------------------------------


def create_crawler(house: House, session: Session, statement: CreateCrawler) -> Done:
    """CREATE CRAWLER."""
    access = statement.credentials
    if access.access_key_id:
        raise InvalidParameterValue(
            "a crawler keeps no access keys", hint="Name a secret of the house instead: SECRET 'name'."
        )
    if _exists(session, statement.name):
        if statement.if_not_exists:
            return Done("CREATE CRAWLER")
        raise DuplicateObject(f'crawler "{statement.name}" already exists')
    for target in statement.targets:
        check_place(house, target, access)
    session.engine.execute(
        "INSERT INTO boathouse.crawlers VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            statement.name,
            statement.catalog_database,
            json.dumps(statement.targets, ensure_ascii=False),
            statement.table_prefix,
            access.iam_role,
            access.region,
            access.secret,
        ],
    )
    return Done("CREATE CRAWLER")


def start_crawler(house: House, session: Session, statement: StartCrawler) -> Rows:
    """START CRAWLER: runs to its end, then answers with a row per table."""
    rows = session.engine.fetch(
        "SELECT database_name, targets, table_prefix, iam_role, region, secret FROM boathouse.crawlers WHERE name = ?",
        [statement.name],
    )
    if not rows:
        raise UndefinedObject(f'crawler "{statement.name}" does not exist')
    database, targets, prefix, role, region, secret = (None if part is None else str(part) for part in rows[0])
    access = Credentials(iam_role=role, region=region, secret=secret)
    done = crawl(house, session, json.loads(str(targets)), str(database), str(prefix), access)
    return Rows(CRAWL_FIELDS, _batches(done), "START CRAWLER")


def drop_crawler(house: House, session: Session, statement: DropCrawler) -> Done:
    """DROP CRAWLER; the tables that it made stay."""
    if not _exists(session, statement.name) and not statement.if_exists:
        raise UndefinedObject(f'crawler "{statement.name}" does not exist')
    session.engine.execute("DELETE FROM boathouse.crawlers WHERE name = ?", [statement.name])
    return Done("DROP CRAWLER")


def _exists(session: Session, name: str) -> bool:
    return bool(session.engine.fetch("SELECT 1 FROM boathouse.crawlers WHERE name = ?", [name]))


def _batches(done: list[CrawledTable]) -> Iterator[pa.RecordBatch]:
    columns = [pa.array([getattr(one, field.name) for one in done], arrow_type(field.type)) for field in CRAWL_FIELDS]
    yield pa.RecordBatch.from_arrays(columns, names=[field.name for field in CRAWL_FIELDS])
