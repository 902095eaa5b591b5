"""External DDL against the data catalog, and the system views over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.lake.lake_house import (
    LakeSession,
    make_house,
    partitions_statement,
    schema_statement,
    table_statement,
)

from boathouse.contracts import errors
from boathouse.contracts import types as t
from boathouse.lake import catalog, define
from boathouse.lake.catalogs.choose import find_relation
from boathouse.lake.system import SYSTEM_RELATIONS
from boathouse.lake.tables import columns_from_json, columns_to_json
from boathouse.sql.statements import Credentials, Drop, DropPartitions, ExternalFormat, QualifiedName, SetLocation

PARQUET = ExternalFormat(stored_as="parquet")


class Lake:
    """Statements on one session."""

    def __init__(self, home: Path) -> None:
        self.session: Any = LakeSession(make_house(home))
        self.house = self.session.house
        self.root = home / "lake"

    def schema(self, name: str, database: str, **options: Any) -> str:
        return define.create_external_schema(self.house, self.session, schema_statement(name, database, **options)).tag

    def table(self, name: str, columns: Any = (("v", t.INTEGER),), location: str = "t", **options: Any) -> str:
        statement = table_statement(name, columns, location, **options)
        return define.create_external_table(self.house, self.session, statement).tag

    def drop(self, kind: Any, name: str, **options: Any) -> bool:
        schema, _, bare = name.rpartition(".")
        names = (QualifiedName(bare, schema or None),)
        return define.drop_external(self.house, self.session, Drop(text="", kind=kind, names=names, **options))

    def relation(self, schema: str, name: str) -> Any:
        return find_relation(self.house, self.session, schema, name)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_several_schemas_show_the_tables_of_one_database(lake: Lake) -> None:
    assert lake.schema("a", "sales") == "CREATE SCHEMA"
    lake.schema("b", "sales")
    lake.table("a.t", [("v", t.INTEGER)], partitions=[("k", t.DATE)])
    found = lake.relation("b", "t")
    assert (found.schema, found.kind, found.engine_name) == ("b", "external", '"b"."t"')
    shown = [(one.name, one.partition, one.hidden) for one in found.columns]
    assert shown == [("v", False, False), ("k", True, False), ("$path", False, True), ("$size", False, True)]
    assert lake.relation("b", "other") is None
    assert lake.relation("c", "t") is None
    assert catalog.has_schema(lake.house, lake.session, "a")
    assert not catalog.has_schema(lake.house, lake.session, "c")


def test_what_exists_already_is_refused_unless_the_statement_allows_it(lake: Lake) -> None:
    lake.schema("a", "sales")
    lake.table("a.t")
    with pytest.raises(errors.DuplicateSchema):
        lake.schema("a", "sales")
    with pytest.raises(errors.DuplicateSchema):
        lake.schema("public", "sales")
    with pytest.raises(errors.DuplicateTable):
        lake.table("a.t")
    lake.schema("a", "sales", if_not_exists=True)
    lake.table("a.t", if_not_exists=True)


def test_a_schema_needs_its_database_and_keeps_no_keys(lake: Lake) -> None:
    with pytest.raises(errors.UndefinedDatabase):
        lake.schema("a", "nowhere", create=False)
    with pytest.raises(errors.InvalidParameterValue):
        lake.schema("a", "sales", credentials=Credentials(access_key_id="id", secret_access_key="secret"))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"columns": [("v", t.INTEGER), ("v", t.DATE)]}, errors.DuplicateColumn),
        ({"columns": [("v", t.INTEGER)], "partitions": [("v", t.DATE)]}, errors.DuplicateColumn),
        ({"columns": []}, errors.InvalidTableDefinition),
        ({"columns": [("v", t.TIMETZ)]}, errors.FeatureNotSupported),
        ({"location": "/etc"}, errors.InsufficientPrivilege),
        ({"location": "../outside"}, errors.InsufficientPrivilege),
        ({"location": "gs://bucket/x"}, errors.FeatureNotSupported),
        ({"format": ExternalFormat(serde="com.example.OddSerDe")}, errors.FeatureNotSupported),
        ({"properties": {"skip.header.line.count": "one"}}, errors.InvalidParameterValue),
    ],
)
def test_tables_that_could_never_be_read_are_refused(lake: Lake, options: Any, error: Any) -> None:
    lake.schema("a", "sales")
    with pytest.raises(error):
        lake.table("a.t", **options)


def test_a_table_needs_an_external_schema(lake: Lake) -> None:
    with pytest.raises(errors.UndefinedSchema):
        lake.table("public.t")


def test_external_ddl_rolls_back_with_the_transaction(lake: Lake) -> None:
    lake.schema("a", "sales")
    lake.table("a.kept")
    lake.session.engine.execute("BEGIN")
    lake.drop("table", "a.kept")
    lake.table("a.kept", [("other", t.DATE)])
    lake.table("a.gone")
    lake.session.engine.execute("ROLLBACK")
    assert lake.relation("a", "gone") is None
    assert lake.relation("a", "kept").columns[0].name == "v"
    assert lake.session.changes > 0


def test_dropping_tells_local_from_external(lake: Lake) -> None:
    lake.schema("a", "sales")
    lake.table("a.t")
    assert not lake.drop("table", "public.t")
    assert not lake.drop("table", "t")
    assert not lake.drop("schema", "public")
    assert lake.drop("table", "a.t")
    assert lake.drop("table", "a.t", if_exists=True)
    with pytest.raises(errors.UndefinedTable):
        lake.drop("table", "a.t")


def test_dropping_a_schema_keeps_its_database_unless_told_otherwise(lake: Lake) -> None:
    lake.schema("a", "sales")
    lake.schema("b", "sales")
    lake.table("a.t")
    assert lake.drop("schema", "a")
    assert lake.relation("b", "t") is not None
    with pytest.raises(errors.DependentObjects):
        lake.drop("schema", "b", external_database=True)
    assert lake.drop("schema", "b", external_database=True, cascade=True)
    with pytest.raises(errors.UndefinedDatabase):
        lake.schema("b", "sales", create=False)


def test_partitions_are_added_moved_and_dropped(lake: Lake) -> None:
    lake.schema("a", "sales")
    lake.table("a.t", partitions=[("y", t.INTEGER), ("m", t.varchar(3))])
    both = partitions_statement("a.t", ({"m": "jan", "y": "1"}, "t/1"), ({"y": "2", "m": "feb"}, "t/2"))
    define.add_partitions(lake.house, lake.session, both)
    table = catalog.table_of(lake.session, "sales", "t")
    assert table is not None

    def shown() -> list[tuple[Any, str]]:
        found = catalog.partitions_of(lake.session, table)
        return sorted((one.values, one.location.rpartition("/")[2]) for one in found)

    assert shown() == [(("1", "jan"), "1"), (("2", "feb"), "2")]
    with pytest.raises(errors.DuplicateObject):
        define.add_partitions(lake.house, lake.session, both)
    define.add_partitions(
        lake.house, lake.session, partitions_statement("a.t", ({"y": "1", "m": "jan"}, "t/x"), if_not_exists=True)
    )
    name = QualifiedName("t", "a")
    key = (("y", "1"), ("m", "jan"))
    define.set_location(lake.house, lake.session, SetLocation(text="", name=name, location="t/new", values=key))
    assert shown() == [(("1", "jan"), "new"), (("2", "feb"), "2")]
    define.drop_partitions(lake.house, lake.session, DropPartitions(text="", name=name, partitions=(key,)))
    assert shown() == [(("2", "feb"), "2")]
    with pytest.raises(errors.UndefinedObject):
        define.drop_partitions(lake.house, lake.session, DropPartitions(text="", name=name, partitions=(key,)))
    for wrong, error in (({"y": "1"}, errors.InvalidParameterValue), ({"z": "1"}, errors.UndefinedColumn)):
        with pytest.raises(error):
            define.add_partitions(lake.house, lake.session, partitions_statement("a.t", (wrong, "t/3")))


def test_nested_types_survive_the_catalog() -> None:
    inner = t.struct_of(("a", t.varchar(3)), ("b", t.array_of(t.numeric(5, 2))))
    columns = (("s", inner), ("m", t.map_of(t.varchar(), t.array_of(inner))))
    assert columns_from_json(columns_to_json(columns)) == columns


def test_system_views_show_the_data_catalog_in_documented_columns(lake: Lake) -> None:
    lake.schema("a", "sales", credentials=Credentials(iam_role="arn:aws:iam::1:role/r"))
    lake.table("a.t", [("v", t.varchar(5)), ("n", t.array_of(t.INTEGER))], partitions=[("k", t.DATE)], format=PARQUET)
    define.add_partitions(lake.house, lake.session, partitions_statement("a.t", ({"k": "2020-01-01"}, "t/k")))
    found: dict[str, list[dict[str, Any]]] = {}
    for relation in SYSTEM_RELATIONS:
        rows = lake.session.engine.connection.execute(relation.query)
        names = [column[0] for column in rows.description]
        assert names == [name for name, _ in relation.columns], relation.name
        found[relation.name] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    assert found["svv_external_schemas"][0]["databasename"] == "sales"
    assert json.loads(found["svv_external_schemas"][0]["esoptions"]) == {"IAM_ROLE": "arn:aws:iam::1:role/r"}
    assert found["svv_external_tables"][0]["location"] == str(lake.root / "t")
    assert "ParquetHiveSerDe" in found["svv_external_tables"][0]["serialization_lib"]
    shown = [
        (one["columnname"], one["external_type"], one["columnnum"], one["part_key"])
        for one in found["svv_external_columns"]
    ]
    assert shown == [("v", "character varying(5)", 1, 0), ("n", "array<integer>", 2, 0), ("k", "date", 3, 1)]
    assert found["svv_external_partitions"][0]["values"] == '["2020-01-01"]'
    assert found["svv_external_databases"][0]["databasename"] == "sales"
