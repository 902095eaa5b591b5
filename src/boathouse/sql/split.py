"""One string of a client to the statements in it, each with its place.

Handed on to `parse`, and to shells that read scripts.
"""

from __future__ import annotations

from boathouse.sql.lexer import tokenize


def split(sql: str) -> list[tuple[str, int]]:
    """(text, offset) of each statement: without the semicolon, without white space and comments around it.

    Empty statements are dropped; a string of comments alone gives none. `sql[offset:offset + len(text)] == text`.

    Raises:
        SqlSyntaxError: a quote or comment that never ends; its position is in `sql`.
    """
    statements: list[tuple[str, int]] = []
    start: int | None = None
    end = 0
    for token in tokenize(sql):
        if token.kind == "end" or (token.kind == "operator" and token.value == ";"):
            if start is not None:
                statements.append((sql[start:end], start))
            start = None
        else:
            start = token.start if start is None else start
            end = token.end
    return statements
