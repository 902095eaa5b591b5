"""Queries in Spark's words: SELECT with its clauses, set operations, WITH, sub-queries, joins.

Received: a bound query. Every clause is named here; one that is not is refused, so that none is left out in silence.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.sql.bind.bound import relation_of
from boathouse.sql.rewrites.forms import literal_number
from boathouse.sql.targets.spark.casts import fitted
from boathouse.sql.targets.spark.nested import refuse_keys, write_items
from boathouse.sql.targets.spark.words import Words, kind, name, refused, shown

_CLAUSES = {"with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "order", "limit", "offset",
            "distinct"}  # fmt: skip
_OPERATIONS: dict[Any, str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def _only(node: exp.Expression, known: set[str]) -> None:
    for key, value in node.args.items():
        if value and key not in known:
            raise refused(f"{key.strip('_').upper()} in {shown(node)}", node)


def _select(words: Words, node: exp.Expression) -> str:
    _only(node, _CLAUSES)
    if node.args.get("qualify") is not None:
        return _qualified(words, node)
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        raise refused("DISTINCT ON", node)
    parts = [_with(words, node), "SELECT DISTINCT" if distinct is not None else "SELECT"]
    if distinct is not None:
        refuse_keys(node, node.expressions)
    parts.append(write_items(words, node))
    parts += _body(words, node)
    return " ".join(one for one in (*parts, *_tail(words, node)) if one)


def _body(words: Words, node: exp.Expression) -> list[str]:
    parts = []
    if node.args.get("from_") is not None:
        parts.append(f"FROM {words.write(node.args['from_'].this)}")
        parts += [words.write(one) for one in node.args.get("joins") or []]
    if node.args.get("where") is not None:
        parts.append(f"WHERE {words.write(node.args['where'].this)}")
    group = node.args.get("group")
    if group is not None:
        _only(group, {"expressions"})
        refuse_keys(node, group.expressions)
        keys = [
            one.name if isinstance(one, exp.Literal) and not one.is_string else words.write(one)
            for one in group.expressions
        ]
        parts.append(f"GROUP BY {', '.join(keys)}")
    if node.args.get("having") is not None:
        parts.append(f"HAVING {words.write(node.args['having'].this)}")
    return parts


def _tail(words: Words, node: exp.Expression) -> list[str]:
    parts = []
    if node.args.get("order") is not None:
        refuse_keys(node, [one.this for one in node.args["order"].expressions])
        parts.append(f"ORDER BY {words.all(node.args['order'].expressions)}")
    for key in ("limit", "offset"):
        clause = node.args.get(key)
        if clause is None:
            continue
        value = clause.args.get("expression")
        count = None if value is None else literal_number(value)
        if count is None or not 0 <= count < 2**31:
            raise refused(f"this {key.upper()}", node)
        parts.append(f"{key.upper()} {count}")
    return parts


def _qualified(words: Words, node: exp.Expression) -> str:
    """QUALIFY, which Spark has not: a filter around the query that computes its condition."""
    if node.args.get("distinct") is not None:
        raise refused("QUALIFY with DISTINCT", node)
    names = [name(item.alias) for item in node.expressions]
    items = [*map(words.write, node.expressions), f"{words.write(node.args['qualify'].this)} AS `_qualifies`"]
    keys = []
    order = node.args.get("order")
    for place, ordered in enumerate(order.expressions if order is not None else []):
        key = ordered.this
        if isinstance(key, exp.Literal) and not key.is_string:
            key = node.expressions[int(key.name) - 1].this
        items.append(f"{words.write(key)} AS `_key{place}`")
        nulls = "FIRST" if ordered.args.get("nulls_first") else "LAST"
        keys.append(f"`_key{place}` {'DESC' if ordered.args.get('desc') else 'ASC'} NULLS {nulls}")
    inner = " ".join(["SELECT", ", ".join(items), *_body(words, node)])
    limits = [one for one in _tail(words, node) if not one.startswith("ORDER BY")]
    parts = [_with(words, node), f"SELECT {', '.join(names)} FROM ({inner}) AS `_all` WHERE `_qualifies`"]
    parts += [f"ORDER BY {', '.join(keys)}"] if keys else []
    return " ".join(one for one in (*parts, *limits) if one)


def _with(words: Words, node: exp.Expression) -> str:
    with_ = node.args.get("with_")
    if with_ is None:
        return ""
    found = []
    for cte in with_.expressions:
        if with_.args.get("recursive") and any(
            one.name == cte.alias and not one.db for one in cte.this.find_all(exp.Table)
        ):
            raise refused("WITH RECURSIVE", node)
        columns = cte.args["alias"].args.get("columns") or []
        listed = f" ({', '.join(name(one.name) for one in columns)})" if columns else ""
        found.append(f"{name(cte.alias)}{listed} AS ({words.write(cte.this)})")
        words.ctes.append(cte.alias)
    return "WITH " + ", ".join(found)


def _set_operation(words: Words, node: exp.Expression) -> str:
    _only(node, {"with_", "this", "expression", "distinct", "order", "limit", "offset"})
    word = _OPERATIONS[type(node)] + ("" if node.args.get("distinct") else " ALL")
    if word != "UNION ALL":
        for branch in (node.this.unnest(), node.expression.unnest()):
            refuse_keys(node, branch.selects)
    prefix = _with(words, node)
    parts = [prefix, f"({words.write(node.this)})", word, f"({words.write(node.expression)})"]
    return " ".join(one for one in (*parts, *_tail(words, node)) if one)


def _subquery(words: Words, node: exp.Expression) -> str:
    _only(node, {"this", "alias", "order", "limit", "offset", "joins"})
    if node.args.get("joins"):
        raise refused("a join in parentheses", node)
    inner = f"({words.write(node.this)})"
    tail = _tail(words, node)
    if tail:
        inner = f"(SELECT * FROM {inner} {' '.join(tail)})"
    alias = node.args.get("alias")
    if alias is None:
        return inner
    columns = alias.args.get("columns") or []
    listed = f"({', '.join(name(one.name) for one in columns)})" if columns else ""
    return f"{inner} AS {name(alias.name)}{listed}"


def _table(words: Words, node: exp.Expression) -> str:
    _only(node, {"this", "db", "catalog", "alias"})
    relation = relation_of(node)
    if relation is None:
        if node.args.get("db") or node.name not in words.ctes:
            raise refused(f"table {node.name}", node)
        known = node.name
    else:
        found = words.tables.get(relation.engine_name)
        if found is None:
            raise refused(f'relation "{relation.schema}.{relation.name}"', node)
        known = found
    alias = node.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise refused("names of columns here", node)
    return f"{name(known)} AS {name(node.alias_or_name)}"


def _join(words: Words, node: exp.Expression) -> str:
    _only(node, {"this", "side", "kind", "on"})
    side, kind_ = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if side not in ("", "LEFT", "RIGHT", "FULL") or kind_ not in ("", "INNER", "OUTER", "CROSS"):
        raise refused(f"{side} {kind_} JOIN".strip(), node)
    on = node.args.get("on")
    if on is None:
        if side:
            raise refused("an outer join without a condition", node)
        return f"CROSS JOIN {words.write(node.this)}"
    return f"{side or 'INNER'} JOIN {words.write(node.this)} ON {words.write(on)}"


def _alias(words: Words, node: exp.Expression) -> str:
    value = node.this
    if isinstance(value, exp.Null) or kind(node).is_text or kind(value).is_nested or kind(node) == kind(value):
        return f"{words.write(value)} AS {name(node.alias)}"
    return f"{fitted(words, value, kind(node))} AS {name(node.alias)}"


def _exists(words: Words, node: exp.Expression) -> str:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    return f"EXISTS ({words.write(inner)})"


WRITERS: dict[Any, Any] = {
    exp.Select: _select, **dict.fromkeys(_OPERATIONS, _set_operation), exp.Subquery: _subquery, exp.Table: _table,
    exp.Join: _join, exp.Alias: _alias, exp.Exists: _exists,
}  # fmt: skip
