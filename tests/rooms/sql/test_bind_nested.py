"""Nested values in FROM and in expressions, run on the engine.

Documented under "Querying nested data with Redshift Spectrum" and "Querying semistructured data" (query-super).
"""

from __future__ import annotations

import pytest
from tests.rooms.sql.bind_examples import bound, engine, names, run, types

from boathouse.contracts.errors import DatatypeMismatch, UndefinedColumn


def test_a_struct_field_is_reached_by_dots() -> None:
    sql = "select b.buyer.login, b.bought from baskets b order by 1"
    assert run(sql)[0] == ("ann", "2019-10-10")
    assert names(sql) == ["login", "bought"]
    assert types(sql) == ["character varying(20)", "character varying(10)"]


def test_an_array_of_structs_is_joined_and_its_rows_come_in_array_order() -> None:
    sql = "select b.buyer.login, l.sku, l.price from baskets b, b.lines l"
    assert [row[1] for row in run(sql)] == [30, 10, 20]
    assert types(sql)[1:] == ["integer", "numeric(10,2)"]


def test_an_element_nested_in_an_element_is_joined_in_order() -> None:
    assert run("select l.sku, p.number from baskets b, b.lines l, l.parts p") == [(30, 9), (30, 8), (20, 7)]


def test_a_left_join_keeps_parents_without_elements() -> None:
    sql = "select b.buyer.login, l.sku from baskets b left join b.lines l on true"
    assert run(sql) == [("ann", 30), ("ann", 10), ("ann", 20), ("bea", None), ("cy", None)]


def test_a_left_join_with_a_condition_keeps_parents_without_a_match() -> None:
    sql = "select b.buyer.login, l.sku from baskets b left join b.lines l on l.sku > 25 order by 1"
    assert run(sql) == [("ann", 30), ("bea", None), ("cy", None)]


def test_an_inner_join_takes_a_condition() -> None:
    assert run("select l.sku from baskets b join b.lines l on l.onsale") == [(30,), (20,)]


def test_a_sub_query_counts_the_elements_of_its_parent() -> None:
    sql = "select b.buyer.login, (select count(*) from b.lines) as items from baskets b order by 1"
    assert run(sql) == [("ann", 3), ("bea", 0), ("cy", 0)]


def test_fields_of_the_element_need_no_qualifier_in_a_sub_query() -> None:
    sql = (
        "select b.buyer.login, (select sum(price) from b.lines) as spent, "
        "(select sum(case when onsale = true then 1 else 0 end) from b.lines) as sale from baskets b order by 1"
    )
    assert [tuple(map(str, row)) for row in run(sql)] == [
        ("ann", "6.50", "2"),
        ("bea", "None", "None"),
        ("cy", "None", "None"),
    ]
    assert types(sql) == ["character varying(20)", "numeric(38,2)", "bigint"]


def test_children_aggregate_inside_a_cte_and_having_takes_an_output_alias() -> None:
    sql = """with bought as (
        select b.buyer.login as login, b.bought as day, b.buyer.home as home,
          (select count(*) from b.lines) as items, (select sum(price) from b.lines) as total
        from baskets b)
      select login, count(day) as days, avg(items) from bought
      where items <= 3 and total > 0 and day >= '2019-09-01' group by 1 having days >= 1 order by 3 desc"""
    assert [row[:2] for row in run(sql)] == [("ann", 1)]
    assert types(sql) == ["character varying(20)", "bigint", "bigint"]


def test_a_condition_counts_matching_elements() -> None:
    sql = """select b.buyer.login, count(l.sku), sum(l.price) from baskets b, b.lines l
      where b.bought = '2019-10-10' and (select count(*) from b.lines where vendor = 'V1' and onsale = true) > 0
      group by 1 order by 3 desc"""
    assert [(row[0], row[1]) for row in run(sql)] == [("ann", 3)]


def test_exists_looks_into_an_array() -> None:
    assert run("select b.bought from baskets b where exists (select 1 from b.lines l where l.price > 3)") == [
        ("2019-10-10",)
    ]


def test_elements_group_with_their_parents_columns() -> None:
    sql = """select l.vendor, b.bought, count(distinct b.buyer.login) from baskets b, b.lines l
      where b.bought > '2019-01-01' group by 1, 2 order by 1"""
    assert run(sql) == [("V1", "2019-10-10", 1), ("V2", "2019-10-10", 1)]


def test_an_element_without_fields_is_the_value_itself() -> None:
    sql = "select p from baskets b, b.phones p"
    assert run(sql) == [("p1",), ("p2",)]
    assert types(sql) == ["character varying(12)"]


def test_a_map_is_rows_of_key_and_value() -> None:
    sql = "select w.key, w.value from baskets b, b.wishes w"
    assert run(sql) == [("gift", True), ("fast", False)]
    assert types(sql) == ["character varying(20)", "boolean"]


def test_a_map_counts_in_sub_queries() -> None:
    sql = """with wanted as (select b.buyer.login as login,
        (select count(*) from b.wishes w where w.key = 'gift' and w.value = true) as gift,
        (select count(*) from b.wishes w where w.key = 'fast' and w.value = true) as fast
      from baskets b)
      select case when gift > 0 and fast > 0 then 1 when gift > 0 then 2 else 0 end as class, count(login)
      from wanted group by 1 order by 1"""
    assert run(sql) == [(0, 2), (2, 1)]


def test_arrays_count_from_zero() -> None:
    sql = "select b.phones[0], b.lines[1].sku from baskets b order by b.bought limit 1"
    assert run(sql) == [("p1", 10)]


def test_at_names_the_place_in_the_array() -> None:
    sql = "select p, i from baskets b, b.phones as p at i"
    assert run(sql) == [("p1", 0), ("p2", 1)]
    assert types(sql)[1] == "bigint"


def test_super_is_navigated_laxly() -> None:
    sql = "select n.id, n.body.who.name, n.body.tags[1], n.body.nothing.more from notes n order by 1"
    assert run(sql) == [(1, "Eve", "y", None), (2, None, None, None), (3, None, None, None)]
    assert types(sql) == ["integer", "super", "super", "super"]


def test_unnesting_super_gives_no_rows_for_scalars_and_missing_values() -> None:
    assert run("select n.id, t from notes n, n.body.tags t") == [(1, "x"), (1, "y"), (1, "z")]


def test_super_is_compared_as_the_other_sides_type() -> None:
    assert run("select id from notes n where n.body.who.age > 37") == [(1,)]
    assert run("select id from notes n where n.body.who.name = 'Eve'") == [(1,)]


def test_unpivot_gives_an_objects_attributes() -> None:
    sql = "select k from notes n, unpivot n.body as v at k where n.id = 1"
    assert run(sql) == [("tags",), ("who",), ("n",)]


def test_a_field_that_is_not_there_is_named_with_its_position() -> None:
    with pytest.raises(UndefinedColumn) as caught:
        bound("select b.buyer.logon from baskets b")
    assert caught.value.position == 16
    assert caught.value.hint == 'Did you mean "login"?'


def test_a_scalar_is_nothing_to_iterate_over() -> None:
    with pytest.raises(DatatypeMismatch, match="cannot iterate over"):
        bound("select 1 from baskets b, b.bought x")


def test_filters_on_elements_keep_array_order() -> None:
    assert run("select l.sku from baskets b, b.lines l where l.onsale and b.buyer.login = 'ann'") == [(30,), (20,)]
    assert run("select p.number from baskets b, b.lines l, l.parts p where p.number > 7") == [(9,), (8,)]


def test_a_filter_on_elements_needs_no_join_in_the_engine() -> None:
    sql = bound("select b.bought from baskets b, b.lines l, l.parts p where l.price > 1 and p.number > 7").tree.sql(
        "duckdb"
    )
    plan = str(engine().execute("explain " + sql).fetchall())
    assert "UNNEST" in plan
    assert "JOIN" not in plan


def test_two_arrays_of_one_parent_make_their_product() -> None:
    assert run("select l.sku, p from baskets b, b.lines l, b.phones p where l.sku > 10") == [
        (30, "p1"),
        (30, "p2"),
        (20, "p1"),
        (20, "p2"),
    ]


def test_elements_join_other_tables() -> None:
    sql = """select l.sku, m.maker from makers m, baskets b, b.lines l left join toys t on t.id = l.sku
      where m.id = 9 and t.id is null order by 1"""
    assert run(sql) == [(10, "Bob"), (20, "Bob"), (30, "Bob")]


def test_an_element_of_an_outer_joined_parent_drops_the_unmatched_rows() -> None:
    sql = "select m.id, l.sku from makers m left join baskets b on m.id = 9 and b.bought = '2019-10-10', b.lines l order by 2"
    assert run(sql) == [(9, 10), (9, 20), (9, 30)]


def test_an_element_named_like_a_column_of_its_parent_stays_itself() -> None:
    sql = "select phones, lines.sku from baskets b, b.lines bought, b.lines lines where bought.sku = 30 and lines.sku = 10"
    assert [row[1] for row in run(sql)] == [10]


def test_a_sub_query_may_use_an_element_of_the_query_around_it() -> None:
    assert run("select l.sku, (select count(*) from l.parts) from baskets b, b.lines l") == [(30, 2), (10, 0), (20, 1)]
    assert run("select l.sku from baskets b, b.lines l where exists (select 1 from l.parts p where p.number = 7)") == [
        (20,)
    ]
