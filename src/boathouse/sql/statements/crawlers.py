"""Nodes of crawlers and classifiers, which Redshift has no SQL for: the words are AWS Glue's."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.copies import Credentials
from boathouse.sql.statements.relational import Statement

CrawlChanges = tuple[tuple[str, str | tuple[str, ...]], ...]
"""What the clauses of a crawler say, by the clause's name: `(("schedule", "cron(0 5 * * ? *)"), ("targets", ("a/",)))`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCrawler(Statement):
    """CREATE CRAWLER [IF NOT EXISTS] name DATABASE 'db' TARGETS ('place', …) [clauses] [IAM_ROLE …].

    Attributes:
        clauses: the others than DATABASE, TARGETS and TABLE PREFIX.
    """

    name: str
    catalog_database: str
    targets: tuple[str, ...]
    table_prefix: str = ""
    clauses: CrawlChanges = ()
    credentials: Credentials = Credentials()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterCrawler(Statement):
    """ALTER CRAWLER name clauses: any of CREATE CRAWLER's; what is not named stays."""

    name: str
    clauses: CrawlChanges
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCrawler(Statement):
    """START CRAWLER name: runs it and returns a row per table (name, action, location, format, partitions, files).

    Attributes:
        scheduled: the house started it, by its schedule.
    """

    name: str
    scheduled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCrawler(Statement):
    """STOP CRAWLER name: ends the run that another session, or the schedule, has begun."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropCrawler(Statement):
    """DROP CRAWLER [IF EXISTS] name."""

    name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCrawlers(Statement):
    """SHOW CRAWLERS, or SHOW CRAWLER name."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateClassifier(Statement):
    """CREATE CLASSIFIER [IF NOT EXISTS] name {GROK 'pattern' … | CSV …}.

    Attributes:
        kind: `grok` or `csv`.
        clauses: `pattern`, `classification`, `custom_patterns`; `delimiter`, `quote`, `header`, `columns`.
    """

    name: str
    kind: str
    clauses: CrawlChanges
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropClassifier(Statement):
    """DROP CLASSIFIER [IF EXISTS] name."""

    name: str
    if_exists: bool = False
