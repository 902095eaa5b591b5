"""Crawlers and classifiers. Redshift has no SQL for them: the statements are ours, their words AWS Glue's.

Receives a reader at the statement's first word; hands on its node. Source: AWS Glue Developer Guide, "CreateCrawler",
"SchemaChangePolicy", "RecrawlPolicy", "Writing custom classifiers".
"""

from __future__ import annotations

from collections.abc import Callable

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.redshift.grammar.credentials import CredentialsDraft
from boathouse.sql.statements import (
    AlterCrawler,
    CrawlChanges,
    CreateClassifier,
    CreateCrawler,
    DropClassifier,
    DropCrawler,
    ShowCrawlers,
    StartCrawler,
    StopCrawler,
)
from boathouse.sql.token_reader import TokenReader

_CHOICES: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("update", "behavior"), "on_update", ("log", "update_in_database", "merge_new_columns")),
    (("delete", "behavior"), "on_delete", ("log", "delete_from_database", "deprecate_in_database")),
    (("recrawl",), "recrawl", ("crawl_everything", "crawl_new_folders_only")),
    (("table", "grouping"), "grouping", ("similar_schemas", "combine_compatible_schemas")),
)
"""Clauses with one word out of some."""
_LISTS = {"targets": "targets", "target": "targets", "exclude": "exclusions", "classifiers": "classifiers"}
_HEADERS = ("present", "absent", "unknown")


def read_create_crawler(reader: TokenReader) -> CreateCrawler:
    """CREATE CRAWLER [IF NOT EXISTS] name DATABASE 'db' TARGETS ('place', …) and other clauses in any order."""
    reader.expect("create", "crawler")
    if_not_exists = reader.accept("if", "not", "exists")
    name = reader.identifier("a crawler's name")
    clauses, credentials = _clauses(reader)
    given = dict(clauses)
    database, targets = given.pop("database", ""), given.pop("targets", ())
    prefix = given.pop("table_prefix", "")
    if not database or not targets:
        reader.fail(hint="A crawler needs DATABASE 'name' and TARGETS ('place', ...).")
    return CreateCrawler(
        text=reader.text,
        offset=reader.offset,
        name=name,
        catalog_database=str(database).lower(),
        targets=tuple(targets),
        table_prefix=str(prefix),
        clauses=tuple(given.items()),
        credentials=credentials.finish(),
        if_not_exists=if_not_exists,
    )


def read_alter_crawler(reader: TokenReader) -> AlterCrawler:
    """ALTER CRAWLER name, then at least one clause."""
    reader.expect("alter", "crawler")
    name = reader.identifier("a crawler's name")
    if reader.at_end:
        reader.fail(hint="Name what changes: SCHEDULE, TARGETS, UPDATE BEHAVIOR, ...")
    clauses, credentials = _clauses(reader)
    access = credentials.finish()
    changed = access if access != CredentialsDraft().finish() else None
    return AlterCrawler(text=reader.text, offset=reader.offset, name=name, clauses=clauses, credentials=changed)


def _clauses(reader: TokenReader) -> tuple[CrawlChanges, CredentialsDraft]:
    credentials = CredentialsDraft()
    found: dict[str, str | tuple[str, ...]] = {}
    while not reader.at_end:
        if credentials.accept(reader):
            continue
        start = reader.token
        key, value = _clause(reader)
        if key in found:
            raise SqlSyntaxError("a crawler's clause is given twice", position=start.start + 1)
        found[key] = value
    return tuple(found.items()), credentials


def _clause(reader: TokenReader) -> tuple[str, str | tuple[str, ...]]:
    for words, key, choices in _CHOICES:
        if reader.accept(*words):
            return key, reader.expect_any(*choices)
    if reader.accept("database"):
        return "database", reader.string("a database's name in quotes")
    if reader.accept("table", "prefix"):
        return "table_prefix", reader.string("a prefix in quotes")
    if reader.accept("schedule"):
        return "schedule", "" if reader.accept("none") else reader.string("a schedule in quotes: 'cron(0 5 * * ? *)'")
    word = reader.accept_any(*_LISTS)
    if word is None:
        reader.fail()
    return _LISTS[word], _strings(reader)


def _strings(reader: TokenReader) -> tuple[str, ...]:
    if reader.token.kind == "string":
        return (reader.next().value,)
    reader.expect("(")
    if reader.accept(")"):
        return ()
    found = [reader.string()]
    while reader.accept(","):
        found.append(reader.string())
    reader.expect(")")
    return tuple(found)


def read_start_crawler(reader: TokenReader) -> StartCrawler:
    """START CRAWLER name."""
    reader.expect("start", "crawler")
    name = reader.identifier("a crawler's name")
    reader.finish()
    return StartCrawler(text=reader.text, offset=reader.offset, name=name)


def read_stop_crawler(reader: TokenReader) -> StopCrawler:
    """STOP CRAWLER name."""
    reader.expect("stop", "crawler")
    name = reader.identifier("a crawler's name")
    reader.finish()
    return StopCrawler(text=reader.text, offset=reader.offset, name=name)


def read_drop_crawler(reader: TokenReader) -> DropCrawler:
    """DROP CRAWLER [IF EXISTS] name."""
    reader.expect("drop", "crawler")
    if_exists = reader.accept("if", "exists")
    name = reader.identifier("a crawler's name")
    reader.finish()
    return DropCrawler(text=reader.text, offset=reader.offset, name=name, if_exists=if_exists)


def read_show_crawlers(reader: TokenReader) -> ShowCrawlers:
    """SHOW CRAWLERS, SHOW CRAWLER name."""
    reader.expect("show")
    name = None if reader.expect_any("crawlers", "crawler") == "crawlers" else reader.identifier("a crawler's name")
    reader.finish()
    return ShowCrawlers(text=reader.text, offset=reader.offset, name=name)


# -- classifiers -----------------------------------------------------------------------------------------


def read_create_classifier(reader: TokenReader) -> CreateClassifier:
    """CREATE CLASSIFIER [IF NOT EXISTS] name {GROK 'pattern' | CSV} and its clauses."""
    reader.expect("create", "classifier")
    if_not_exists = reader.accept("if", "not", "exists")
    name = reader.identifier("a classifier's name")
    for word in ("json", "xml"):
        if reader.sees(word):
            reader.refuse(f"{word.upper()} classifiers")
    kind = reader.expect_any("grok", "csv")
    found: dict[str, str | tuple[str, ...]] = {}
    if kind == "grok":
        found["pattern"] = reader.string("a grok pattern in quotes")
    clauses = _GROK if kind == "grok" else _CSV
    while not reader.at_end:
        for words, key, read in clauses:
            if key not in found and reader.accept(*words):
                found[key] = read(reader)
                break
        else:
            reader.fail()
    if kind == "grok" and "classification" not in found:
        reader.fail(hint="A grok classifier needs CLASSIFICATION 'word'.")
    return CreateClassifier(
        text=reader.text,
        offset=reader.offset,
        name=name,
        kind=kind,
        clauses=tuple(found.items()),
        if_not_exists=if_not_exists,
    )


_Clauses = tuple[tuple[tuple[str, ...], str, Callable[[TokenReader], str | tuple[str, ...]]], ...]
_GROK: _Clauses = (
    (("classification",), "classification", TokenReader.string),
    (("custom", "patterns"), "custom_patterns", TokenReader.string),
)
_CSV: _Clauses = (
    (("delimiter",), "delimiter", TokenReader.string),
    (("quote",), "quote", TokenReader.string),
    (("header",), "header", lambda reader: reader.expect_any(*_HEADERS)),
    (("columns",), "columns", _strings),
)


def read_drop_classifier(reader: TokenReader) -> DropClassifier:
    """DROP CLASSIFIER [IF EXISTS] name."""
    reader.expect("drop", "classifier")
    if_exists = reader.accept("if", "exists")
    name = reader.identifier("a classifier's name")
    reader.finish()
    return DropClassifier(text=reader.text, offset=reader.offset, name=name, if_exists=if_exists)
