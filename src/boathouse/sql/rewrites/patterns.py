"""LIKE, SIMILAR TO and the POSIX regular expression functions.

Received: patterns in Redshift's forms. Handed back: the engine's LIKE with its escape named, and RE2 expressions;
Perl's dialect, places of matches and what is known only at run time go to the functions of `engines.duckdb.computed`.

Source: Redshift Developer Guide, "Pattern-matching conditions", "REGEXP_REPLACE", "REGEXP_SUBSTR", "REGEXP_INSTR".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.patterns.similar import similar_to_regex
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.forms import call, cast, literal_number, literal_text, number, text

_REFERENCE = re.compile(r"\$(\d)")


def rewrite_pattern(node: exp.Expression) -> exp.Expression:
    """Rewrite LIKE, ILIKE and SIMILAR TO; what is no text is matched by its text."""
    if isinstance(node, exp.Like | exp.ILike | exp.SimilarTo | exp.RegexpLike | exp.RegexpILike):
        for key in ("this", "expression"):
            side = node.args[key]
            if not type_of(side).is_text and not isinstance(side, exp.Parameter):
                node.set(key, convert(side, t.VARCHAR))
    if isinstance(node, exp.Like | exp.ILike) and not isinstance(node.parent, exp.Escape):
        pattern = literal_text(node.expression)
        if pattern is None or "\\" in pattern:
            return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    if isinstance(node, exp.Escape) and len(literal_text(node.expression) or "") > 1:
        raise InvalidParameterValue("invalid escape string", sqlstate="22025", hint="It is one character, or none.")
    escape = "\\"
    if isinstance(node, exp.Escape) and isinstance(node.this, exp.SimilarTo):
        escape = literal_text(node.expression) or ""
        node = node.this
    elif isinstance(node, exp.SimilarTo) and isinstance(node.parent, exp.Escape):
        return node
    if isinstance(node, exp.SimilarTo):
        pattern = literal_text(node.expression)
        expression = (
            call("bh_similar", node.expression, text(escape))
            if pattern is None
            else text(similar_to_regex(pattern, escape))
        )
        options = "si" if type_of(node.this).insensitive else "s"
        return call("regexp_full_match", node.this, expression, text(options), of=t.BOOLEAN)
    return node


def regexp_count(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_COUNT(source, pattern [, position [, parameters]])."""
    flags = _plain_parameters(args, 3, "ci")
    if flags is None or not _from_start(args, 2):
        return call("bh_regexp_count", *args[:2], _given(args, 2), _given(args, 3, text("")))
    return cast(call("len", call("regexp_extract_all", args[0], _flagged(args[1], flags))), t.INTEGER)


def regexp_replace(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_REPLACE(source, pattern [, replacement [, position [, parameters]]]): every match."""
    flags = _plain_parameters(args, 4, "ci")
    target = _given(args, 2, text(""))
    literal = literal_text(target)
    if flags is None or literal is None or not _from_start(args, 3) or not _has_groups(args[1], literal):
        return call("bh_regexp_replace", *args[:2], target, _given(args, 3), _given(args, 4, text("")))
    target = text(_REFERENCE.sub(r"\\\1", literal.replace("\\", "\\\\")))
    return call("regexp_replace", args[0], _flagged(args[1], flags), target, text("g"))


def _has_groups(pattern: exp.Expression, target: str) -> bool:
    """True where the pattern has the groups that the replacement names: without them the engine replaces nothing."""
    wanted = max((int(found) for found in _REFERENCE.findall(target)), default=0)
    try:
        return not wanted or re.compile(literal_text(pattern) or "").groups >= wanted
    except re.error:
        return False


def regexp_substr(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_SUBSTR(source, pattern [, position [, occurrence [, parameters]]]); '' where nothing matches."""
    flags = _plain_parameters(args, 4, "ci")
    if flags is None or not _from_start(args, 2) or not _from_start(args, 3):
        return call("bh_regexp_substr", *args[:2], _given(args, 2), _given(args, 3), _given(args, 4, text("")))
    return call("regexp_extract", args[0], _flagged(args[1], flags))


def regexp_instr(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_INSTR(source, pattern [, position [, occurrence [, option [, parameters]]]]); 0 where nothing matches."""
    return call("bh_regexp_instr", *args[:2], _given(args, 2), _given(args, 3), _given(args, 4, number(0)),
                _given(args, 5, text("")))  # fmt: skip


def _given(args: Sequence[exp.Expression], index: int, otherwise: exp.Expression | None = None) -> exp.Expression:
    """An argument, or what it is where it was left out: 1."""
    return args[index] if len(args) > index else (otherwise or number(1))


def _from_start(args: Sequence[exp.Expression], index: int) -> bool:
    """True where a position or occurrence is 1."""
    return len(args) <= index or literal_number(args[index]) == 1


def _plain_parameters(args: Sequence[exp.Expression], index: int, known: str) -> str | None:
    """The parameters where the engine's own expressions know what to do with them; None otherwise."""
    if len(args) <= index:
        return ""
    found = literal_text(args[index])
    if found is not None and set(found) - set("ciep"):
        raise InvalidParameterValue(f'invalid regular expression parameter "{found}"')
    return found if found is not None and not set(found) - set(known) else None


def _flagged(pattern: exp.Expression, flags: str) -> exp.Expression:
    if "i" not in flags:
        return pattern
    literal = literal_text(pattern)
    return text(f"(?i){literal}") if literal is not None else exp.DPipe(this=text("(?i)"), expression=pattern)
