"""DDL run on the engine itself: what is created, kept in notes, altered and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import duckdb
import pytest

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import (
    DependentObjects,
    DuplicateColumn,
    DuplicateSchema,
    DuplicateTable,
    FeatureNotSupported,
    InvalidTableDefinition,
    UndefinedColumn,
    UndefinedSchema,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.relations import Column, Relation, RelationKind
from boathouse.contracts.types import INTEGER, UNKNOWN, varchar
from boathouse.engines.duckdb.macros import install
from boathouse.sql.bind.bound import Bound
from boathouse.sql.parse import parse
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import parse_type, quoted
from boathouse.sql.statements import CreateTableAs, CreateView, QualifiedName
from boathouse.sql.targets.ddl_to_duckdb import ddl_to_duckdb, dependents


class Warehouse:
    """An engine and the catalog that its notes make up."""

    def __init__(self) -> None:
        self.engine = duckdb.connect()
        self.engine.execute("ATTACH ':memory:' AS dev; CREATE SCHEMA dev.public; USE dev.public")
        install(self.engine)
        self._unique = count(1)

    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def within(self, search_path: tuple[str, ...]) -> Warehouse:
        return self

    def relation(self, schema: str | None, name: str) -> Relation | None:
        places = [("temp", "main"), ("dev", "public")] if schema is None else [("dev", schema)]
        for database, place in places:
            if found := self._relation(database, place, name):
                return found
        return None

    def _relation(self, database: str, schema: str, name: str) -> Relation | None:
        rows = self.engine.execute(
            "SELECT column_name, is_nullable, column_default, comment FROM duckdb_columns() "
            "WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index",
            [database, schema, name],
        ).fetchall()
        if not rows:
            return None
        columns = []
        for column, nullable, default, comment in rows:
            note = read_note(comment)
            columns.append(
                Column(
                    column,
                    parse_type(note["type"]),
                    nullable,
                    default,
                    "identity" in note,
                    note.get("encode"),
                    note.get("distkey", False),
                    note.get("sortkey", 0),
                )
            )
        kind: RelationKind = "temporary" if database == "temp" else "view" if self._is_view(schema, name) else "table"
        return Relation(schema, name, kind, tuple(columns), ".".join(map(quoted, (database, schema, name))))

    def _is_view(self, schema: str, name: str) -> bool:
        return (schema, name) in self.views()

    def has_schema(self, schema: str) -> bool:
        sql = "SELECT 1 FROM duckdb_schemas() WHERE database_name = 'dev' AND schema_name = ?"
        return self.engine.execute(sql, [schema]).fetchone() is not None

    def views(self) -> dict[tuple[str, str], dict[str, Any]]:
        sql = "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = 'dev' AND NOT internal"
        return {(schema, name): read_note(comment) for schema, name, comment in self.engine.execute(sql).fetchall()}

    def note(self, name: str, column: str | None = None) -> dict[str, Any]:
        if column is None:
            sql = "SELECT comment FROM duckdb_tables() WHERE table_name = ? UNION ALL SELECT comment FROM duckdb_views() WHERE view_name = ?"  # noqa: E501
            (found,) = self.engine.execute(sql, [name, name]).fetchone() or (None,)
        else:
            sql = "SELECT comment FROM duckdb_columns() WHERE table_name = ? AND column_name = ?"
            (found,) = self.engine.execute(sql, [name, column]).fetchone() or (None,)
        return read_note(found)

    def run(
        self, sql: str, fields: tuple[Field, ...] | None = None, depends: tuple[tuple[str, str], ...] = ()
    ) -> list[str]:
        (statement,) = parse(sql)
        facts: dict[str, Any] = {"views": self.views(), "unique": str(next(self._unique)), "owner": "admin"}
        if isinstance(statement, CreateTableAs | CreateView):
            places = tuple(self.relation(*pair) for pair in depends)
            facts["query"] = Bound(statement.query.tree, fields, (), tuple(place for place in places if place))
        if isinstance(statement, CreateTableAs):
            facts["query_sql"] = statement.query.tree.sql("duckdb")
        name = getattr(statement, "name", None)
        relation = self.relation(name.schema, name.name) if isinstance(name, QualifiedName) else None
        if relation is not None:
            notes: dict[str | None, Any] = {None: self.note(relation.name)}
            notes |= {column.name: self.note(relation.name, column.name) for column in relation.columns}
            facts["notes"] = notes
        emitted = ddl_to_duckdb(statement, catalog=self, **facts)
        self.engine.execute("BEGIN")
        try:
            for text in emitted:
                self.engine.execute(text)
        except duckdb.Error:
            self.engine.execute("ROLLBACK")
            raise
        self.engine.execute("COMMIT")
        return emitted

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.execute(sql).fetchall()


@pytest.fixture
def house() -> Iterator[Warehouse]:
    warehouse = Warehouse()
    yield warehouse
    warehouse.engine.close()


ONE = (Field("a", INTEGER),)


def test_a_table_keeps_its_declared_facts(house: Warehouse) -> None:
    house.run(
        "create table t (id int primary key distkey, a varchar(10) encode zstd not null default 'x', s super, v varbyte(3), "
        "n decimal(10,2), foreign key (id) references o (id)) compound sortkey (a, id)"
    )
    relation = house.relation(None, "t")
    assert relation is not None
    assert [str(column.type) for column in relation.columns] == [
        "integer",
        "character varying(10)",
        "super",
        "varbyte(3)",
        "numeric(10,2)",
    ]
    assert [column.sortkey for column in relation.columns] == [2, 1, 0, 0, 0]
    assert relation.columns[0].distkey and relation.columns[1].encode == "zstd"
    assert house.note("t") == {
        "constraints": ["foreign key (id) references o (id)", "PRIMARY KEY (id)"],
        "diststyle": "key",
        "owner": "admin",
        "sortstyle": "compound",
    }
    house.engine.execute("INSERT INTO t (id) VALUES (1), (1)")
    assert house.fetch("SELECT id, a FROM t") == [(1, "x"), (1, "x")]
    with pytest.raises(duckdb.ConstraintException):
        house.engine.execute("INSERT INTO t (id, a) VALUES (1, NULL)")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [("identity(1,1)", [1, 2]), ("identity(0,5)", [0, 5]), ("identity(-3,-2)", [-3, -5]), ("identity(5,-10)", [5, -5])],
)
@pytest.mark.parametrize("temporary", ["", "temp "])
def test_identity_counts_by_seed_and_step(house: Warehouse, identity: str, expected: list[int], temporary: str) -> None:
    house.run(f"create {temporary}table t (id bigint {identity}, a int)")
    house.engine.execute("INSERT INTO t (a) VALUES (1), (2)")
    assert [row[0] for row in house.fetch("SELECT id FROM t")] == expected


def test_identity_survives_a_rename_and_leaves_with_its_table(house: Warehouse) -> None:
    house.run("create table t (id bigint identity(1,1), a int)")
    house.run("alter table t rename to old")
    house.run("create table t (id bigint generated by default as identity(10,1), a int)")
    house.engine.execute("INSERT INTO old (a) VALUES (1); INSERT INTO t (a) VALUES (1)")
    assert house.fetch("SELECT id FROM old UNION ALL SELECT id FROM t") == [(1,), (10,)]
    house.run("drop table old, t")
    assert house.fetch("SELECT count(*) FROM duckdb_sequences()") == [(0,)]


def test_defaults_are_constants_and_functions_of_the_day(house: Warehouse) -> None:
    house.run(
        "create table t (i int, a timestamp default getdate(), b timestamptz default getdate(), c date default current_date, "
        "d varchar(9) default upper('x') || 'y', e super default null, f timestamp default sysdate, g numeric(5,2) default 1.5)"
    )
    house.engine.execute("INSERT INTO t (i) VALUES (1)")
    assert house.fetch("SELECT d, e IS NULL, g, a IS NOT NULL, abs(epoch(a) - epoch(b)) < 1 FROM t")[0][:2] == (
        "Xy",
        True,
    )
    assert house.fetch("SELECT abs(epoch(a) - epoch(b)) < 1, abs(epoch(f) - epoch(a)) < 1 FROM t") == [(True, True)]


@pytest.mark.parametrize("default", ["b", "(select 1)", "max(1)", "$1"])
def test_a_default_takes_no_column_query_aggregate_or_parameter(house: Warehouse, default: str) -> None:
    with pytest.raises((InvalidTableDefinition, FeatureNotSupported)):
        house.run(f"create table t (a int default {default})")


def test_like_takes_types_keys_and_defaults_where_asked(house: Warehouse) -> None:
    house.run("create table p (a varchar(5) not null default 'x' sortkey, b int distkey)")
    house.run("create table c (like p including defaults, z int)")
    house.run("create table d (like p)")
    house.engine.execute("INSERT INTO c (z) VALUES (1)")
    assert house.fetch("SELECT a, b, z FROM c") == [("x", None, 1)]
    child = house.relation(None, "d")
    assert child is not None and child.columns[0].default is None and not child.columns[0].nullable
    assert child.columns[0].sortkey == 1 and child.columns[1].distkey


def test_create_table_as_stores_the_types_that_the_binder_found(house: Warehouse) -> None:
    fields = (Field("x", INTEGER), Field("?column?", UNKNOWN), Field("v", varchar(3)))
    house.run("create table t (a) distkey (a) as select 1, 'open', 'abc'", fields)
    relation = house.relation(None, "t")
    assert relation is not None
    assert [(column.name, str(column.type)) for column in relation.columns] == [
        ("a", "integer"),
        ("?column?", "character varying(65535)"),
        ("v", "character varying(3)"),
    ]
    with pytest.raises(DuplicateColumn):
        house.run("create table u as select 1, 2", (Field("a", INTEGER), Field("a", INTEGER)))
    with pytest.raises(UndefinedColumn):
        house.run("create table u sortkey (b) as select 1 as a", ONE)


def test_temporary_tables_hide_permanent_ones(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.run("create temp table t (b int)")
    house.run("create table #x (c int)")
    assert house.fetch("SELECT table_name FROM duckdb_tables() WHERE temporary ORDER BY 1") == [("#x",), ("t",)]
    assert house.note("#x", "c") == {"type": "integer"}
    house.run("drop table t")
    assert house.fetch("SELECT temporary FROM duckdb_tables() WHERE table_name = 't'") == [(False,)]


def test_what_exists_is_not_made_twice(house: Warehouse) -> None:
    house.run("create table t (a int)")
    with pytest.raises(DuplicateTable):
        house.run("create table t (a int)")
    with pytest.raises(DuplicateTable):
        house.run("create view t as select 1 as a", ONE)
    assert house.run("create table if not exists t (b int)") == []
    house.run("create schema s")
    with pytest.raises(DuplicateSchema):
        house.run("create schema s")
    assert house.run("create schema if not exists s") == []
    with pytest.raises(UndefinedSchema):
        house.run("create table nowhere.t (a int)")


def test_views_keep_their_text_and_may_be_replaced(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.run("create view v (x) as select a from t", ONE, depends=(("public", "t"),))
    house.run(
        "create or replace view v as select a from t where a > 1 with no schema binding",
        ONE,
        depends=(("public", "t"),),
    )
    assert house.note("v") == {
        "depends": [["public", "t"]],
        "late_binding": True,
        "owner": "admin",
        "query": "select a from t where a > 1",
        "search_path": ["public"],
    }
    assert house.note("v", "a") == {"type": "integer"}
    with pytest.raises(WrongObjectType):
        house.run("create or replace view t as select 1 as a", ONE)


def test_drop_refuses_what_views_stand_on_unless_cascaded(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.run("create view v as select a from t", ONE, depends=(("public", "t"),))
    house.run("create view w as select a from v", ONE, depends=(("public", "v"),))
    assert dependents(house.views(), "public", "t") == (("public", "w"), ("public", "v"))
    for sql in ("drop table t", "drop view v", "alter table t rename column a to b"):
        with pytest.raises(DependentObjects):
            house.run(sql)
    house.run("alter table t rename to u")
    note = house.views()["public", "v"]
    assert (note["query"], note["depends"]) == ('select a from "u" AS "t"', [["public", "u"]])
    house.run("drop table u cascade")
    assert house.views() == {}


def test_late_binding_views_never_block(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.run("create view v as select a from t with no schema binding", ONE, depends=(("public", "t"),))
    house.run("drop table t")
    assert ("public", "v") in house.views()


def test_drop_says_what_is_missing_or_of_another_kind(house: Warehouse) -> None:
    house.run("create table t (a int)")
    with pytest.raises(UndefinedTable):
        house.run("drop table nothing")
    with pytest.raises(WrongObjectType):
        house.run("drop view t")
    assert house.run("drop table if exists nothing") == []
    house.run("create schema s")
    house.run("create table s.t (id int identity(1,1))")
    house.run("drop schema s cascade")
    assert not house.has_schema("s")
    with pytest.raises(UndefinedSchema):
        house.run("drop schema s")


def test_columns_are_added_with_defaults_and_constraints(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.engine.execute("INSERT INTO t VALUES (1)")
    house.run("alter table t add column b varchar(3) default 'x' not null encode lzo")
    assert house.fetch("SELECT b FROM t") == [("x",)]
    assert house.note("t", "b") == {"default": "'x'", "encode": "lzo", "type": "character varying(3)"}
    with pytest.raises(duckdb.ConstraintException):
        house.engine.execute("INSERT INTO t VALUES (1, NULL)")
    with pytest.raises(InvalidTableDefinition):
        house.run("alter table t add column c int not null")
    with pytest.raises(DuplicateColumn):
        house.run("alter table t add column b int")


def test_a_varchar_grows_and_nothing_else_changes_type(house: Warehouse) -> None:
    """ALTER TABLE page: ALTER COLUMN column_name TYPE updated_varchar_data_type_size."""
    house.run("create table t (a varchar(5), b int)")
    house.run("comment on column t.a is 'kept'")
    house.run("alter table t alter column a type varchar(9)")
    assert house.note("t", "a") == {"comment": "kept", "type": "character varying(9)"}
    for sql in ("alter column a type varchar(3)", "alter column b type bigint", "alter column a type char(20)"):
        with pytest.raises(FeatureNotSupported):
            house.run(f"alter table t {sql}")


def test_keys_encodings_owners_and_constraints_change_in_the_notes(house: Warehouse) -> None:
    house.run("create table t (a int distkey, b int sortkey)")
    house.run("alter table t alter diststyle key distkey b")
    house.run("alter table t alter sortkey (a, b)")
    house.run("alter table t alter column a encode az64")
    house.run("alter table t owner to someone")
    house.run("alter table t add constraint u unique (a)")
    house.run("comment on table t is 'it''s'")
    assert house.note("t") == {
        "comment": "it's",
        "constraints": ["constraint u unique (a)"],
        "diststyle": "key",
        "owner": "someone",
        "sortstyle": "compound",
    }
    assert house.note("t", "a") == {"encode": "az64", "sortkey": 1, "type": "integer"}
    assert house.note("t", "b") == {"distkey": True, "sortkey": 2, "type": "integer"}
    house.run("alter table t drop constraint u")
    house.run("alter table t alter sortkey none")
    house.run("alter table t alter diststyle even")
    house.run("alter table t drop column b")
    assert house.note("t")["diststyle"] == "even" and "constraints" not in house.note("t")
    assert house.note("t", "a") == {"encode": "az64", "type": "integer"}


def test_append_moves_the_rows(house: Warehouse) -> None:
    house.run("create table t (a int, b int)")
    house.run("create table u (b int, a int)")
    house.engine.execute("INSERT INTO u VALUES (2, 1)")
    house.run("alter table t append from u")
    assert house.fetch("SELECT * FROM t") == [(1, 2)] and house.fetch("SELECT count(*) FROM u") == [(0,)]


def test_truncate_empties_a_table(house: Warehouse) -> None:
    house.run("create table t (a int)")
    house.engine.execute("INSERT INTO t VALUES (1)")
    house.run("truncate table t")
    assert house.fetch("SELECT count(*) FROM t") == [(0,)]
    with pytest.raises(UndefinedTable):
        house.run("truncate nothing")


def test_a_renamed_column_keeps_its_note(house: Warehouse) -> None:
    house.run("create table t (a varchar(5) encode zstd, b int)")
    house.run("alter table t rename column a to c")
    assert house.note("t", "c") == {"encode": "zstd", "type": "character varying(5)"}
