"""What neither Redshift nor PostgreSQL reads, and the general SQL reader lets through because other systems do.

Received from `bind`: the tree as parsed. Raised, wherever it stands, as the syntax error that it is; the words among it are
refused before there is a tree, in `grammar.queries`.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import InputError, SqlSyntaxError, UndefinedFunction, UndefinedObject
from boathouse.sql.bind.names import position_of
from boathouse.sql.redshift.dialect import COMMA

_CLAUSES = {"sort": "SORT BY", "cluster": "CLUSTER BY", "distribute": "DISTRIBUTE BY"}
_INTEGERS = ("TINYINT", "UTINYINT")


def refuse_foreign(tree: exp.Expression) -> None:
    """Look through a statement's tree.

    Raises:
        SqlSyntaxError, UndefinedFunction, UndefinedObject: the first such thing.
    """
    for node in tree.walk():
        found = _refusal(node) if isinstance(node, exp.Expression) else None
        if found is not None:
            raise found


def _refusal(node: exp.Expression) -> InputError | None:
    if isinstance(node, exp.Join):
        return _join(node)
    if isinstance(node, exp.Select):
        clause = next((shown for name, shown in _CLAUSES.items() if node.args.get(name)), None)
        return None if clause is None else SqlSyntaxError(f'syntax error at or near "{clause}"', hint="Use ORDER BY.")
    if isinstance(node, exp.Star) and node.args.get("ilike"):
        return SqlSyntaxError('syntax error at or near "ILIKE"', hint="Name the columns, or use * EXCLUDE.")
    if isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
        return UndefinedFunction("function if does not exist", position=position_of(node), hint="Use CASE WHEN.")
    if isinstance(node, exp.DataType) and str(getattr(node.this, "name", "")) in _INTEGERS:
        name = str(node.this.name).lower()
        return UndefinedObject(f'type "{name}" does not exist', hint="Use SMALLINT.", sqlstate="42704")
    return None


def _join(node: exp.Join) -> InputError | None:
    if node.args.get("on") is not None or node.args.get("using") or node.meta.get(COMMA):
        return None
    if node.args.get("method") or node.kind == "CROSS":
        return None
    return SqlSyntaxError(
        "syntax error: JOIN without ON or USING", position=position_of(node.this), hint="CROSS JOIN takes neither."
    )
