"""Function calls: Redshift's names to the engine's functions and macros; unknown names are refused.

Received: calls with typed arguments. Handed back: engine calls, their text, number and moment arguments converted. What
the catalogue does not hold is an error, so that no function of the engine itself can be reached.

Source: `sql.redshift.functions`, page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import UndefinedFunction
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.catalogue.spatial_functions import PREDICATES, is_collecting
from boathouse.sql.redshift.functions import find
from boathouse.sql.redshift.result_types import rounded, sign
from boathouse.sql.rewrites import built_calls, patterns
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.catalog import functions as catalog_functions
from boathouse.sql.rewrites.forms import ENGINE_CALL, call, cast, is_text_literal, literal_text, text
from boathouse.sql.rewrites.functions.arguments import converted
from boathouse.sql.rewrites.functions.dates import DATE_BUILDERS
from boathouse.sql.rewrites.functions.hashes import HASH_BUILDERS
from boathouse.sql.rewrites.spatial import calls as spatial

_Builder = Callable[[Sequence[exp.Expression]], exp.Expression]

_BUILDERS: dict[str, _Builder] = {
    "regexp_count": patterns.regexp_count,
    "regexp_instr": patterns.regexp_instr,
    "regexp_replace": patterns.regexp_replace,
    "regexp_substr": patterns.regexp_substr,
    **built_calls.BUILDERS,
    **HASH_BUILDERS,
    **catalog_functions.BUILDERS,
    **DATE_BUILDERS,
    **spatial.BUILDERS,
}

_PLAIN = (
    exp.Cast, exp.Case, exp.If, exp.Connector, exp.Exists, exp.AggFunc, exp.Coalesce, exp.Nullif, exp.Unnest,
    exp.Explode, exp.Posexplode, exp.Inline, exp.SubqueryPredicate, exp.Binary, exp.RowNumber, exp.StructExtract,
    exp.Interval, exp.Struct, exp.ExplodingGenerateSeries, exp.GenerateSeries, exp.AtTimeZone, exp.Any, exp.All,
    exp.Rank, exp.DenseRank, exp.Ntile, exp.CumeDist, exp.PercentRank, exp.Grouping, exp.GroupingId,
)  # fmt: skip
"""Classes that mean the same to the engine, or that another rewrite has taken care of."""


def rewrite_call(node: exp.Expression) -> exp.Expression:
    """Rewrite one call.

    Raises:
        UndefinedFunction: no such function, or not with so many arguments.
    """
    if not isinstance(node, exp.Func) or isinstance(node, _PLAIN) or node.meta.get(ENGINE_CALL):
        return node
    name, args = read_call(node)
    function = find(name)
    if function is None:
        raise _undefined(name, args, node)
    if function.kind in ("aggregate", "window") or is_collecting(node):
        return node
    if len(args) < function.least or (function.most is not None and len(args) > function.most):
        raise _undefined(function.name, args, node)
    if function.name in _OF_BYTES and any(type_of(one).name == "varbyte" for one in args):
        return call(_OF_BYTES[function.name], *map(_as_bytes, args))
    taken = [one for place, value in enumerate(args) if (one := converted(function.letter(place), value)) is not None]
    if function.name in PREDICATES and len(taken) == len(args):
        return spatial.predicate(function.name, node, taken)
    builder = _BUILDERS.get(function.name)
    if len(taken) < len(args) or (builder is None and not function.engine):
        raise _undefined(function.name, args, node)
    made = builder(taken) if builder is not None else call(function.engine, *taken)
    if function.returns in (rounded, sign) and type_of(node).name == "numeric":
        return cast(made, type_of(node))  # the engine's has other digits
    return made


_OF_BYTES = {
    **dict.fromkeys(("concat", "textcat"), "rs.concat"),
    **dict.fromkeys(("substring", "substr"), "rs.bytes_part"),
    **dict.fromkeys(("len", "length", "octet_length"), "rs.bytes_length"),
    "to_hex": "rs.bytes_hex", "md5": "md5", "sha2": "bh_sha2_bytes",
    **dict.fromkeys(("sha", "sha1", "func_sha1"), "sha1"),
}  # fmt: skip
"""Functions that take a VARBYTE as it is, where others take its text."""


def _as_bytes(value: exp.Expression) -> exp.Expression:
    """A text among bytes as its UTF-8; numbers, which are places and lengths, as they are."""
    return convert(value, t.VARBYTE) if type_of(value).is_text or is_text_literal(value) else value


def _undefined(name: str, args: Sequence[exp.Expression], node: exp.Expression) -> UndefinedFunction:
    kinds = ", ".join(str(type_of(one)) for one in args)
    start = node.meta.get("start")
    return UndefinedFunction(
        f"function {name}({kinds}) does not exist",
        hint="No function matches the given name and argument types. You may need to add explicit type casts.",
        position=start + 1 if isinstance(start, int) else None,
    )


def read_call(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
    """The call's name and arguments in Redshift's order, from whatever class sqlglot chose."""
    special = _SPECIAL.get(type(node).__name__)
    if special is not None:
        return special(node)
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower(), list(node.expressions)
    args: list[exp.Expression] = []
    for key in node.arg_types:
        value = node.args.get(key)
        if isinstance(value, exp.Expression):
            args.append(value)
        elif isinstance(value, list):
            args += [one for one in value if isinstance(one, exp.Expression)]
    return str(getattr(type(node), "sql_name", lambda: type(node).__name__)()).lower(), args


def _pick(name: str, *keys: str) -> Callable[[exp.Expression], tuple[str, list[exp.Expression]]]:
    def read(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
        return name, [node.args[key] for key in keys if isinstance(node.args.get(key), exp.Expression)]

    return read


def _substring(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
    """`substring(x FROM 'pattern')` of the leader node takes a regular expression where others take a place."""
    start = literal_text(node.args["start"]) if isinstance(node.args.get("start"), exp.Expression) else None
    matching = start is not None and node.args.get("length") is None and not start.strip().lstrip("+-").isdigit()
    return _pick("substring_matching" if matching else "substring", "this", "start", "length", "zero_start")(node)


def _trim(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
    side = str(node.args.get("position") or "BOTH").upper()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "btrim")
    return _pick(name, "this", "expression")(node)


def _unit_first(name: str, *keys: str) -> Callable[[exp.Expression], tuple[str, list[exp.Expression]]]:
    def read(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
        unit = node.args.get("unit")
        return name, [text(unit.name.lower() if unit is not None else "day"), *(node.args[key] for key in keys)]

    return read


def _extract(node: exp.Expression) -> tuple[str, list[exp.Expression]]:
    return "extract", [text(node.this.name.lower()), node.expression]


_SPECIAL: dict[str, Callable[[exp.Expression], tuple[str, list[exp.Expression]]]] = {
    "Trim": _trim,
    "Extract": _extract,
    "Substring": _substring,
    "StrPosition": _pick("strpos", "this", "substr"),
    "Ceil": _pick("ceil", "this", "decimals", "to"),
    "Floor": _pick("floor", "this", "decimals", "to"),
    "Array": lambda node: ("array", list(node.expressions)),
    "DecodeCase": lambda node: ("decode", list(node.expressions)),
    "Chr": lambda node: ("chr", list(node.expressions)),
    "TsOrDsAdd": _unit_first("dateadd", "expression", "this"),
    "TsOrDsDiff": _unit_first("datediff", "expression", "this"),
    "TimestampTrunc": _unit_first("date_trunc", "this"),
}
