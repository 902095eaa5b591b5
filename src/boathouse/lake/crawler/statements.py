"""The statements of crawlers and classifiers.

Receives parsed nodes inside the transaction that the journey opened; START runs a crawl to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from boathouse.contracts.answers import Answer, Done, Field, Rows
from boathouse.contracts.errors import DuplicateObject, InvalidParameterValue, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Need
from boathouse.contracts.session import Session
from boathouse.contracts.types import BIGINT, VARCHAR, arrow_type
from boathouse.lake.crawler import runs
from boathouse.lake.crawler.classifiers import find_classifier, put_classifier, remove_classifier, require_classifiers
from boathouse.lake.crawler.crawl import Crawl, CrawledTable
from boathouse.lake.crawler.crawlers import (
    Crawler,
    CrawlOptions,
    find_crawler,
    find_crawlers,
    put_crawler,
    remove_crawler,
    require_crawler,
)
from boathouse.lake.crawler.cron import read_schedule
from boathouse.lake.crawler.list_objects import glob_expression
from boathouse.lake.places import check_place
from boathouse.sql import statements as s

CRAWL_FIELDS: tuple[Field, ...] = (
    Field("name", VARCHAR),
    Field("action", VARCHAR),
    Field("location", VARCHAR),
    Field("format", VARCHAR),
    Field("partitions", BIGINT),
    Field("files", BIGINT),
)
"""The columns of START CRAWLER."""
SHOW_FIELDS: tuple[Field, ...] = tuple(
    Field(name, VARCHAR)
    for name in (
        "name", "state", "schedule", "database_name", "targets", "exclusions", "table_prefix", "classifiers",
        "update_behavior", "delete_behavior", "recrawl", "table_grouping", "iam_role", "owner", "last_state",
    )
)  # fmt: skip
"""The columns of SHOW CRAWLERS."""


def needs(session: Session, statement: Any) -> Iterable[Need]:
    """Crawlers are superusers'."""
    return [Need(SUPERUSER, "system", "must be superuser to use crawlers")]


def create_crawler(house: House, session: Session, statement: s.CreateCrawler) -> Answer:
    """CREATE CRAWLER."""
    if find_crawler(session.engine, statement.name) is not None:
        if statement.if_not_exists:
            return Done("CREATE CRAWLER")
        raise DuplicateObject(f'crawler "{statement.name}" already exists')
    made = Crawler(
        statement.name,
        statement.catalog_database,
        statement.targets,
        statement.table_prefix,
        CrawlOptions(**dict(statement.clauses)),  # type: ignore[arg-type]
        statement.credentials,
        session.user,
    )
    _check(house, session, made)
    put_crawler(session.engine, made)
    return Done("CREATE CRAWLER")


def alter_crawler(house: House, session: Session, statement: s.AlterCrawler) -> Answer:
    """ALTER CRAWLER: the clauses that are named replace the old ones. The one who alters it becomes its owner."""
    old = require_crawler(session.engine, statement.name)
    runs.require_resting(house, statement.name)
    given: dict[str, Any] = dict(statement.clauses)
    changed = replace(
        old,
        database=given.pop("database", old.database).lower(),
        targets=given.pop("targets", old.targets),
        table_prefix=given.pop("table_prefix", old.table_prefix),
        credentials=old.credentials if statement.credentials is None else statement.credentials,
        owner=session.user,
        options=replace(old.options, **given),
    )
    _check(house, session, changed)
    put_crawler(session.engine, changed)
    return Done("ALTER CRAWLER")


def _check(house: House, session: Session, crawler: Crawler) -> None:
    access, options = crawler.credentials, crawler.options
    if access.access_key_id:
        raise InvalidParameterValue(
            "a crawler keeps no access keys", hint="Name a secret of the house instead: SECRET 'name'."
        )
    if not crawler.targets:
        raise InvalidParameterValue("a crawler needs a target")
    for target in crawler.targets:
        check_place(house, target, access)
    if options.schedule:
        read_schedule(options.schedule)
    for pattern in options.exclusions:
        glob_expression(pattern)
    require_classifiers(session, options.classifiers)
    if options.recrawl == "crawl_new_folders_only" and (options.on_update, options.on_delete) != ("log", "log"):
        raise InvalidParameterValue(
            "RECRAWL CRAWL_NEW_FOLDERS_ONLY needs UPDATE BEHAVIOR LOG and DELETE BEHAVIOR LOG",
            hint="A crawler that looks at new folders only cannot tell what changed in the others.",
        )


def start_crawler(house: House, session: Session, statement: s.StartCrawler) -> Answer:
    """START CRAWLER: runs to its end, then answers with a row per table."""
    done = run_crawler(house, session, statement.name, scheduled=statement.scheduled)
    return _rows(CRAWL_FIELDS, [_values(one) for one in done], "START CRAWLER")


def run_crawler(house: House, session: Session, name: str, *, scheduled: bool = False) -> list[CrawledTable]:
    """One run, noted in the history."""
    crawler = require_crawler(session.engine, name)
    run = runs.begin(house, session, crawler.name, crawler.database, scheduled=scheduled)
    done: list[CrawledTable] = []
    failure: BaseException | None = None
    try:
        Crawl(house, session, crawler, run, done).go()
    except BaseException as problem:
        failure = problem
        raise
    finally:
        runs.end(house, session, crawler.name, run, [_values(one) for one in done], failure)
    return done


def stop_crawler(house: House, session: Session, statement: s.StopCrawler) -> Answer:
    """STOP CRAWLER: the run ends where it stands, and nothing of it stays."""
    if not runs.is_running(house, statement.name):
        require_crawler(session.engine, statement.name)
    runs.stop(house, statement.name)
    return Done("STOP CRAWLER")


def drop_crawler(house: House, session: Session, statement: s.DropCrawler) -> Answer:
    """DROP CRAWLER; the tables that it made stay."""
    if find_crawler(session.engine, statement.name) is None and not statement.if_exists:
        raise UndefinedObject(f'crawler "{statement.name}" does not exist')
    runs.require_resting(house, statement.name)
    remove_crawler(session.engine, statement.name)
    return Done("DROP CRAWLER")


def show_crawlers(house: House, session: Session, statement: s.ShowCrawlers) -> Answer:
    """SHOW CRAWLERS, SHOW CRAWLER name."""
    engine = session.engine
    found = find_crawlers(engine) if statement.name is None else [require_crawler(engine, statement.name)]
    return _rows(SHOW_FIELDS, [_shown(house, session, one) for one in found])


def _shown(house: House, session: Session, crawler: Crawler) -> tuple[object, ...]:
    options = crawler.options
    return (
        crawler.name,
        "RUNNING" if runs.is_running(house, crawler.name) else "READY",
        options.schedule,
        crawler.database,
        ", ".join(crawler.targets),
        ", ".join(options.exclusions),
        crawler.table_prefix,
        ", ".join(options.classifiers),
        options.on_update.upper(),
        options.on_delete.upper(),
        options.recrawl.upper(),
        options.grouping.upper(),
        crawler.credentials.iam_role or "",
        crawler.owner,
        runs.last_state(session.engine, crawler.name),
    )


def create_classifier(house: House, session: Session, statement: s.CreateClassifier) -> Answer:
    """CREATE CLASSIFIER."""
    if find_classifier(session, statement.name) is not None:
        if statement.if_not_exists:
            return Done("CREATE CLASSIFIER")
        raise DuplicateObject(f'classifier "{statement.name}" already exists')
    put_classifier(session, statement)
    return Done("CREATE CLASSIFIER")


def drop_classifier(house: House, session: Session, statement: s.DropClassifier) -> Answer:
    """DROP CLASSIFIER; crawlers that name it fail from now on."""
    if not remove_classifier(session, statement.name) and not statement.if_exists:
        raise UndefinedObject(f'classifier "{statement.name}" does not exist')
    return Done("DROP CLASSIFIER")


STATEMENTS: dict[type[s.Statement], Any] = {
    s.CreateCrawler: create_crawler,
    s.AlterCrawler: alter_crawler,
    s.StartCrawler: start_crawler,
    s.StopCrawler: stop_crawler,
    s.DropCrawler: drop_crawler,
    s.ShowCrawlers: show_crawlers,
    s.CreateClassifier: create_classifier,
    s.DropClassifier: drop_classifier,
}


def _values(one: CrawledTable) -> tuple[object, ...]:
    return one.name, one.action, one.location, one.format, one.partitions, one.files


def _rows(fields: tuple[Field, ...], rows: Sequence[tuple[object, ...]], tag: str | None = None) -> Rows:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    arrays = [pa.array(values, arrow_type(field.type)) for values, field in zip(columns, fields, strict=True)]
    batches = iter([pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])])
    return Rows(fields, batches) if tag is None else Rows(fields, batches, tag)
