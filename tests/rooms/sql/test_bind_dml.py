"""INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

import pytest
from sqlglot import exp
from tests.rooms.sql.bind_examples import MAKERS, NUMBERED, TOYS, bound, engine

from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateColumn,
    FeatureNotSupported,
    InputError,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.sql.bind.bound import assigned_columns, assigned_to


def after(sql: str, query: str) -> list[tuple[object, ...]]:
    """The rows of `query` once the bound statement has run."""
    connection = engine()
    connection.execute(bound(sql).tree.sql("duckdb"))
    return connection.execute(query).fetchall()


def test_insert_values_knows_its_target_columns() -> None:
    found = bound("insert into makers (maker, id) values ('Cy', 3), (default, 4)")
    assert found.target == MAKERS
    assert found.fields is None
    assert [one.name for one in assigned_columns(found.tree.args["expression"])] == ["maker", "id"]
    value = next(found.tree.find_all(exp.Literal))
    column = assigned_to(value)
    assert column is not None and column.name == "maker"


def test_insert_without_a_column_list_fills_the_first_columns() -> None:
    assert after("insert into makers values (3)", "select * from makers where id = 3") == [(3, None)]


def test_insert_from_a_query_marks_the_select_list() -> None:
    found = bound("insert into makers select t.id, t.kind from toys t")
    assert [assigned_to(item).name for item in found.tree.args["expression"].expressions] == ["id", "maker"]  # type: ignore[union-attr]
    assert set(found.relations) == {MAKERS, TOYS}
    sql = "with big as (select id, kind from toys where id > 1) insert into makers select * from big"
    assert after(sql, "select count(*) from makers") == [(4,)]


def test_insert_default_values() -> None:
    assert after("insert into makers default values", "select count(*) from makers") == [(3,)]


def test_update_sees_its_alias_and_from() -> None:
    sql = "update toys t set kind = m.maker, size = default from makers m where t.id = m.id"
    assert after(sql, "select kind from toys where id = 1") == [("Ada",)]


def test_delete_takes_using_and_may_omit_from() -> None:
    assert after("delete from toys using makers where toys.id = makers.id", "select min(id) from toys") == [(2,)]
    assert after("delete toys where id > 1", "select count(*) from toys") == [(1,)]


def test_merge_updates_and_inserts() -> None:
    sql = """merge into makers using toys t on makers.id = t.id
      when matched then update set maker = t.kind when not matched then insert (id, maker) values (t.id, t.kind)"""
    assert after(sql, "select * from makers order by id") == [(1, "ball"), (2, "kite"), (3, "ball"), (9, "Bob")]


def test_an_identity_column_takes_no_value() -> None:
    with pytest.raises(InputError, match="cannot set an identity column to a value"):
        bound("insert into numbered (id, word) values (1, 'a')")
    found = bound("insert into numbered (id, word) values (default, 'a')")
    assert found.target == NUMBERED
    assert [
        one.name for one in assigned_columns(bound("insert into numbered values ('a')").tree.args["expression"])
    ] == ["word"]


@pytest.mark.parametrize(
    ("sql", "error", "message"),
    [
        ("insert into makers values (1, 'a', 2)", SqlSyntaxError, "INSERT has more expressions than target columns"),
        (
            "insert into makers (id, maker) values (1)",
            SqlSyntaxError,
            "INSERT has more target columns than expressions",
        ),
        (
            "insert into makers (id, nope) values (1, 2)",
            UndefinedColumn,
            'column "nope" of relation "makers" does not exist',
        ),
        ("insert into makers (id, id) values (1, 2)", DuplicateColumn, 'column "id" specified more than once'),
        ("insert into nope values (1)", UndefinedTable, 'relation "nope" does not exist'),
        ("delete from lake_rows", WrongObjectType, "external table"),
        ("insert into lake_rows default values", FeatureNotSupported, "no default values"),
        ("delete from cheap", WrongObjectType, "view"),
        ("update makers set nope = 1", UndefinedColumn, 'column "nope" of relation "makers" does not exist'),
        ("update makers set id = 1, id = 2", DuplicateColumn, "multiple assignments"),
        ("update makers set id = count(*)", InputError, "aggregate functions are not allowed"),
    ],
)
def test_a_wrong_target_or_value_is_refused(sql: str, error: type[BoathouseError], message: str) -> None:
    with pytest.raises(error, match=message):
        bound(sql)
