"""What every part of the writing for Spark needs: names, literals, types, and the refusal of what has no words there.

Received by the writers of this folder; they hand text to `sql.targets.to_spark`. A node is written only by a writer that
was made for its class: there is no way by which one could pass unread.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of

_TYPES = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INT",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "character": "STRING",
    "character varying": "STRING",
    "text": "STRING",
    "unknown": "STRING",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP_NTZ",
}


def spark_type(of: SqlType) -> str | None:
    """Spark's name of a type whose values are the same in both; None where there is none."""
    if of.insensitive:
        return None
    if of.name == "numeric":
        return f"DECIMAL({of.precision or 38},{of.scale or 0})"
    if of.name in ("struct", "array", "map"):
        parts = [(part, spark_type(inner)) for part, inner in of.fields]
        if of.is_catalog_array or any(inner is None for _, inner in parts):
            return None
        if of.name == "struct":
            return f"STRUCT<{', '.join(f'{name(part)}: {inner}' for part, inner in parts)}>"
        return f"{of.name.upper()}<{', '.join(str(inner) for _, inner in parts)}>"
    return _TYPES.get(of.name)


_READ: dict[type[exp.Expression], set[str]] = {
    exp.Like: {"this", "expression", "negate"},
    exp.ILike: {"this", "expression", "negate"},
    exp.Between: {"this", "low", "high"},
    exp.In: {"this", "expressions", "query"},
    exp.Is: {"this", "expression"},
    exp.Div: {"this", "expression", "typed"},
    exp.DPipe: {"this", "expression", "safe"},
    exp.Anonymous: {"this", "expressions"},
    exp.Bracket: {"this", "expressions", "offset"},
    exp.Case: {"this", "ifs", "default"},
    exp.Cast: {"this", "to"},
    exp.Literal: {"this", "is_string"},
    exp.Column: {"this", "table"},
    exp.Window: {"this", "partition_by", "order", "spec", "over"},
    exp.Ordered: {"this", "desc", "nulls_first"},
    exp.Count: {"this", "big_int"},
    exp.Coalesce: {"this", "expressions", "is_nvl"},
    exp.Trim: {"this", "expression", "position"},
    exp.GroupConcat: {"this", "separator"},
    exp.Alias: {"this", "alias"},
}
_CLAUSED = (exp.Query, exp.Table, exp.Join)
"""Their writers look at all of them themselves."""


def _is_read(node: exp.Expression, key: str, value: object) -> bool:
    """True where the node's writer looks at this part of it: a mark that nobody read would be another meaning."""
    known = _READ.get(type(node))
    if known is not None:
        return key in known
    if isinstance(node, _CLAUSED):
        return True
    if isinstance(node, exp.Binary):
        return key in ("this", "expression")
    return (
        isinstance(value, exp.Expression | list) or (key == "this" and not isinstance(node, exp.Func)) or key == "name"
    )


@dataclass
class Words:
    """The writing of one statement.

    Attributes:
        writers: by class of node.
        tables: the name in Spark of each relation, by the engine's name of it.
        values: of `$1`, `$2`, …
    """

    writers: Mapping[type[exp.Expression], Callable[[Words, exp.Expression], str]]
    tables: Mapping[str, str]
    values: tuple[object, ...] = ()
    parameters: tuple[SqlType, ...] = ()
    ctes: list[str] = field(default_factory=list)

    def write(self, node: exp.Expression) -> str:
        """A node's text.

        Raises:
            FeatureNotSupported: naming what Spark is not asked for.
        """
        writer = self.writers.get(type(node))
        if writer is None:
            raise refused(shown(node), node)
        for key, value in node.args.items():
            if value and not _is_read(node, key, value):
                raise refused(f"{shown(node)} with {key.strip('_')}", node)
        return writer(self, node)

    def all(self, nodes: list[exp.Expression]) -> str:
        """Several, with commas."""
        return ", ".join(map(self.write, nodes))

    def type_name(self, of: SqlType, at: exp.Expression | None = None) -> str:
        """Spark's name of a type.

        Raises:
            FeatureNotSupported: it has none that means the same.
        """
        found = spark_type(of)
        if found is None:
            raise refused(f"type {of}" + (" without regard to case" if of.insensitive else ""), at)
        return found


def refused(what: str, at: exp.Expression | None = None) -> FeatureNotSupported:
    """The error for what Spark is not asked for."""
    return FeatureNotSupported(
        f"{what} is not supported on the engine spark",
        hint="SET engine TO duckdb runs the statement in the house.",
        position=None if at is None else position_of(at),
    )


_NESTED = {
    exp.Dot: "a value within a nested column",
    exp.Bracket: "an element of a nested column",
}


def shown(node: exp.Expression) -> str:
    """What a node is called in an error: a function by its name, another by its class."""
    if type(node) in _NESTED:
        return _NESTED[type(node)]
    if not isinstance(node, exp.Func):
        return type(node).__name__.upper()
    return called(node.this if isinstance(node, exp.Anonymous) else node.sql_name())


def called(function: object) -> str:
    """What a function is called in an error."""
    return "a nested column in FROM" if str(function).lower() == "unnest" else f"function {str(function).lower()}"


def name(text: str) -> str:
    """A name in Spark's quotes."""
    return "`" + text.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text in Spark's quotes, in which a backslash means something."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"


def constant(value: object, of: SqlType, type_name: str) -> str | None:
    """A Python value as a literal of a type; None where it cannot be one."""
    if value is None:
        return f"CAST(NULL AS {type_name})"
    if isinstance(value, bool):
        return f"CAST({str(value).lower()} AS {type_name})" if of == t.BOOLEAN else None
    if isinstance(value, int) and of.is_number:
        return f"CAST('{value}' AS {type_name})"
    if isinstance(value, Decimal) and of.name == "numeric" and value.is_finite():
        return f"CAST('{value:f}' AS {type_name})"
    if isinstance(value, datetime.date) and of == t.DATE and not isinstance(value, datetime.datetime):
        return f"DATE'{value.isoformat()}'" if value.year >= 1000 else None
    if isinstance(value, str) and of.is_text:
        return literal(value)
    return None


def kind(node: exp.Expression) -> SqlType:
    """The node's type."""
    return type_of(node)
