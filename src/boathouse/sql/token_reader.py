"""A cursor over the tokens of one statement: what every hand-written parser reads with.

Errors are PostgreSQL's: `syntax error at or near "x"`, `syntax error at end of input`, with the position in the text.
"""

from __future__ import annotations

from typing import NoReturn

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, SqlSyntaxError
from boathouse.sql.lexer import Token, tokenize
from boathouse.sql.statements import QualifiedName


class TokenReader:
    """Reads one statement from left to right.

    Attributes:
        text: the statement's text.
        offset: where it stands in the client's string.
        case_sensitive: True keeps the case of quoted names (`enable_case_sensitive_identifier`).
    """

    def __init__(self, text: str, offset: int = 0, case_sensitive: bool = False) -> None:
        self.text = text
        self.offset = offset
        self.case_sensitive = case_sensitive
        self.tokens = list(tokenize(text))
        self._at = 0

    # -- looking ------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self._at]

    @property
    def at_end(self) -> bool:
        """True after the last token."""
        return self.token.kind == "end"

    def ahead(self, count: int) -> Token:
        """The token `count` after the next."""
        return self.tokens[min(self._at + count, len(self.tokens) - 1)]

    def sees(self, *words: str) -> bool:
        """True where the next tokens are these words (or one-character operators)."""
        return all(
            token.value == word and token.kind in ("word", "operator")
            for token, word in ((self.ahead(index), word) for index, word in enumerate(words))
        )

    def sees_any(self, *words: str) -> bool:
        """True where the next token is one of these words."""
        return self.token.kind in ("word", "operator") and self.token.value in words

    def mark(self) -> int:
        """The place to give to `back`."""
        return self._at

    def back(self, mark: int) -> None:
        """Return to a mark."""
        self._at = mark

    # -- reading ------------------------------------------------------------------------------------

    def next(self) -> Token:
        """The next token, read."""
        token = self.token
        self._at = min(self._at + 1, len(self.tokens) - 1)
        return token

    def accept(self, *words: str) -> bool:
        """Read these words if they are next."""
        if not self.sees(*words):
            return False
        self._at += len(words)
        return True

    def accept_any(self, *words: str) -> str | None:
        """Read one of these words if it is next, and say which."""
        return self.next().value if self.sees_any(*words) else None

    def expect(self, *words: str) -> None:
        """Read these words, or fail at the first that differs."""
        for word in words:
            if not self.accept(word):
                self.fail(hint=f"Expected {word.upper()}.")

    def expect_any(self, *words: str) -> str:
        """Read one of these words, or fail."""
        found = self.accept_any(*words)
        return found if found is not None else self.fail(hint="Expected " + " or ".join(map(str.upper, words)) + ".")

    def identifier(self, what: str = "a name") -> str:
        """A name, folded."""
        token = self.token
        if token.kind not in ("word", "quoted"):
            self.fail(hint=f"Expected {what}.")
        self.next()
        return token.value if token.kind == "quoted" and self.case_sensitive else token.value.lower()

    def name(self) -> QualifiedName:
        """`[[database.]schema.]name`."""
        start = self.token
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        if len(parts) > 3:
            raise SqlSyntaxError(
                f"improper qualified name (too many dotted names): {'.'.join(parts)}", position=start.start + 1
            )
        return QualifiedName(parts[-1], *reversed(parts[:-1]))

    def names(self) -> tuple[QualifiedName, ...]:
        """Names, comma-separated."""
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return tuple(found)

    def identifiers_in_parentheses(self) -> tuple[str, ...]:
        """`(a, b, …)`."""
        self.expect("(")
        found = [self.identifier()]
        while self.accept(","):
            found.append(self.identifier())
        self.expect(")")
        return tuple(found)

    def string(self, what: str = "a quoted string") -> str:
        """A string literal's value."""
        if self.token.kind != "string":
            self.fail(hint=f"Expected {what}.")
        return self.next().value

    def secret(self, what: str) -> str:
        """A string literal's value; what stands there instead is never shown."""
        if self.token.kind != "string":
            raise SqlSyntaxError(
                "syntax error in the authorization", hint=f"Expected {what}.", position=self.token.start + 1
            )
        return self.next().value

    def integer(self, what: str = "an integer") -> int:
        """A whole number, maybe signed."""
        mark = self.mark()
        sign = -1 if self.accept("-") else 1
        if sign == 1:
            self.accept("+")
        if self.token.kind != "number" or not self.token.value.isascii() or not self.token.value.isdigit():
            self.fail(hint=f"Expected {what}.")
        if len(self.token.value) > 19:
            self.back(mark)
            self.fail(hint=f"Expected {what} of at most 19 digits.")
        return sign * int(self.next().value)

    def raw_parentheses(self) -> str:
        """The text of a balanced `( … )`, parentheses included."""
        start = self.token.start
        self.expect("(")
        depth = 1
        while depth:
            token = self.token
            if token.kind == "end":
                self.fail(hint="A closing parenthesis is missing.")
            if token.kind == "operator":
                depth += {"(": 1, ")": -1}.get(token.value, 0)
            self.next()
        return self.text[start : self.tokens[self._at - 1].end]

    def rest(self) -> tuple[str, int]:
        """The text from here to the end, and its start; reads nothing."""
        start = self.token.start
        return self.text[start : self.tokens[-2].end if len(self.tokens) > 1 else start], start

    def text_since(self, mark: int) -> str:
        """The text from a mark's token up to the next one."""
        return self.text[self.tokens[mark].start : self.tokens[max(self._at - 1, mark)].end]

    def finish(self) -> None:
        """Fail unless the statement ends here."""
        if not self.at_end:
            self.fail()

    # -- failing ------------------------------------------------------------------------------------

    def fail(self, hint: str | None = None, token: Token | None = None) -> NoReturn:
        """Raise PostgreSQL's syntax error at the next token (or the one given)."""
        raise syntax_error(self.text, token or self.token, hint)

    def refuse(self, what: str, *, hint: str | None = None, token: Token | None = None) -> NoReturn:
        """Raise `0A000`: Redshift knows it, we do not have it."""
        raise FeatureNotSupported(f"{what} is not supported", hint=hint, position=(token or self.token).start + 1)


def syntax_error(text: str, token: Token, hint: str | None = None) -> SqlSyntaxError:
    """PostgreSQL's syntax error at a token. Strings, and what sticks to one's end, stay unseen: secrets, maybe."""
    after_string = token.start > 0 and text[token.start - 1] == "'"
    if token.kind == "end":
        return SqlSyntaxError("syntax error at end of input", hint=hint, position=len(text.rstrip()) + 1)
    shown = "'...'" if token.kind == "string" or after_string else text[token.start : token.end]
    return SqlSyntaxError(f'syntax error at or near "{shown}"', hint=hint, position=token.start + 1)


def shifted(error: BoathouseError, by: int) -> BoathouseError:
    """The same error, its position moved by `by` characters: from an inner text to the outer one."""
    if error.position is not None:
        error.position += by
    return error
