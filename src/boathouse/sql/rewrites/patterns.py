"""LIKE, SIMILAR TO and the POSIX regular expression functions.

Received: patterns in Redshift's forms. Handed back: the engine's LIKE with its escape named, and RE2 expressions.
Patterns of SIMILAR TO must be literals, as they are translated once, here.

Source: Redshift Developer Guide, "Pattern-matching conditions", "REGEXP_REPLACE", "REGEXP_SUBSTR", "REGEXP_INSTR".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.sql.bind.bound import type_of
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
    escape = "\\"
    if isinstance(node, exp.Escape) and isinstance(node.this, exp.SimilarTo):
        escape = literal_text(node.expression) or ""
        node = node.this
    elif isinstance(node, exp.SimilarTo) and isinstance(node.parent, exp.Escape):
        return node
    if isinstance(node, exp.SimilarTo):
        pattern = literal_text(node.expression)
        if pattern is None:
            raise FeatureNotSupported("SIMILAR TO takes a literal pattern")
        return call("regexp_full_match", node.this, text(similar_to_regex(pattern, escape)), text("s"), of=t.BOOLEAN)
    return node


def similar_to_regex(pattern: str, escape: str = "\\") -> str:
    """A SIMILAR TO pattern as a regular expression that matches the whole value."""
    found: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if escape and char == escape:
            position += 1
            found.append(re.escape(pattern[position : position + 1]))
        elif inside:
            inside = char != "]"
            found.append("\\\\" if char == "\\" else char)
        elif char == "[":
            inside = True
            found.append(char)
        else:
            found.append({"%": ".*", "_": "."}.get(char) or (char if char in "|*+?(){}," else re.escape(char)))
        position += 1
    return "".join(found)


def regexp_count(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_COUNT(source, pattern [, position [, parameters]])."""
    flags = _parameters(args, 3)
    found = call("regexp_extract_all", _from(args[0], args, 2), _flagged(args[1], flags))
    return cast(call("len", found), t.INTEGER)


def regexp_replace(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_REPLACE(source, pattern [, replacement [, position [, parameters]]]): every match."""
    flags = _parameters(args, 4)
    target = args[2] if len(args) > 2 else text("")
    literal = literal_text(target)
    if literal is None:
        target = call("regexp_replace", target, text("\\$(\\d)"), text("\\\\\\1"), text("g"))
    else:
        target = text(_REFERENCE.sub(r"\\\1", literal.replace("\\", "\\\\")))
    start = literal_number(args[3]) if len(args) > 3 else 1
    source = args[0]
    replaced = call("regexp_replace", _from(source, args, 3), _flagged(args[1], flags), target, text("g"))
    if start == 1:
        return replaced
    return exp.Paren(this=exp.DPipe(this=call("left", source.copy(), number((start or 1) - 1)), expression=replaced))


def regexp_substr(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_SUBSTR(source, pattern [, position [, occurrence [, parameters]]]); '' where nothing matches."""
    flags = _parameters(args, 4)
    group = number(1 if "e" in flags else 0)
    found = call("regexp_extract_all", _from(args[0], args, 2), _flagged(args[1], flags), group)
    which = args[3] if len(args) > 3 else number(1)
    picked = call("list_extract", found, which)
    return exp.Case(
        ifs=[exp.If(this=exp.Is(this=args[0].copy(), expression=exp.Null()), true=exp.Null())],
        default=exp.Coalesce(this=picked, expressions=[text("")]),
    )


def regexp_instr(args: Sequence[exp.Expression]) -> exp.Expression:
    """REGEXP_INSTR(source, pattern [, position [, occurrence [, option [, parameters]]]]); 0 where nothing matches."""
    flags = _parameters(args, 5)
    if len(args) > 3 and literal_number(args[3]) != 1:
        raise FeatureNotSupported("REGEXP_INSTR finds the first occurrence only")
    start = literal_number(args[2]) if len(args) > 2 else 1
    option = literal_number(args[4]) if len(args) > 4 else 0
    if start is None or option is None:
        raise FeatureNotSupported("REGEXP_INSTR takes a literal position and option")
    source, pattern = _from(args[0], args, 2), _flagged(args[1], flags)
    # The text before the first match: everything matched lazily in front of it.
    before = call("regexp_extract", source, _joined("(?s)^(.*?)(?:", pattern, ")"), number(0 if option else 1))
    place: exp.Expression = exp.Add(this=call("length", before), expression=number(start))
    matches = call("regexp_matches", source.copy(), pattern.copy())
    whens = [
        exp.If(this=exp.Not(this=matches), true=number(0)),
        exp.If(this=exp.Is(this=matches.copy(), expression=exp.Null()), true=exp.Null()),
    ]
    return cast(exp.Case(ifs=whens, default=place), t.INTEGER)


def _joined(head: str, pattern: exp.Expression, tail: str) -> exp.Expression:
    literal = literal_text(pattern)
    if literal is not None:
        return text(head + literal + tail)
    return exp.DPipe(this=exp.DPipe(this=text(head), expression=pattern.copy()), expression=text(tail))


def _from(source: exp.Expression, args: Sequence[exp.Expression], index: int) -> exp.Expression:
    """The source from its `position` argument on."""
    if len(args) <= index or literal_number(args[index]) == 1:
        return source
    return call("substring", source, args[index].copy(), of=t.VARCHAR)


def _parameters(args: Sequence[exp.Expression], index: int) -> str:
    if len(args) <= index:
        return ""
    found = literal_text(args[index])
    if found is None:
        raise FeatureNotSupported("the parameters of a regular expression function must be a literal")
    if "p" in found:
        raise FeatureNotSupported("Perl-compatible regular expressions (parameter p) are not supported")
    if set(found) - set("cie"):
        raise InvalidParameterValue(f'invalid regular expression parameter "{found}"')
    return found


def _flagged(pattern: exp.Expression, flags: str) -> exp.Expression:
    if "i" not in flags:
        return pattern
    return _joined("(?i)", pattern, "")
