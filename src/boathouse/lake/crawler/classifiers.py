"""Classifiers: what tells a text file's format and columns before the crawler guesses; the user's own and built-in ones.

Receives CREATE CLASSIFIER and a sample of lines; hands `infer_schema` the columns. Grok patterns run in the engine, in
time linear in the line. Source: AWS Glue Developer Guide, "Writing custom classifiers".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject
from boathouse.contracts.session import Session
from boathouse.lake.crawler.grok import read_grok, read_own_patterns
from boathouse.lake.crawler.inferred import Inferred
from boathouse.lake.tables import Columns
from boathouse.sql.statements import CrawlChanges, CreateClassifier, ExternalFormat

REGEX_SERDE = "org.apache.hadoop.hive.serde2.RegexSerDe"
LINES_MAX = 100
"""Lines that a pattern is tried on; it must match nine in ten of them."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.classifiers (name VARCHAR NOT NULL, kind VARCHAR NOT NULL, "
    "clauses VARCHAR NOT NULL)",
)


@dataclass(frozen=True)
class CsvRules:
    """What a CSV classifier says; empty where it leaves it to the sniffer.

    Attributes:
        header: whether the first line names the columns; None to find out.
        columns: their names, in place of the header's.
    """

    delimiter: str = ""
    quote: str = ""
    header: bool | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Classifier:
    """One classifier: a grok pattern's expression and fields, or the rules of delimited text."""

    name: str
    classification: str
    expression: str = ""
    columns: Columns = ()
    csv: CsvRules | None = None

    def inferred(self, engine: EngineSession, lines: Sequence[str]) -> Inferred | None:
        """What the lines are, by this grok pattern; None where they do not follow it."""
        sample = [line for line in lines if line.strip()][:LINES_MAX]
        ((matching,),) = engine.fetch(
            "SELECT count(*) FROM (SELECT unnest(?::JSON::VARCHAR[]) AS line) WHERE regexp_full_match(line, ?)",
            [json.dumps(sample), self.expression],
        )
        if not sample or int(str(matching)) * 10 < len(sample) * 9:
            return None
        made = ExternalFormat(serde=REGEX_SERDE, serde_properties=(("input.regex", self.expression),))
        return Inferred(self.classification, self.columns, made)


def read_classifier(name: str, kind: str, clauses: CrawlChanges) -> Classifier:
    """The classifier that a statement says.

    Raises:
        InvalidParameterValue: a pattern or rule that is none. FeatureNotSupported: what only backtracking matches.
    """
    given = dict(clauses)
    if kind == "grok":
        own = read_own_patterns(str(given.get("custom_patterns", "")))
        expression, columns = read_grok(str(given["pattern"]), own)
        return Classifier(name, str(given["classification"]).lower(), expression, columns)
    rules = CsvRules(
        _character(given.get("delimiter", ""), "DELIMITER"),
        _character(given.get("quote", ""), "QUOTE"),
        {"present": True, "absent": False}.get(str(given.get("header", "unknown"))),
        tuple(one.lower() for one in given.get("columns", ())),
    )
    if len(set(rules.columns)) < len(rules.columns):
        raise InvalidParameterValue("a CSV classifier names a column twice")
    return Classifier(name, "csv", csv=rules)


def _character(value: str | tuple[str, ...], what: str) -> str:
    text = {"\\t": "\t"}.get(str(value), str(value))
    if len(text) > 1:
        raise InvalidParameterValue(f"{what} of a CSV classifier is one character")
    return text


def put_classifier(session: Session, statement: CreateClassifier) -> None:
    """Keep it, once it is known to be sound."""
    read_classifier(statement.name, statement.kind, statement.clauses)
    session.engine.execute(
        "INSERT INTO boathouse.classifiers VALUES (?, ?, ?)",
        [statement.name, statement.kind, json.dumps(statement.clauses, ensure_ascii=False)],
    )


def remove_classifier(session: Session, name: str) -> bool:
    """Forget it; False where there was none."""
    return session.engine.execute("DELETE FROM boathouse.classifiers WHERE name = ?", [name]) > 0


def find_classifier(session: Session, name: str) -> Classifier | None:
    """The classifier of that name."""
    rows = session.engine.fetch("SELECT kind, clauses FROM boathouse.classifiers WHERE name = ?", [name])
    if not rows:
        return None
    kind, clauses = rows[0]
    pairs = [(key, tuple(value) if isinstance(value, list) else value) for key, value in json.loads(str(clauses))]
    return read_classifier(name, str(kind), tuple(pairs))


def require_classifiers(session: Session, names: Sequence[str]) -> list[Classifier]:
    """The classifiers of these names, in order.

    Raises:
        UndefinedObject: one does not exist.
    """
    found = [(name, find_classifier(session, name.lower())) for name in names]
    for name, one in found:
        if one is None:
            raise UndefinedObject(f'classifier "{name}" does not exist')
    return [one for _, one in found if one is not None]


def _built_in(name: str, pattern: str) -> Classifier:
    expression, columns = read_grok(pattern)
    return Classifier(name, name, expression, columns)


@cache
def built_in() -> tuple[Classifier, ...]:
    """Tried on text that is neither JSON nor one of the user's formats, before it is taken for delimited. Most houses never read
    any: their expressions are made when a first one does.
    """
    return (
        _built_in("combined_apache", "%{COMBINEDAPACHELOG}"),
        _built_in("common_apache", "%{COMMONAPACHELOG}"),
        _built_in("s3_access_log", "%{S3ACCESSLOG}"),
        _built_in("linux_syslog", "%{SYSLOGLINE}"),
    )
