"""A function's body, from text to something to call.

Received: the text between `$$` and the arguments' names. The statements are taken out of the text as they stand, however
they are indented, and become the body of a function: no text is changed, so that lines in errors are the body's own.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Sequence
from typing import Any

from boathouse.query.python.inside.meaning import BUILTINS
from boathouse.query.python.inside.old_forms import NAMES, OldForms


class WrongBody(Exception):
    """A body that is no Python: `args` are the message and the line, from 1, None where none is known."""


def file_of(number: int) -> str:
    """The name under which tracebacks know a function."""
    return f"<function {number}>"


def compiled(number: int, arguments: Sequence[str], body: str) -> Callable[..., Any]:
    """The function.

    Raises:
        WrongBody.
    """
    for name in arguments:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise WrongBody(f'"{name}" cannot name an argument', None)
    if len(set(arguments)) < len(arguments):
        raise WrongBody("an argument's name is used twice", None)
    names: dict[str, Any] = {"__builtins__": BUILTINS, "__name__": "function", **NAMES}
    try:
        tree = ast.parse(f"def function({', '.join(arguments)}): pass")
        tree.body[0].body = _statements(body)  # type: ignore[attr-defined]
        exec(compile(ast.fix_missing_locations(OldForms().visit(tree)), file_of(number), "exec"), names)  # noqa: S102
    except SyntaxError as failure:
        line = failure.lineno - 1 if failure.lineno is not None and failure.lineno > 1 else None
        raise WrongBody(failure.msg, line) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as failure:
        raise WrongBody(str(failure) or "the body is too large", None) from None
    function: Callable[..., Any] = names["function"]
    return function


def _statements(body: str) -> list[ast.stmt]:
    """The statements, each a line lower than it stands."""
    lines = (line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    if not first:
        raise SyntaxError("the body is empty")
    if not first[0].isspace():
        return ast.parse("\n" + body).body
    around = ast.parse("if 1:\n" + body).body
    outer = around[0]
    if len(around) > 1 or not isinstance(outer, ast.If) or outer.orelse:
        line = around[1].lineno if len(around) > 1 else None
        raise SyntaxError("unindent does not match any outer indentation level", ("", line, None, None))
    return outer.body
