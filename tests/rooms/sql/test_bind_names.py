"""Names: sources, columns, stars, aliases, ordinals, output names, and what is refused."""

from __future__ import annotations

import pytest
from tests.rooms.sql.bind_examples import CHEAP, TOYS, bound, names, run, types

from boathouse.contracts.errors import (
    AmbiguousColumn,
    BoathouseError,
    DuplicateAlias,
    FeatureNotSupported,
    GroupingError,
    InputError,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedFunction,
    UndefinedSchema,
    UndefinedTable,
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select count(*), sum(price), max(size), getdate() from toys", ["count", "sum", "max", "getdate"]),
        ('select 1 as MyName, kind as "Quoted", KIND from toys', ["myname", "quoted", "kind"]),
        ("select '1'::int, price::int from toys", ["int4", "price"]),
        (
            "select case when fun then 1 end, exists (select 1), 5/2, 'x' from toys",
            ["case", "exists", "?column?", "?column?"],
        ),
        ("select (select max(id) from makers) from toys", ["max"]),
        ("select row_number() over (order by id) from toys", ["row_number"]),
        ("select id, id from toys", ["id", "id"]),
        ("select sysdate, current_date, approximate count(distinct id) from toys", ["timestamp", "date", "count"]),
    ],
)
def test_output_columns_are_named_as_redshift_names_them(sql: str, expected: list[str]) -> None:
    assert names(sql) == expected


def test_identifiers_fold_also_when_quoted() -> None:
    assert run('select T."KIND" from TOYS t where ID = 1') == [("ball",)]


def test_the_users_database_and_schema_may_qualify_a_table_and_its_columns() -> None:
    assert run("select public.toys.id from public.toys order by toys.id limit 1") == [(1,)]
    assert bound("select memory.public.toys.id from memory.public.toys").relations == (TOYS,)


def test_a_star_is_every_visible_column_in_order() -> None:
    assert names("select t.*, m.* from toys t join makers m on t.id = m.id") == [
        *[column.name for column in TOYS.columns],
        "id",
        "maker",
    ]


def test_using_merges_its_columns() -> None:
    assert names("select * from makers join toys using (id)")[:3] == ["id", "maker", "kind"]
    assert run("select id from makers full join toys using (id) order by id") == [(1,), (2,), (3,), (9,)]
    assert run("select id, maker from toys natural join makers") == [(1, "Ada")]


def test_a_later_item_may_use_an_earlier_alias() -> None:
    assert run("select id + 1 as next, next * 2 from toys where id = 1") == [(2, 4)]


def test_a_column_goes_before_an_alias_of_that_name() -> None:
    assert run("select id * 10 as count_now, count_now from toys where id = 1") == [(10, 4)]


def test_group_by_and_order_by_take_ordinals_and_aliases() -> None:
    assert run("select kind as what, count(*) from toys group by what order by 2 desc") == [("ball", 2), ("kite", 1)]
    assert run("select kind, count(*) n from toys group by 1 having n > 1") == [("ball", 2)]
    with pytest.raises(SqlSyntaxError, match="position 3 is not in select list"):
        bound("select id, kind from toys order by 3")


def test_ctes_sub_queries_and_set_operations_offer_their_columns() -> None:
    assert run("with a(x) as (select id from toys), b as (select x + 1 y from a) select max(y) from b") == [(4,)]
    assert run("select z.id from (select id, id from makers union all select 5, 6) as z(id, twin) order by 1") == [
        (1,),
        (5,),
        (9,),
    ]
    assert run("with recursive r(n) as (select 1 union all select n + 1 from r where n < 4) select sum(n) from r") == [
        (10,)
    ]
    assert run("select count from (select count(*) from toys)") == [(3,)]


def test_a_cte_hides_a_table_and_its_own_body_sees_the_table() -> None:
    assert run("with toys as (select id from toys where id > 1) select count(*) from toys") == [(2,)]


def test_correlated_sub_queries_see_the_query_around_them() -> None:
    sql = "select id from toys t where exists (select 1 from makers where makers.id = t.id)"
    assert run(sql) == [(1,)]
    assert run(
        "select id, (select maker from makers where id = t.id) from toys t where id in (select id from makers)"
    ) == [(1, "Ada")]


def test_values_stand_in_from() -> None:
    assert run("select v.b from (values (1, 'a'), (2, 'b')) v(a, b) where v.a = 2") == [("b",)]


def test_outer_join_marks_become_outer_joins() -> None:
    assert run("select t.id, m.maker from toys t, makers m where t.id = m.id(+) order by 1") == [
        (1, "Ada"),
        (2, None),
        (3, None),
    ]


def test_a_view_is_replaced_by_its_query() -> None:
    found = bound("select * from cheap c where c.label = 'ball'")
    assert [field.name for field in found.fields or ()] == ["id", "label"]
    assert set(found.relations) == {CHEAP, TOYS}
    assert run("select c.id from cheap c order by 1") == [(1,), (3,)]


@pytest.mark.parametrize(
    ("sql", "error", "message", "position"),
    [
        ("select nope from toys", UndefinedColumn, 'column "nope" does not exist in toys', 8),
        ("select t.nope from toys t", UndefinedColumn, 'column "nope" does not exist in t', 10),
        ("select x.id from toys t", UndefinedTable, 'missing FROM-clause entry for table "x"', 8),
        ("select 1 from nope", UndefinedTable, 'relation "nope" does not exist', 15),
        ("select 1 from no.toys", UndefinedSchema, 'schema "no" does not exist', 15),
        ("select id from toys, makers", AmbiguousColumn, 'column reference "id" is ambiguous', 8),
        ("select 1 from toys, toys", DuplicateAlias, 'table name "toys" specified more than once', 21),
    ],
)
def test_an_unknown_name_is_reported_where_it_stands(
    sql: str, error: type[BoathouseError], message: str, position: int
) -> None:
    with pytest.raises(error) as caught:
        bound(sql)
    assert caught.value.message == message
    assert caught.value.position == position


def test_a_close_name_is_suggested() -> None:
    with pytest.raises(UndefinedColumn) as caught:
        bound("select prize from toys")
    assert caught.value.hint == 'Did you mean "price"?'


@pytest.mark.parametrize(
    "source",
    [
        "read_csv('x.csv')",
        "read_parquet('x')",
        "'x.parquet'",
        '"x.parquet"',
        "glob('*')",
        "duckdb_tables()",
        "pragma_table_info('toys')",
        "read_text('/etc/passwd')",
        "parquet_scan('x')",
        "sniff_csv('x')",
        "query('select 1')",
        "query_table('toys')",
    ],
)
def test_neither_files_nor_engine_functions_get_into_from(source: str) -> None:
    with pytest.raises(InputError):
        bound(f"select * from {source}")
    with pytest.raises(InputError):
        bound(f"select 1 from toys where exists (select 1 from {source})")
    with pytest.raises(InputError):
        bound(f"select 1 from toys t, {source} x")


def test_ungrouped_columns_are_refused() -> None:
    with pytest.raises(GroupingError, match=r'column "toys.kind" must appear in the GROUP BY clause'):
        bound("select kind, count(*) from toys")
    with pytest.raises(GroupingError):
        bound("select id from toys group by kind")
    bound("select upper(kind), count(*) from toys group by upper(kind)")
    bound("select kind, sum(count(*)) over () from toys group by kind")


def test_aggregates_stand_neither_in_where_nor_in_each_other() -> None:
    with pytest.raises(GroupingError, match="not allowed in WHERE"):
        bound("select id from toys where sum(id) > 1")
    with pytest.raises(GroupingError, match="may not be nested"):
        bound("select sum(max(id)) from toys")


def test_set_operations_need_as_many_columns() -> None:
    with pytest.raises(SqlSyntaxError, match="each UNION query must have the same number of columns"):
        bound("select id from toys union select id, maker from makers")


def test_unknown_operators_are_named_with_their_types() -> None:
    with pytest.raises(UndefinedFunction, match=r"operator does not exist: boolean \+ integer"):
        bound("select fun + 1 from toys")


def test_what_is_not_built_is_refused_clearly() -> None:
    with pytest.raises(FeatureNotSupported):
        bound("select * from toys tablesample bernoulli (10)")


def test_binding_leaves_the_parsed_tree_alone() -> None:
    from boathouse.sql.parse import parse_statement

    statement = parse_statement("select t.*, kind from toys t where made > '2020-01-01'")
    before = repr(statement.tree)  # type: ignore[attr-defined]
    bound("select t.*, kind from toys t where made > '2020-01-01'")
    assert repr(statement.tree) == before  # type: ignore[attr-defined]


def test_types_of_a_star_are_the_declared_ones() -> None:
    assert types("select * from makers") == ["integer", "character varying(10)"]


@pytest.mark.parametrize(
    "sql", ["select unnest(lines) from baskets", "select {'a': 1}", "select [x for x in array(1)]", "select x -> x + 1"]
)
def test_other_dialects_expressions_are_refused(sql: str) -> None:
    with pytest.raises(InputError):
        bound(sql)


@pytest.mark.parametrize(
    "clause",
    [
        "select (select 1 from read_text('x'))",
        "select 1 order by (select 1 from read_text('x'))",
        "select count(*) filter (where exists (select 1 from read_text('x'))) from toys",
        "select sum(id) over (order by (select 1 from read_text('x')) rows unbounded preceding) from toys",
        "select 1 from toys group by (select 1 from read_text('x'))",
        "select 1 from toys window w as (order by (select 1 from read_text('x')))",
        "with a as (select * from read_text('x')) select 1",
        "insert into makers select 1, content from read_text('x')",
        "update makers set id = 1 from read_text('x')",
        "delete from makers using read_text('x') where true",
        "merge into makers using read_text('x') s on true when matched then delete when not matched then insert values (1, 'x')",
        "select * from toys, lateral read_text('x')",
    ],
)
def test_no_clause_hides_an_engine_function_as_a_table(clause: str) -> None:
    with pytest.raises(InputError):
        bound(clause)
