"""Crawlers as they are kept: what each looks through, where its tables go, and what it may change.

Receives the statements' changes; hands `crawl` and `schedule` a `Crawler`. Its words and defaults are AWS Glue's
(Developer Guide, "Crawler", "SchemaChangePolicy", "RecrawlPolicy").
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedObject
from boathouse.sql.statements import Credentials

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.crawlers (name VARCHAR NOT NULL, database_name VARCHAR NOT NULL, "
    "targets VARCHAR NOT NULL, table_prefix VARCHAR NOT NULL, iam_role VARCHAR, region VARCHAR, secret VARCHAR)",
    # Homes of before have crawlers without these.
    "ALTER TABLE boathouse.crawlers ADD COLUMN IF NOT EXISTS options VARCHAR",
    "ALTER TABLE boathouse.crawlers ADD COLUMN IF NOT EXISTS owner VARCHAR",
)


@dataclass(frozen=True)
class CrawlOptions:
    """What a crawler's clauses say.

    Attributes:
        on_update: what happens to tables whose schema changed. `log`: nothing; `update_in_database`: they follow the
            files; `merge_new_columns`: they gain columns only.
        on_delete: what happens to tables whose files are gone. `log`: nothing; `delete_from_database`: they go;
            `deprecate_in_database`: they are marked.
        recrawl: `crawl_everything`, or `crawl_new_folders_only`: known tables gain partitions only.
        grouping: `similar_schemas`, or `combine_compatible_schemas`: one format is enough to be one table.
        schedule: `cron(…)`; empty for none.
        exclusions: globs over paths from a target on.
        classifiers: names of the user's own, in the order in which they are tried.
    """

    on_update: str = "update_in_database"
    on_delete: str = "deprecate_in_database"
    recrawl: str = "crawl_everything"
    grouping: str = "similar_schemas"
    schedule: str = ""
    exclusions: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crawler:
    """A crawler.

    Attributes:
        database: of the data catalog; made by the first run.
        owner: the user as whom the schedule runs it.
    """

    name: str
    database: str
    targets: tuple[str, ...]
    table_prefix: str = ""
    options: CrawlOptions = CrawlOptions()
    credentials: Credentials = Credentials()
    owner: str = ""


_CRAWLER = "SELECT name, database_name, targets, table_prefix, options, iam_role, region, secret, owner "
_CRAWLER += "FROM boathouse.crawlers"


def find_crawlers(engine: EngineSession) -> list[Crawler]:
    """All crawlers, by name."""
    return [_crawler(row) for row in engine.fetch(f"{_CRAWLER} ORDER BY name")]


def find_crawler(engine: EngineSession, name: str) -> Crawler | None:
    """The crawler of that name."""
    rows = engine.fetch(f"{_CRAWLER} WHERE name = ?", [name])
    return _crawler(rows[0]) if rows else None


def require_crawler(engine: EngineSession, name: str) -> Crawler:
    """The crawler of that name.

    Raises:
        UndefinedObject: there is none.
    """
    found = find_crawler(engine, name)
    if found is None:
        raise UndefinedObject(f'crawler "{name}" does not exist', hint="SHOW CRAWLERS names them.")
    return found


def put_crawler(engine: EngineSession, crawler: Crawler) -> None:
    """Store a crawler, new or changed."""
    remove_crawler(engine, crawler.name)
    access = crawler.credentials
    engine.execute(
        "INSERT INTO boathouse.crawlers (name, database_name, targets, table_prefix, options, iam_role, region, secret, "
        "owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            crawler.name,
            crawler.database,
            json.dumps(crawler.targets, ensure_ascii=False),
            crawler.table_prefix,
            json.dumps(asdict(crawler.options), ensure_ascii=False),
            access.iam_role,
            access.region,
            access.secret,
            crawler.owner,
        ],
    )


def remove_crawler(engine: EngineSession, name: str) -> None:
    """Forget a crawler; its tables stay."""
    engine.execute("DELETE FROM boathouse.crawlers WHERE name = ?", [name])


def _crawler(row: tuple[object, ...]) -> Crawler:
    name, database, targets, prefix, options, role, region, secret, owner = (
        None if part is None else str(part) for part in row
    )
    given: dict[str, Any] = {}
    for key, value in json.loads(options or "{}").items():
        given[key] = tuple(value) if isinstance(value, list) else value
    return Crawler(
        str(name),
        str(database),
        tuple(json.loads(str(targets))),
        str(prefix),
        CrawlOptions(**given),
        Credentials(iam_role=role, region=region, secret=secret),
        owner or "",
    )
