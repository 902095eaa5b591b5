"""What PostgreSQL has and Redshift has not: refused by name, with a way to write it, where user data is read.

Received from `bind`: the tree as parsed. Handed back: the first such thing, as an error to raise once it is known which
relations the statement reads. Queries over system relations alone are let through: on Redshift they run on the leader
node, which is a PostgreSQL, and clients ask them so.

Sources: Redshift Developer Guide, "Unsupported PostgreSQL features", "… data types", "… functions"
(c_unsupported-postgresql-features, -datatypes, -functions), "SQL functions supported on the leader node".
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, InputError, SqlSyntaxError, UndefinedFunction
from boathouse.contracts.relations import Relation
from boathouse.sql.bind.bound import Bound
from boathouse.sql.bind.names import function_name, position_of

_ROW_NUMBER = "Use QUALIFY row_number() OVER (…) = 1."
_TO_SUPER = "Use SUPER: array(…), object(…), json_parse(…)."
_HINTS: dict[str, str | None] = {
    "array_agg": "Use LISTAGG; SPLIT_TO_ARRAY makes an array of its result.",
    "string_agg": "Use LISTAGG(x, ',') WITHIN GROUP (ORDER BY …).",
    "every": "Use BOOL_AND.",
    "string_to_array": "Use SPLIT_TO_ARRAY.",
    "json_agg": _TO_SUPER,
    "jsonb_agg": _TO_SUPER,
    "row_to_json": _TO_SUPER,
    "to_json": _TO_SUPER,
    "to_jsonb": _TO_SUPER,
    "json_build_object": _TO_SUPER,
    "clock_timestamp": "Use GETDATE() or SYSDATE.",
    "transaction_timestamp": "Use SYSDATE.",
    "statement_timestamp": "Use GETDATE().",
    "div": "Division of integers truncates: a / b.",
    "bit_length": "Use OCTET_LENGTH(x) * 8.",
    "overlay": "Use LEFT, RIGHT and ||.",
    "regexp_matches": "Use REGEXP_SUBSTR or REGEXP_COUNT.",
    "regexp_split_to_array": "Use SPLIT_TO_ARRAY.",
    "regexp_split_to_table": "Use SPLIT_PART.",
    "quote_nullable": "Use NVL(QUOTE_LITERAL(x), 'NULL').",
    "gen_random_uuid": None,
    **dict.fromkeys(
        ("xmlagg", "xml_agg", "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count",
         "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "justify_days",
         "justify_hours", "justify_interval", "pg_sleep", "setseed", "width_bucket", "generate_subscripts",
         "convert_from", "convert_to", "encode", "format", "current_catalog", "current_query", "inet_client_addr",
         "inet_client_port", "inet_server_addr", "inet_server_port", "nextval", "currval", "lastval", "setval",
         "txid_current", "to_tsvector", "to_tsquery", "array_length", "array_append", "array_cat", "array_remove",
         "array_position", "array_upper", "array_lower", "cardinality", "mode", "make_date", "make_timestamp"),
    ),
}  # fmt: skip
_LEADERS = ("array_lower", "array_upper", "quote_nullable", "string_to_array", "txid_current")
"""Refused beside tables; without any, the leader node answers."""

_TYPES = {"UUID": "uuid", "JSON": "json", "JSONB": "jsonb", "ARRAY": "array", "MONEY": "money", "XML": "xml"}
_WITHOUT_FRAME = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead,
                  exp.GroupConcat, exp.Median, exp.PercentileCont, exp.PercentileDisc)  # fmt: skip
"""Functions of windows that take no frame."""
_NODES: dict[type[exp.Expression], tuple[str, str | None]] = {
    exp.NullSafeEQ: ("IS NOT DISTINCT FROM", "Write a = b OR (a IS NULL AND b IS NULL)."),
    exp.NullSafeNEQ: ("IS DISTINCT FROM", "Write NVL(a <> b, a IS NOT NULL OR b IS NOT NULL)."),
    exp.Filter: ("FILTER (WHERE …) after an aggregate", "Put a CASE into the aggregate."),
    exp.Lateral: ("LATERAL", "Redshift has correlated sub-queries, and walks through SUPER arrays in FROM."),
}


def postgresql_only(tree: exp.Expression, text: str) -> InputError | None:
    """The first thing in the tree that Redshift refuses on user tables."""
    alone = not any(isinstance(table.this, exp.Identifier) for table in tree.find_all(exp.Table))
    for node in tree.walk():
        if isinstance(node, exp.Expression) and not (alone and _is_leaders(node, text)):
            found = _refusal(node, text)
            if found is not None:
                return found
    return None


def _is_leaders(node: exp.Expression, text: str) -> bool:
    return isinstance(node, exp.Func) and function_name(node, text) in _LEADERS


def only_on_leader(relations: Iterable[Relation]) -> bool:
    """True where a statement reads system relations and nothing else."""
    kinds = {relation.kind for relation in relations}
    return kinds == {"system"}


def refuse_series_beside_tables(bound: Bound) -> None:
    """GENERATE_SERIES runs on the leader node, which has no rows of tables.

    Raises:
        FeatureNotSupported: rows of a table are read beside it; INSERT of its rows alone is let through.
    """
    tables = [one for one in bound.relations if one.kind not in ("system", "view") and one is not bound.target]
    series = bound.tree.find(exp.GenerateSeries, exp.ExplodingGenerateSeries) if tables else None
    if series is not None:
        raise FeatureNotSupported(
            "Specified types or functions (one per INFO message) not supported on Redshift tables: generate_series",
            position=position_of(series),
            hint="Number the rows of a table: row_number() OVER (…), or use WITH RECURSIVE.",
        )


def _refusal(node: exp.Expression, text: str) -> InputError | None:
    written = _NODES.get(type(node))
    if written is not None:
        return FeatureNotSupported(f"{written[0]} is not supported", position=position_of(node), hint=written[1])
    if isinstance(node, exp.Distinct) and node.args.get("on") is not None:
        return FeatureNotSupported("SELECT DISTINCT ON is not supported", position=position_of(node), hint=_ROW_NUMBER)
    if isinstance(node, exp.Between) and node.args.get("symmetric") is not None:
        word = "SYMMETRIC" if node.args["symmetric"] else "ASYMMETRIC"
        hint = "Write BETWEEN LEAST(a, b) AND GREATEST(a, b)." if node.args["symmetric"] else "Leave the word out."
        return FeatureNotSupported(f"BETWEEN {word} is not supported", position=position_of(node), hint=hint)
    if isinstance(node, exp.Select) and node.args.get("windows"):
        return FeatureNotSupported("the WINDOW clause is not supported", hint="Write each window after its OVER.")
    if isinstance(node, exp.Window):
        return _window(node)
    if isinstance(node, exp.Except | exp.Intersect) and not node.args.get("distinct"):
        verb = "EXCEPT" if isinstance(node, exp.Except) else "INTERSECT"
        return FeatureNotSupported(f"{verb} ALL is not supported", hint="Without ALL each row is given once.")
    if isinstance(node, exp.CTE) and _recurses_distinctly(node):
        return FeatureNotSupported("a recursive query takes UNION ALL, not UNION", position=position_of(node))
    if isinstance(node, exp.Array) and node.args.get("bracket_notation"):
        return SqlSyntaxError('syntax error at or near "["', position=position_of(node), hint="Write ARRAY(…).")
    if isinstance(node, exp.Cast) and isinstance(node.to, exp.DataType):
        name = _TYPES.get(str(node.to.this.name)) if isinstance(node.to.this, exp.DataType.Type) else None
        if name is not None:
            return FeatureNotSupported(
                f"type {name} is not supported", position=position_of(node), hint="Use VARCHAR or SUPER."
            )
    if isinstance(node, exp.Func):
        name = function_name(node, text)
        if name in ("unnest", "explode") and not isinstance(
            node, exp.Unnest
        ):  # in FROM it is our own form of a nested value
            return UndefinedFunction(
                f"function {name} is not supported",
                position=position_of(node),
                hint="Name the array in FROM: FROM t, t.items AS item.",
            )
        if name in _HINTS:
            return UndefinedFunction(f"function {name} is not supported", position=position_of(node), hint=_HINTS[name])
    return None


def _window(node: exp.Window) -> InputError | None:
    frame = node.args.get("spec")
    if frame is None:
        inner: exp.Expression = node.this
        while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
            inner = inner.this
        if node.args.get("order") is None or not isinstance(inner, exp.AggFunc) or isinstance(inner, _WITHOUT_FRAME):
            return None
        return SqlSyntaxError(
            "Aggregate window functions with an ORDER BY clause require a frame clause",
            position=position_of(inner),
            hint="Add ROWS UNBOUNDED PRECEDING.",
        )
    sides = [frame.args.get(side) for side in ("start", "end")]
    if frame.args.get("exclude") or str(frame.args.get("kind")) == "GROUPS":
        return FeatureNotSupported("GROUPS and EXCLUDE in a window's frame are not supported", hint="Use ROWS.")
    if str(frame.args.get("kind")) == "RANGE" and any(isinstance(side, exp.Expression) for side in sides):
        return FeatureNotSupported("RANGE with an offset is not supported", hint="Use ROWS.")
    return None


def _recurses_distinctly(cte: exp.CTE) -> bool:
    union = cte.this
    if not isinstance(union, exp.Union) or not union.args.get("distinct"):
        return False
    name = cte.alias.lower()
    return any(table.name.lower() == name and not table.db for table in union.find_all(exp.Table))
