"""Collations: which texts are compared without regard to case, and what may not meet.

Called by `expressions` and `operands` for texts that meet in one operator, function or branch. A text is without case
where a column of COLLATE CASE_INSENSITIVE or COLLATE(x, 'case_insensitive') stands in it; literals and parameters take
the collation of what they meet. The engine's collation NOCASE compares by the lower-case forms; what it does not reach
is in `rewrites.collations`. Source: Redshift Developer Guide, "CREATE DATABASE" (r_CREATE_DATABASE-collation),
"COLLATE function".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, UndefinedFunction
from boathouse.contracts.types import UNKNOWN, VARCHAR, SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import position_of

NO_CASE, CASE = "NOCASE", "C"
"""The engine's names of the two."""
_COLLATIONS = {"case_sensitive": CASE, "case_insensitive": NO_CASE}


def insensitive(texts: Sequence[exp.Expression]) -> bool:
    """True where the texts that meet are compared without case.

    Raises:
        FeatureNotSupported: a column or SUPER value that is compared with it stands beside one that is not.
    """
    if not any(type_of(one).insensitive for one in texts):
        return False
    for one in texts:
        if type_of(one).name == "super":
            raise FeatureNotSupported(
                "Coercing from case insensitive string to SUPER is not supported.", position=position_of(one)
            )
        if not type_of(one).insensitive and _is_cased(one):
            raise FeatureNotSupported(
                "Query with different collations is not supported yet.",
                hint="COLLATE(x, 'case_insensitive') or COLLATE(x, 'case_sensitive') makes both sides the same.",
                position=position_of(one),
            )
    return True


def first_outputs(query: exp.Expression) -> list[exp.Expression]:
    """The first items of the select lists of a bound query's branches."""
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.SetOperation):
        return [*first_outputs(query.this), *first_outputs(query.expression)]
    items = query.expressions if isinstance(query, exp.Select) else []
    return [one.this if isinstance(one, exp.Alias) else one for one in items[:1]]


def collate(result: SqlType, texts: Sequence[exp.Expression]) -> SqlType:
    """The result's type, a text without case where it is made of one."""
    found = insensitive(texts)
    return replace(result, insensitive=True) if found and result.is_text else result


def collated(node: exp.Collate) -> exp.Expression:
    """`COLLATE(x, 'case_insensitive')` and its counterpart, `x` bound.

    Raises:
        UndefinedFunction: `x` is no text. InvalidParameterValue: no such collation.
    """
    value, name = node.this, node.expression.name.lower()
    if name not in _COLLATIONS:
        raise InvalidParameterValue(
            f'collation "{name}" does not exist',
            hint="'case_sensitive' or 'case_insensitive'.",
            position=position_of(node.expression),
        )
    of = VARCHAR if type_of(value) == UNKNOWN else type_of(value)
    if not of.is_text:
        raise UndefinedFunction(f"function collate({of}, character varying) does not exist", position=position_of(node))
    of = replace(of, insensitive=name == "case_insensitive")
    inner = with_type(exp.Paren(this=value), of)
    made = with_type(exp.Collate(this=inner, expression=exp.Identifier(this=_COLLATIONS[name], quoted=True)), of)
    return with_type(exp.Paren(this=made), of)


def _is_cased(node: exp.Expression) -> bool:
    """True where a column of text, compared with regard to case, or COLLATE(x, 'case_sensitive') stands in it."""
    for one in node.walk():
        if isinstance(one, exp.Collate):
            return bool(one.expression.name == CASE)
        if isinstance(one, exp.Column) and type_of(one).is_text and not type_of(one).insensitive:
            return True
    return False
