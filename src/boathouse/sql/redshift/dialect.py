"""sqlglot's Redshift reader, kept from rewriting calls before we know their types.

Received by name (`read="boathouse"`) once this module is imported; handed on: trees in which every scalar function of
the catalogue is an `exp.Anonymous` with Redshift's own name, its arguments in order and date parts as text literals.
sqlglot's own classes forget which function was written: ADD_MONTHS and DATEADD, GETDATE and CURRENT_TIMESTAMP, and
the format of TO_CHAR are the same to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.redshift import Redshift
from sqlglot.parser import Parser as SqlglotParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import TokenType

from boathouse.sql.redshift.functions import FUNCTIONS

_KEPT = frozenset({
    "coalesce", "nvl", "nullif", "array", "count", "extract", "position", "substring", "substr", "trim",
    "chr", "decode", "ceil", "floor",
})  # fmt: skip
"""Their classes say all there is to say, or their syntax is their own."""


def _keep(name: str) -> Callable[[list[Any]], exp.Expression]:
    unit = FUNCTIONS[name].takes.startswith("u")

    def build(args: list[Any]) -> exp.Expression:
        if unit and args and isinstance(args[0], exp.Column | exp.Var):
            args = [exp.Literal.string(args[0].name.lower()), *args[1:]]
        return exp.Anonymous(this=name, expressions=args)

    return build


_SCALARS = {
    name.upper(): _keep(name) for name, function in FUNCTIONS.items() if function.kind == "scalar" and name not in _KEPT
}


_DOLLAR: dict[str, TokenType] = {"$": TokenType.PARAMETER}
"""A dollar begins a parameter and nothing else: sqlglot takes `$1,$` for the opening of a dollar-quoted string, so
those strings are rewritten before it sees them (`grammar.queries`)."""


def _plain_names(keywords: dict[str, TokenType]) -> dict[str, TokenType]:
    """Without `oid` and `regclass` as words of their own: sqlglot would not know `oid[]`."""
    return {word: kind for word, kind in keywords.items() if kind != TokenType.OBJECT_IDENTIFIER}


COMMA = "comma"
"""Key in the meta of a join that was written as a comma: the others need a condition."""


class _AsWritten(SqlglotParser):
    """Remembers which joins were commas, and intervals as they were written."""

    VERSION_PHRASES: ClassVar[dict[tuple[str, ...], str]] = {
        ("FOR", word): of
        for of, words in {"TIMESTAMP": ("SYSTEM_TIME", "TIMESTAMP"), "VERSION": ("SYSTEM_VERSION", "VERSION")}.items()
        for word in words
    }

    def _parse_join(self, *args: Any, **options: Any) -> exp.Join | None:
        comma = self._curr is not None and self._curr.token_type == TokenType.COMMA
        found = super()._parse_join(*args, **options)
        if comma and found is not None:
            found.meta[COMMA] = True
        return found

    def _parse_interval_span(self, this: Any, *args: Any, **options: Any) -> exp.Interval:
        """`INTERVAL '2 days 23:30'` keeps its text; the reader would take its first unit for all of it."""
        found = super()._parse_interval_span(this, *args, **options)
        if this is None or not this.is_string or exp.INTERVAL_STRING_RE.fullmatch(this.name):
            return found
        if found.args.get("unit") is None or found.this.name != this.name:
            found.set("this", exp.Literal.string(this.name.replace(",", " ")))
            found.set("unit", None)
        return found


class Boathouse(Redshift):
    """Redshift, with calls kept as they were written."""

    SUPPORTS_USER_DEFINED_TYPES = True  # `pg_catalog.text`, `regclass`: `sql.redshift.types` says which exist

    class Tokenizer(Redshift.Tokenizer):
        HEREDOC_STRINGS: ClassVar[list[str | tuple[str, str]]] = []
        KEYWORDS: ClassVar[dict[str, TokenType]] = _plain_names(Redshift.Tokenizer.KEYWORDS)
        SINGLE_TOKENS: ClassVar[dict[str, TokenType]] = {**Redshift.Tokenizer.SINGLE_TOKENS, **_DOLLAR}

    class Parser(_AsWritten, RedshiftParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {**RedshiftParser.FUNCTIONS, **_SCALARS}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse
            for name, parse in RedshiftParser.FUNCTION_PARSERS.items()
            if (name.lower() not in FUNCTIONS or name.lower() in _KEPT) and name != "STRING_AGG"
        }

        def _parse_bracket(self, this: Any = None) -> Any:
            """`data.array[2]` is an element of an attribute; the reader would take it for ARRAY[2] alone."""
            opens = self._curr is not None and self._curr.token_type == TokenType.L_BRACKET
            path = isinstance(this, exp.Dot) or (isinstance(this, exp.Column) and this.args.get("table"))
            name = this.args.get("expression") or this.this if opens and path else None
            if not isinstance(name, exp.Identifier):
                return super()._parse_bracket(this)
            written = name.name
            name.set("this", f"{written}\0")
            try:
                return super()._parse_bracket(this)
            finally:
                name.set("this", written)

        def _parse_table(self, *args: Any, **options: Any) -> exp.Expr | None:
            """`t.a[0].b AS v AT i` and `UNPIVOT t.a[0] AS v AT k` too; the reader knows dotted names only."""
            if not self._sees_element_path():
                return super()._parse_table(*args, **options)
            unpivot = self._match(TokenType.UNPIVOT)
            found: Any = self._parse_column()
            if self._match(TokenType.ALIAS) or not self._sees_word("AT"):
                name = self._parse_id_var(any_token=False, tokens=self.TABLE_ALIAS_TOKENS)
                found = exp.Alias(this=found, alias=name) if name is not None else found
            if self._match_text_seq("AT"):
                found = exp.AtIndex(this=found, expression=self._parse_id_var())
            return exp.Pivot(this=found, unpivot=True) if unpivot else found

        def _sees_element_path(self) -> bool:
            """True before `name.name…[`, with UNPIVOT before it or without."""
            place = self._index + (self._curr is not None and self._curr.token_type == TokenType.UNPIVOT)
            kinds = [token.token_type for token in self._tokens[place : place + 8]]
            while kinds[1:2] == [TokenType.DOT]:
                kinds = kinds[2:]
                if kinds[1:2] == [TokenType.L_BRACKET]:
                    return True
            return False

        def _sees_word(self, word: str) -> bool:
            return self._curr is not None and self._curr.text.upper() == word

        def _parse_parameter(self) -> exp.Expression | None:  # type: ignore[override]
            """`$1`; and `@ x`, the absolute value, which the reader would take for a variable."""
            if self._prev.text != "@":
                return super()._parse_parameter()
            return exp.Anonymous(this="abs", expressions=[self._parse_unary()])


class BoathousePostgres(Postgres):
    """PostgreSQL's own dialect, with dollars read as above."""

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS: ClassVar[dict[str, TokenType]] = _plain_names(Postgres.Tokenizer.KEYWORDS)
        HEREDOC_STRINGS: ClassVar[list[str | tuple[str, str]]] = []
        SINGLE_TOKENS: ClassVar[dict[str, TokenType]] = {**Postgres.Tokenizer.SINGLE_TOKENS, **_DOLLAR}

    class Parser(_AsWritten, PostgresParser):
        pass
