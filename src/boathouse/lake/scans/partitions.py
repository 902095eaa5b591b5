"""Partitions of external tables: which a query needs, and how their key reaches each row.

Receives the catalog's partitions and the query's conjuncts from `lake.scan`; hands back the partitions to read;
reads Hive's folder names (`key=value/`) for the scan and the crawler.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from sqlglot import exp

from boathouse.contracts.session import Session
from boathouse.lake.scans.values import engine_type, literal, quoted
from boathouse.lake.tables import ExternalTable, Partition

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""Hive's folder name for a NULL key."""

_NOT_CONSTANT = (exp.Query, exp.Parameter, exp.Placeholder, exp.AggFunc, exp.Window, exp.Rand, exp.Star)


def read_hive_folder(folder: str) -> tuple[str, str | None] | None:
    """Key and value of a folder's name, or None where it is no Hive partition."""
    key, equals, value = folder.partition("=")
    if not equals or not key:
        return None
    return key.lower(), None if value == HIVE_NULL else unquote(value)


def is_hive_style(table: ExternalTable, partition: Partition) -> bool:
    """True where the partition's location ends with folders that name its key and values."""
    folders = partition.location.rstrip("/").rsplit("/", len(table.partitions))[1:]
    # The engine's url_decode makes blanks of plus signs, which folder names mean literally.
    if len(folders) != len(table.partitions) or any("+" in folder for folder in folders):
        return False
    found = [read_hive_folder(folder) for folder in folders]
    return all(
        pair is not None and pair == (name, value)
        for pair, (name, _), value in zip(found, table.partitions, partition.values, strict=True)
    )


def needed_partitions(
    session: Session, table: ExternalTable, alias: str, filters: Sequence[exp.Expression]
) -> list[Partition]:
    """The partitions in which rows may satisfy every filter.

    One query on the engine, over the catalog's rows; the engine's own semantics decide.

    Args:
        filters: conjuncts over `alias`'s partition columns and constants, from `conjuncts_over`.
    """
    source = (
        f"boathouse.external_partitions WHERE database_name = {literal(table.database)} "
        f"AND table_name = {literal(table.name)}"
    )
    rows = session.engine.fetch(_filtered(table, alias, filters, source, "key_values, location"))
    return [Partition(tuple(values), str(location)) for values, location in rows]  # type: ignore[arg-type]


def needed_among(
    session: Session,
    table: ExternalTable,
    alias: str,
    filters: Sequence[exp.Expression],
    candidates: Sequence[Partition],
) -> list[Partition]:
    """Those of some partitions in which rows may satisfy every filter; see `needed_partitions`."""
    if not filters or not candidates:
        return list(candidates)
    given = json.dumps([[place, list(one.values)] for place, one in enumerate(candidates)], ensure_ascii=False)
    source = (
        "(SELECT (p ->> '$[1]')::JSON::VARCHAR[] AS key_values, (p ->> '$[0]')::BIGINT AS place "
        "FROM (SELECT unnest(?::JSON::JSON[]) AS p))"
    )
    kept = session.engine.fetch(_filtered(table, alias, filters, source, "place"), [given])
    return [candidates[place] for place in sorted(int(str(row[0])) for row in kept)]


def _filtered(table: ExternalTable, alias: str, filters: Sequence[exp.Expression], source: str, wanted: str) -> str:
    """SQL for what is wanted of the source's rows, `key_values` being their key, that satisfy every filter."""
    keys = ", ".join(
        f"TRY_CAST(key_values[{place}] AS {engine_type(kind)}) AS {quoted(name)}"
        for place, (name, kind) in enumerate(table.partitions, 1)
    )
    where = (
        " AND ".join(f"({one.sql('duckdb', normalize_functions=False, comments=False)})" for one in filters) or "true"
    )
    names = [f"__wanted_{place}" for place, _ in enumerate(wanted.split(", "))]
    inner = ", ".join(f"{one} AS {name}" for one, name in zip(wanted.split(", "), names, strict=True))
    return f"SELECT {', '.join(names)} FROM (SELECT {inner}, {keys} FROM {source}) AS {quoted(alias)} WHERE {where}"


def count_partitions(session: Session, table: ExternalTable) -> int:
    """How many partitions the table has."""
    sql = "SELECT count(*) FROM boathouse.external_partitions WHERE database_name = ? AND table_name = ?"
    return int(str(session.engine.fetch(sql, [table.database, table.name])[0][0]))


def conjuncts_over(node: exp.Expression, alias: str) -> list[exp.Expression]:
    """The conjuncts around a table in FROM that only its own columns and constants decide.

    Args:
        node: the table in the tree, still in its place.
    """
    return [one for one in conditions_on(node) if _decides(one, alias)]


def alias_of(node: exp.Table, alias: str) -> exp.TableAlias:
    """The alias, with its column names, of the scan that takes a table's place in FROM."""
    kept = node.args.get("alias")
    if isinstance(kept, exp.TableAlias):
        return kept.copy()
    return exp.TableAlias(this=exp.to_identifier(alias, quoted=True))


def conditions_on(node: exp.Expression) -> list[exp.Expression]:
    """The conjuncts around a table in FROM that its rows must satisfy, whatever else they speak of.

    WHERE decides unless an outer join may add rows with NULLs for this table; the table's own ON decides for inner
    and left joins.

    Args:
        node: the table in the tree, still in its place.
    """
    holder = node.parent
    join = holder if isinstance(holder, exp.Join) else None
    select = node.find_ancestor(exp.Select)
    if select is None or not isinstance(holder, exp.From | exp.Join) or holder.parent is not select:
        return []
    joins: list[exp.Join] = select.args.get("joins") or []
    place = next((at for at, one in enumerate(joins) if one is join), -1)
    nullable = any(one.side in ("RIGHT", "FULL") for one in joins[place + 1 :])
    nullable = nullable or (join is not None and join.side in ("LEFT", "FULL"))
    conditions: list[exp.Expression | None] = []
    if not nullable and select.args.get("where") is not None:
        conditions.append(select.args["where"].this)
    if join is not None and join.side in ("", "LEFT") and join.kind in ("", "INNER", "OUTER"):
        conditions.append(join.args.get("on"))
    if not nullable:
        later = joins[place + 1 :]
        conditions += [one.args.get("on") for one in later if one.side == "" and one.kind in ("", "INNER")]
    return [one for condition in conditions for one in conjuncts(condition)]


def conjuncts(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    """The parts of a condition that AND joins, outermost parentheses taken off."""
    if condition is None:
        return
    if isinstance(condition, exp.And):
        yield from conjuncts(condition.args["this"])
        yield from conjuncts(condition.args["expression"])
    elif isinstance(condition, exp.Paren) and isinstance(condition.this, exp.And):
        yield from conjuncts(condition.this)
    else:
        yield condition


def names_of(condition: exp.Expression) -> set[str]:
    """The columns that a condition asks for."""
    return {column.name for column in condition.find_all(exp.Column)}


def _decides(condition: exp.Expression, alias: str) -> bool:
    if condition.find(*_NOT_CONSTANT) is not None:
        return False
    # Session variables are set only once the statement's text is known.
    if any(call.name.lower() in ("getvariable", "random") for call in condition.find_all(exp.Anonymous)):
        return False
    columns = list(condition.find_all(exp.Column))
    return bool(columns) and all(one.table == alias for one in columns)
