"""A cursor over a body's tokens: what the parsers of statements and declarations read with.

Received: a body's text. Handed on: pieces of SQL up to the word that ends them, variables, labels, line numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from boathouse.sql.lexer import Token
from boathouse.sql.plpgsql.nodes import Path, Sql
from boathouse.sql.token_reader import TokenReader

_OPENING = {"(": 1, "[": 1, ")": -1, "]": -1}


def _ranges_apart(tokens: list[Token]) -> Iterator[Token]:
    """`1..5` reads as 1, dot, .5: the second dot belongs to the range."""
    before: Token | None = None
    for token in tokens:
        is_dot = before is not None and before.kind == "operator" and before.value == "." and before.end == token.start
        if is_dot and token.kind == "number" and token.value.startswith("."):
            yield Token("operator", ".", token.start, token.start + 1)
            token = Token("number", token.value[1:], token.start + 1, token.end)
        before = token
        yield token


class BodyReader(TokenReader):
    """See the module."""

    def __init__(self, body: str) -> None:
        super().__init__(body)
        self.tokens = [*_ranges_apart(self.tokens)]
        self._first = 1 if body.startswith("\n") else 2 if body.startswith("\r\n") else 0

    @property
    def line(self) -> int:
        """The line of the next token, from 1; a line's end right after the opening quotes does not count."""
        return self.text.count("\n", self._first, max(self.token.start, self._first)) + 1

    def sql_until(self, *ends: str, what: str = "an expression") -> Sql:
        """The text up to one of these words or operators outside parentheses and CASE; the end word stays unread."""
        first = last = self.token
        start = self.mark()
        depth = cases = 0
        while True:
            token = self.token
            if token.kind == "end":
                self.fail()
            if depth == 0 and cases == 0 and self._stops(ends):
                break
            if token.kind == "operator":
                depth += _OPENING.get(token.value, 0)
                if token.value == ";" or depth < 0:
                    self.fail()
            elif token.kind == "word":
                cases += {"case": 1, "end": -1}.get(token.value, 0) if cases or token.value == "case" else 0
            last = self.next()
        if self.mark() == start:
            self.fail(hint=f"Expected {what}.")
        return Sql(self.text[first.start : last.end], first.start)

    def _stops(self, ends: tuple[str, ...]) -> bool:
        if ".." in ends and self.sees(".", ".") and self.ahead(1).start == self.token.end:
            return True
        return self.sees_any(*ends)

    def list_until(self, *ends: str) -> tuple[Sql, ...]:
        """Expressions, comma-separated, up to one of these words."""
        found = [self.sql_until(",", *ends)]
        while self.accept(","):
            found.append(self.sql_until(",", *ends))
        return tuple(found)

    def variable(self) -> Path:
        """name or name.field; also `$n`."""
        if self.token.kind == "parameter":
            return (self.next().value,)
        parts = [self.identifier("a variable")]
        while self.sees(".") and not self.sees(".", "."):
            self.next()
            parts.append(self.identifier("a field"))
        return tuple(parts)

    def variables(self) -> tuple[Path, ...]:
        """Variables, comma-separated."""
        found = [self.variable()]
        while self.accept(","):
            found.append(self.variable())
        return tuple(found)

    def label(self) -> str | None:
        """<<name>>, if it is next."""
        if not self.accept("<<"):
            return None
        name = self.identifier("a label")
        self.expect(">>")
        return name

    def closing_label(self, label: str | None) -> None:
        """The label that may stand after END."""
        if self.token.kind not in ("word", "quoted"):
            return
        token = self.token
        name = self.identifier()
        if name != label:
            self.fail(
                token=token,
                hint=f'The label "{name}" does not belong to this block.' if label else "This block has no label.",
            )
