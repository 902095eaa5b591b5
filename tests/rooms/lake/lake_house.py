"""A house with a real engine and lake, without endpoints: what the lake's tests run statements in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import DataError
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.engines.duckdb.extensions import load_extension
from boathouse.engines.duckdb.types import from_duckdb
from boathouse.lake import catalog
from boathouse.lake.catalogs.choose import find_relation
from boathouse.lake.external import observe
from boathouse.lake.federated import schemas
from boathouse.lake.scan import expand
from boathouse.lake.settings import LakeSettings
from boathouse.sql.bind.bound import with_relation
from boathouse.sql.statements import (
    AddPartitions,
    CreateExternalSchema,
    CreateExternalTable,
    Credentials,
    ExternalFormat,
    QualifiedName,
)


class DuckSession:
    """The part of an engine session that the lake uses, on a DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        found = self.connection.execute(sql, list(parameters))
        if found.description and found.description[0][0] == "Count":
            row = found.fetchone()
            return int(row[0]) if row else 0
        return 0

    def describe(self, sql: str) -> tuple[Field, ...]:
        try:
            rows = self.fetch(f"DESCRIBE {sql}")
        except duckdb.Error as failure:
            raise DataError("unreadable") from failure
        return tuple(Field(str(row[0]), from_duckdb(str(row[1]))) for row in rows)

    def sibling(self) -> DuckSession:
        return DuckSession(self.connection.cursor())

    def close(self) -> None:
        self.connection.close()


class DuckHouseEngine:
    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("CREATE SCHEMA boathouse")
        # The guard's, whose room is not in this house.
        self.connection.execute("CREATE SCHEMA rs; CREATE MACRO rs.owner_id(kind, place, name) AS 100")
        for table in (*catalog.TABLES, *schemas.TABLES):
            self.connection.execute(table)

    def load_extension(self, name: str) -> None:
        load_extension(self.connection, name)

    def session(self) -> DuckSession:
        return DuckSession(self.connection.cursor())

    def provide(self, name: str, answer: Callable[[str], str]) -> None:
        self.connection.create_function(name, answer, ["VARCHAR"], "VARCHAR", side_effects=True)

    def close(self) -> None:
        self.connection.close()


class StillClock:
    def now(self) -> datetime:
        return datetime(2020, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


class LocalSchemas:
    def has_schema(self, schema: str) -> bool:
        return schema == "public"

    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return None


class LakeSession:
    """A client's session, reduced to what the lake's handlers ask of it."""

    user, database, pid = "admin", "dev", 1
    numbers = count(1)

    def __init__(self, house: House) -> None:
        self.house = house
        self.engine: Any = house.engine.session()
        self.catalog = LocalSchemas()
        self.changes = 0
        self.notices: list[Any] = []

    @property
    def statement_number(self) -> int:
        return next(self.numbers)

    transaction_number = 1

    def notify(self, notice: Any) -> None:
        self.notices.append(notice)

    def check_cancelled(self) -> None:
        pass

    def catalog_changed(self, names: Collection[str] | None = None) -> None:
        self.changes += 1

    def tree(self, sql: str) -> exp.Expression:
        """A query as the binder leaves it: names qualified by the query itself, external tables noted."""
        tree = parse_one(sql, read="duckdb")
        relations = []
        for node in tree.find_all(exp.Table):
            found = find_relation(self.house, self, node.db, node.name)  # type: ignore[arg-type]
            if found is not None:
                with_relation(node, found)
                relations.append(found)
        return expand(self.house, self, tree, tuple(relations))  # type: ignore[arg-type]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.fetch(self.tree(sql).sql("duckdb"))


def make_house(home: Path, settings: dict[str, Any] | None = None, secrets: dict[str, Any] | None = None) -> House:
    for folder in ("lake", "tmp"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    engine: Any = DuckHouseEngine()
    house = House(home, settings or {"lake": LakeSettings()}, secrets or {}, engine, StillClock())
    observe(house)
    return house


def schema_statement(name: str, database: str, *, create: bool = True, **options: Any) -> CreateExternalSchema:
    return CreateExternalSchema(
        text="",
        name=name,
        source="data catalog",
        catalog_database=database,
        credentials=options.pop("credentials", Credentials()),
        create_database=create,
        **options,
    )


def table_statement(name: str, columns: Any, location: str, **options: Any) -> CreateExternalTable:
    schema, _, bare = name.partition(".")
    return CreateExternalTable(
        text="",
        name=QualifiedName(bare, schema),
        columns=tuple(columns),
        partitions=tuple(options.pop("partitions", ())),
        format=options.pop("format", ExternalFormat()),
        location=location,
        properties=tuple(options.pop("properties", {}).items()),
        **options,
    )


def partitions_statement(name: str, *partitions: tuple[dict[str, str], str], **options: Any) -> AddPartitions:
    schema, _, bare = name.partition(".")
    return AddPartitions(
        text="",
        name=QualifiedName(bare, schema),
        partitions=tuple((tuple(values.items()), location) for values, location in partitions),
        **options,
    )
