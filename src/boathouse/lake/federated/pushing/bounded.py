"""How many rows of another database are enough, and which: LIMIT, with the ORDER BY that decides it.

Asked by `scan` and `islands` for a SELECT whose rows are all theirs; hands back the end of the question's text.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.lake.federated.pushing.push import NotPushed, Pusher

_DECIDES = ("group", "having", "distinct", "qualify", "windows", "laterals")


def bounds(select: exp.Select, pusher: Pusher) -> str:
    """` ORDER BY … LIMIT n`; nothing where something else decides which rows are wanted."""
    if any(select.args.get(part) for part in _DECIDES) or select.find(exp.AggFunc, exp.Window, exp.Unnest) is not None:
        return ""
    rows = _rows(select)
    if rows is None:
        return ""
    order = select.args.get("order")
    try:
        keys = [_key(select, one, pusher) for one in order.expressions] if order is not None else []
    except NotPushed:
        return ""
    return (f" ORDER BY {', '.join(keys)}" if keys else "") + f" LIMIT {rows}"


def _rows(select: exp.Select) -> int | None:
    wanted, skipped = select.args.get("limit"), select.args.get("offset")
    found = 0
    for part in (wanted, skipped):
        if part is None:
            continue
        if not isinstance(part.expression, exp.Literal) or not part.expression.is_int:
            return None
        found += int(part.expression.name)
    return None if wanted is None else found


def _key(select: exp.Select, ordered: exp.Expression, pusher: Pusher) -> str:
    """One key; NULLs stand where they stand here."""
    if not isinstance(ordered, exp.Ordered):
        raise NotPushed
    node = ordered.this
    if isinstance(node, exp.Literal) and node.is_int:
        node = select.expressions[int(node.name) - 1].unalias()
    if not isinstance(node, exp.Column):
        raise NotPushed
    text = pusher.value(node)
    if pusher.family(node) == "text":
        if not pusher.column(node).sorts:
            raise NotPushed
        text = pusher.dialect.ordered.format(text)
    return pusher.dialect.sorted(text, bool(ordered.args.get("desc")), bool(ordered.args.get("nulls_first")))
