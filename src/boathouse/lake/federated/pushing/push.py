"""Conditions and expressions of a bound query in another database's SQL, where they mean the same there.

Receives nodes of the bound tree from `scan` and `islands`; hands back text, or raises `NotPushed`: then the engine
computes that part here. Only forms that both sides compute alike are known: comparisons of plain columns with constants
and with each other, their logic, LIKE, arithmetic of exact numbers, truncated timestamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from boathouse.contracts.session import Session
from boathouse.lake.federated.pushing.constants import constant, is_constant
from boathouse.lake.federated.pushing.dialects import Dialect
from boathouse.lake.federated.pushing.keys import KEYS, Keys, marked
from boathouse.lake.federated.remote import Family, RemoteColumn, RemoteTable
from boathouse.sql.bind.bound import type_of

_COMPARED: Mapping[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_NUMBERS = ("integer", "numeric")
_MOMENTS = ("date", "timestamp")


class NotPushed(Exception):
    """This node is computed here."""


@dataclass(frozen=True)
class Pusher:
    """What can be said to one source.

    Args:
        tables: its tables by their alias in the query; over there they have the same aliases.
    """

    session: Session
    dialect: Dialect
    tables: Mapping[str, RemoteTable]

    def column(self, node: exp.Expression) -> RemoteColumn:
        """The remote column that a node is, by name."""
        if not isinstance(node, exp.Column) or node.table not in self.tables:
            raise NotPushed
        return self.tables[node.table].column(node.name)

    def named(self, node: exp.Column) -> str:
        """Its qualified name over there."""
        return f"{self.dialect.quote(node.table)}.{self.column(node).remote}"

    def condition(self, node: exp.Expression) -> str:
        """A condition; true there for exactly the rows for which it is true here."""
        if isinstance(node, exp.Paren):
            return f"({self.condition(node.this)})"
        if isinstance(node, exp.And | exp.Or):
            word = "AND" if isinstance(node, exp.And) else "OR"
            return f"({self.condition(node.this)} {word} {self.condition(node.expression)})"
        if isinstance(node, exp.Not):
            return f"NOT ({self.condition(node.this)})"
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            found = self.column(node.this)
            is_odd = found.family in _MOMENTS and not found.nullable
            return (self.dialect.missing if is_odd else "{} IS NULL").format(self.named(node.this))
        if isinstance(node, exp.In):
            return self._among(node, node.meta[KEYS]) if KEYS in node.meta else self._in(node)
        if isinstance(node, exp.Between):
            low, high = exp.GTE(this=node.this, expression=node.args["low"]), node.args["high"]
            return f"({self._compared(low)} AND {self._compared(exp.LTE(this=node.this, expression=high))})"
        if isinstance(node, exp.Like):
            return self._like(node)
        if type(node) in _COMPARED:
            return self._compared(node)
        if isinstance(node, exp.Column) and self.column(node).family == "boolean":
            return self.named(node)
        raise NotPushed

    def _compared(self, node: exp.Expression) -> str:
        operator = _COMPARED[type(node)]
        left, right = node.this, node.expression
        pattern = "{}"
        if is_constant(left) and not is_constant(right):
            family = self.family(right)
            sides = self._constant(left, family), self.value(right)
        elif is_constant(right):
            family = self.family(left)
            sides = self.value(left), self._constant(right, family)
        else:
            family = self.family(left)
            if not _alike(family, self.family(right)):
                raise NotPushed
            sides = self.value(left), self.value(right)
        if family == "text":
            pattern = self.dialect.equal if operator in ("=", "<>") else self.dialect.ordered
        if operator == "=" and pattern != "{}" and self._may_meet(left, right):
            # Equal bytes are equal under every collation: the plain comparison finds the index, the other decides.
            return f"({sides[0]} = {sides[1]} AND {pattern.format(sides[0])} = {pattern.format(sides[1])})"
        return f"{pattern.format(sides[0])} {operator} {pattern.format(sides[1])}"

    def _may_meet(self, left: exp.Expression, right: exp.Expression) -> bool:
        """True where the other database does not refuse the plain comparison of two texts."""
        found = [self.column(one).collation for one in (left, right) if isinstance(one, exp.Column)]
        given = next((constant(self.session, one, "text") for one in (left, right) if is_constant(one)), None)
        if given is not None:
            return all(self.dialect.holds(one, given) for one in found)
        return len(set(found)) < 2

    def _in(self, node: exp.In) -> str:
        if node.args.get("query") is not None or node.args.get("unnest") is not None:
            raise NotPushed
        family = self.family(node.this)
        pattern = self.dialect.equal if family == "text" else "{}"
        items = ", ".join(pattern.format(self._constant(item, family)) for item in node.expressions)
        return f"{pattern.format(self.value(node.this))} IN ({items})"

    def _among(self, node: exp.In, keys: Keys) -> str:
        """Keys of a local table; equal bytes are equal under every collation, so that an index is found."""
        family = self.family(node.this)
        found = keys.constants(family)
        if found is None or not all(map(self.dialect.knows, found)):
            raise NotPushed
        if not found:
            return marked("1 = 0")
        value, written = self.value(node.this), [self.dialect.constant(one) for one in found]
        plain = f"{value} IN ({', '.join(written)})"
        if family != "text" or self.dialect.equal == "{}":
            return marked(f"({plain})")
        text = f"{self.dialect.equal.format(value)} IN ({', '.join(map(self.dialect.equal.format, written))})"
        collation = self.column(node.this).collation
        if all(self.dialect.holds(collation, one) for one in found):
            text = f"{plain} AND {text}"
        return marked(f"({text})")

    def _like(self, node: exp.Like) -> str:
        if self.family(node.this) != "text" or not is_constant(node.expression):
            raise NotPushed
        found = constant(self.session, node.expression, "text")
        if found is None or found.text is None or "\\" in found.text:
            raise NotPushed
        if self.dialect.by_bytes and "_" in found.text:
            raise NotPushed
        word = "NOT LIKE" if node.args.get("negate") else "LIKE"
        return f"{self.dialect.ordered.format(self.value(node.this))} {word} {self.dialect.constant(found)}"

    def _constant(self, node: exp.Expression, family: Family) -> str:
        if not is_constant(node):
            raise NotPushed
        found = constant(self.session, node, family)
        if found is None or not self.dialect.knows(found):
            raise NotPushed
        return self.dialect.constant(found)

    def family(self, node: exp.Expression) -> Family:
        """What a value may be compared with."""
        if isinstance(node, exp.Paren):
            return self.family(node.this)
        if (inner := self._widened(node)) is not None:
            return self.family(inner)
        if isinstance(node, exp.Column):
            found = self.column(node).family
            if found == "other":
                raise NotPushed
            return found
        if isinstance(node, exp.Add | exp.Sub | exp.Mul):
            sides = (node.this, node.expression)
            if all(self.family(side) in _NUMBERS for side in sides if not is_constant(side)):
                return "numeric"
        if _is_truncation(node, self.dialect):
            return "timestamp"
        raise NotPushed

    def _widened(self, node: exp.Expression) -> exp.Expression | None:
        """The exact number under a cast that only gives it room."""
        if not isinstance(node, exp.Cast) or node.to.this != exp.DataType.Type.DECIMAL or len(node.to.expressions) < 2:
            return None
        kind = type_of(node.this)
        scale = 0 if kind.is_integer else kind.scale if kind.name == "numeric" else None
        return node.this if scale is not None and int(node.to.expressions[1].name) >= scale else None

    def value(self, node: exp.Expression) -> str:
        """A value; numbers under arithmetic are exact over there, too."""
        if isinstance(node, exp.Paren):
            return f"({self.value(node.this)})"
        if (inner := self._widened(node)) is not None:
            return self.value(inner)
        if isinstance(node, exp.Column):
            return self.column(node).compared.format(self.named(node))
        if isinstance(node, exp.Add | exp.Sub | exp.Mul):
            self.family(node)
            sign = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}[type(node)]
            sides = [
                self._constant(side, "numeric")
                if is_constant(side)
                else self.dialect.as_numeric.format(self.value(side))
                for side in (node.this, node.expression)
            ]
            return f"({sides[0]} {sign} {sides[1]})"
        if _is_truncation(node, self.dialect) and self.family(node.expressions[1]) == "timestamp":
            return f"date_trunc('{node.expressions[0].name}', {self.value(node.expressions[1])})"
        raise NotPushed


def _is_truncation(node: exp.Expression, dialect: Dialect) -> bool:
    return (
        isinstance(node, exp.Anonymous)
        and node.name.lower() == "date_trunc"
        and len(node.expressions) == 2
        and isinstance(node.expressions[0], exp.Literal)
        and node.expressions[0].name in dialect.truncations
    )


def _alike(left: Family, right: Family) -> bool:
    return left == right or {left, right} <= {*_NUMBERS} or {left, right} <= {*_MOMENTS}
