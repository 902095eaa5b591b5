"""SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE and single expressions: sqlglot's trees, PostgreSQL's errors.

Received: text whose leading keyword says that it is one of these. Handed on: `Relational`, whose tree belongs to the
statement cache and is never changed in place (copy before rewriting).
"""

from __future__ import annotations

import logging
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token as SqlglotToken
from sqlglot.tokenizer_core import TokenType

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, SqlSyntaxError, UndefinedFunction
from boathouse.sql.exact_names import fold, keep_quoted
from boathouse.sql.lexer import Token
from boathouse.sql.redshift.dialect import Boathouse, BoathousePostgres
from boathouse.sql.statements import CreateTableAs, QualifiedName, Relational, Verb
from boathouse.sql.token_reader import TokenReader, shifted, syntax_error

logging.getLogger("sqlglot").addFilter(lambda record: False)

_DIALECTS: tuple[type[Dialect], ...] = (Boathouse, BoathousePostgres)
"""The second reads what only PostgreSQL's catalog queries use: `::pg_catalog.regclass`, `OPERATOR(pg_catalog.~)`."""

_VERBS: tuple[tuple[type[exp.Expr], Verb], ...] = (
    (exp.Insert, "INSERT"),
    (exp.Update, "UPDATE"),
    (exp.Delete, "DELETE"),
    (exp.Merge, "MERGE"),
    (exp.Query, "SELECT"),
    (exp.Values, "SELECT"),
)
_FOREIGN: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Command, "statement"),
    (exp.Create, "CREATE"),
    (exp.Drop, "DROP"),
    (exp.Alter, "ALTER"),
)
_LEADING = ("select", "with", "values", "table", "insert", "update", "delete", "merge", "(")
REMOVES_DUPLICATES = "remove_duplicates"
"""Key in the meta of a MERGE: WHEN MATCHED THEN DELETE stands in the place of REMOVE DUPLICATES."""
_AT_MOMENTS = ("system_time", "system_version", "timestamp", "version")
_DEPTH_MAX = 500
"""Parentheses inside parentheses; above it the recursive readers would exhaust the stack."""


def read_query(
    text: str, offset: int = 0, *, only_select: bool = False, case_sensitive: bool = False
) -> Relational | CreateTableAs:
    """One query or DML statement; `SELECT … INTO t` is a CREATE TABLE AS.

    Raises:
        SqlSyntaxError: positions are in `text`. FeatureNotSupported: Redshift's, but not here.
    """
    reader = TokenReader(text, offset)
    if not reader.sees_any(*_LEADING) or (
        only_select and not reader.sees_any("select", "with", "values", "table", "(")
    ):
        reader.fail(hint="Expected a query.")
    _refuse_unsupported(reader)
    tree = _tree(text, reader)
    if any(None in node.expressions for node in tree.find_all(exp.Anonymous)):
        reader.fail(hint="An operator has no value.")
    verb = _verb(tree)
    if verb is None or (only_select and verb != "SELECT"):
        reader.fail(hint="Expected a query.")
    parameters = max((int(token.value[1:]) for token in reader.tokens if token.kind == "parameter"), default=0)
    if parameters > 65_535:
        raise SqlSyntaxError(f"there is no parameter ${parameters}", sqlstate="42P02")
    if case_sensitive:
        keep_quoted(tree)
    into = _take_into(tree)
    query = Relational(
        text=text, offset=offset, tree=tree, verb=verb, parameters=parameters, case_sensitive=case_sensitive
    )
    if into is None:
        return query
    name, temporary = into
    if only_select:
        raise SqlSyntaxError("SELECT ... INTO is not allowed here")
    return CreateTableAs(
        text=text, offset=offset, name=name, query=query, temporary=temporary or name.name.startswith("#")
    )


def read_select(reader: TokenReader) -> Relational:
    """The rest of a statement, which must be a query: after AS in CREATE VIEW, for one."""
    text, start = reader.rest()
    return read_inner_select(text, start, reader)


def read_inner_select(text: str, start: int, outer: TokenReader) -> Relational:
    """A query inside a statement's text at `start`; errors get positions in the outer text."""
    if not text:
        outer.fail(hint="Expected a query.")
    try:
        found = read_query(text, outer.offset + start, only_select=True, case_sensitive=outer.case_sensitive)
    except BoathouseError as error:
        raise shifted(error, start) from None
    assert isinstance(found, Relational)
    return found


def read_expression(text: str) -> exp.Expression:
    """One expression: a default, a value of EXECUTE.

    Raises:
        SqlSyntaxError: positions are in `text`.
    """
    prefix = "SELECT "
    try:
        found = read_query(prefix + text, only_select=True)
    except BoathouseError as error:
        raise shifted(error, -len(prefix)) from None
    assert isinstance(found, Relational)
    select = found.tree
    others = {name for name, value in select.args.items() if value and name not in ("expressions", "kind", "hint")}
    if not isinstance(select, exp.Select) or others or len(select.expressions) != 1:
        raise SqlSyntaxError("syntax error: expected one expression", position=1)
    expression = select.expressions[0]
    if isinstance(expression, exp.Alias):
        raise SqlSyntaxError(f'syntax error at or near "{expression.alias}"', position=len(expression.this.sql()) + 2)
    assert isinstance(expression, exp.Expression)
    return expression.pop()


def _tree(text: str, reader: TokenReader) -> exp.Expression:
    """sqlglot's tree by the first dialect that reads the text; the first one's error otherwise."""
    error: BoathouseError | None = None
    for dialect in _DIALECTS:
        try:
            return _read(text, dialect, reader)
        except BoathouseError as found:
            error = error or found
    assert error is not None
    raise error


def _read(text: str, kind: type[Dialect], reader: TokenReader) -> exp.Expression:
    dialect = Dialect.get_or_raise(kind)
    duplicates = _remove_duplicates(reader)
    if duplicates is not None:
        text = text[:duplicates] + "WHEN MATCHED THEN DELETE"
    text = _without_dollar_quotes(text, reader, backslashes="\\" in kind.tokenizer_class.STRING_ESCAPES)
    parser = dialect.parser(error_level=ErrorLevel.IMMEDIATE)
    try:
        tokens = _with_exclusive_or(dialect.tokenize(text))
        if reader.sees("values"):
            tokens[0].token_type = TokenType.VALUES  # the name is not reserved; a single row would be a call
        trees = parser.parse(tokens, text)
    except SqlglotError:
        raise _error_of(parser, reader) from None
    except (RecursionError, AttributeError, TypeError, ValueError, IndexError, KeyError, AssertionError):
        # The reader's own slips on text that is no SQL; for the user it is the same thing.
        raise _error_of(parser, reader) from None
    if len(trees) != 1 or trees[0] is None:
        raise SqlSyntaxError("syntax error", position=1)
    tree = cast(exp.Expression, trees[0])
    if duplicates is not None:
        tree.meta[REMOVES_DUPLICATES] = True
    if isinstance(tree, exp.Delete) and not tree.this and len(tree.args.get("tables") or ()) == 1:
        tree.set("this", tree.args["tables"][0].pop())  # Redshift's DELETE without FROM
        tree.set("tables", None)
    for foreign, what in _FOREIGN:
        if tree.find(foreign) is not None:
            raise SqlSyntaxError(f"syntax error: {what} is not allowed here", position=1)
    _lists_as_in(tree)
    return tree


def _with_exclusive_or(tokens: list[SqlglotToken]) -> list[SqlglotToken]:
    """`5 # 3` and `5#3`: the reader takes `#` for the beginning of a temporary table's name."""
    found: list[SqlglotToken] = []
    for token in tokens:
        digits = token.text[1:]
        if token.token_type == TokenType.VAR and token.text.startswith("#") and (not digits or digits.isdigit()):
            found.append(SqlglotToken(TokenType.HASH, "#", token.line, token.col, token.start, token.start))
            if digits:
                found.append(SqlglotToken(TokenType.NUMBER, digits, token.line, token.col, token.start + 1, token.end))
        else:
            found.append(token)
    return found


def _lists_as_in(tree: exp.Expression) -> None:
    """`x = ANY (ARRAY[a, b])`, as drivers write a list, is `x IN (a, b)`: each item then has a type of its own.

    `x <> ALL (list)` is its contrary.
    """
    for unequal in [*tree.find_all(exp.NEQ)]:
        listed = unequal.expression
        if isinstance(listed, exp.Anonymous) and str(listed.this).lower() == "all" and len(listed.expressions) == 1:
            some = exp.EQ(this=unequal.this, expression=exp.Any(this=exp.Paren(this=listed.expressions[0])))
            some.meta.update(unequal.meta)
            unequal.replace(exp.Not(this=exp.Paren(this=some)))
    for node in [*tree.find_all(exp.EQ)]:
        if isinstance(node.expression, exp.Any):
            items = node.expression.this.unnest()
            if isinstance(items, exp.Array) and items.expressions:
                node.replace(exp.In(this=node.this, expressions=items.expressions))


def _remove_duplicates(reader: TokenReader) -> int | None:
    """Where `REMOVE DUPLICATES` ends a MERGE; the reader knows no such clause."""
    if not reader.sees("merge") or [token.value for token in reader.tokens[-3:-1]] != ["remove", "duplicates"]:
        return None
    return reader.tokens[-3].start


def _without_dollar_quotes(text: str, reader: TokenReader, *, backslashes: bool) -> str:
    """`$$text$$` as `'text'`, filled up with spaces where that is shorter, so that what follows keeps its place.

    Args:
        backslashes: the reader takes them as escapes.
    """
    for token in reversed(reader.tokens):
        if token.kind == "string" and text[token.start] == "$":
            value = token.value.replace("\\", "\\\\") if backslashes else token.value
            quoted = "'" + value.replace("'", "''") + "'"
            text = text[: token.start] + quoted.ljust(token.end - token.start) + text[token.end :]
    return text


def _error_of(parser: sqlglot.Parser, reader: TokenReader) -> SqlSyntaxError:
    current = getattr(parser, "_curr", None)
    if current is None:
        return SqlSyntaxError("syntax error", position=1)
    if current.token_type.name == "SENTINEL":
        return syntax_error(reader.text, reader.tokens[-1], _missing(reader))
    for token in reader.tokens:
        if token.start <= current.start < max(token.end, token.start + 1):
            return syntax_error(reader.text, token)
    return syntax_error(reader.text, Token("operator", current.text, current.start, current.end + 1))


def _missing(reader: TokenReader) -> str | None:
    depth = 0
    for token in reader.tokens:
        if token.kind == "operator":
            depth += {"(": 1, ")": -1}.get(token.value, 0)
    return "A closing parenthesis is missing." if depth > 0 else None


def _verb(tree: exp.Expression) -> Verb | None:
    return next((verb for kind, verb in _VERBS if isinstance(tree, kind)), None)


def _take_into(tree: exp.Expression) -> tuple[QualifiedName, bool] | None:
    """Cut INTO out of a fresh tree: the target's name, and whether it is temporary."""
    select = tree
    while isinstance(select, exp.SetOperation):
        select = select.this
    into = select.args.get("into") if isinstance(select, exp.Select) else None
    inner = [found for found in tree.find_all(exp.Into) if found is not into]
    if inner:
        raise SqlSyntaxError("SELECT ... INTO is not allowed here")
    if into is None:
        return None
    table = into.this
    into.pop()
    database, schema = fold(table.text("catalog")) or None, fold(table.text("db")) or None
    return QualifiedName(fold(table.name), schema, database), bool(into.args.get("temporary"))


_OPERATORS_ELSEWHERE = ("glob", "regexp", "rlike")
"""Words between two values in other systems; sqlglot reads them."""


def _refuse_foreign(reader: TokenReader, index: int) -> None:
    """Operators and forms of other systems, of which a tree does not tell how they were written."""
    token, after = reader.tokens[index], reader.tokens[index + 1]
    before = reader.tokens[index - 1] if index else token
    if token.kind == "word" and token.value in _OPERATORS_ELSEWHERE and after.kind in ("string", "parameter"):
        raise syntax_error(reader.text, token, hint="Use LIKE, SIMILAR TO or ~.")
    if token.value == after.value == "=" and token.kind == "operator" and token.end == after.start:
        raise syntax_error(reader.text, token, hint="Write =.")
    if token.kind == "word" and token.value == "except" and before.value == "*" and after.value == "(":
        raise syntax_error(reader.text, token, hint="Write * EXCLUDE (…).")
    if token.kind == "word" and token.value in ("safe_cast", "iif") and after.value == "(":
        raise UndefinedFunction(f"function {token.value} does not exist", position=token.start + 1)
    is_limit = before.kind == "word" and before.value == "limit" and token.kind in ("number", "parameter")
    if is_limit and after.value == ",":
        raise syntax_error(reader.text, after, hint="LIMIT #,# is not supported: write LIMIT # OFFSET #.")


def _refuse_unsupported(reader: TokenReader) -> None:
    """What Redshift knows inside queries and we do not, and parentheses without end."""
    depth = 0
    words = {token.value for token in reader.tokens if token.kind == "word"}
    for index, token in enumerate(reader.tokens):
        if index + 1 < len(reader.tokens):
            _refuse_foreign(reader, index)
        if token.kind == "operator" and token.value in "()":
            depth += 1 if token.value == "(" else -1
            if depth > _DEPTH_MAX:
                raise FeatureNotSupported(
                    f"more than {_DEPTH_MAX} nested parentheses are not supported", position=token.start + 1
                )
        elif token.kind == "word" and token.value == "for" and reader.tokens[index + 1].value in _AT_MOMENTS:
            if [one.value for one in reader.tokens[index + 2 : index + 4]] != ["as", "of"]:
                reader.fail(token=reader.tokens[index + 2], hint="Write FOR SYSTEM_TIME AS OF, or FOR VERSION AS OF.")
        elif token.kind == "word" and token.value == "for" and reader.tokens[index + 1].value in ("update", "share"):
            reader.refuse(f"SELECT FOR {reader.tokens[index + 1].value.upper()}", token=token)
    first = reader.token.value
    if first in ("insert", "update", "delete", "merge") and "returning" in words:
        returning = next(token for token in reader.tokens if token.kind == "word" and token.value == "returning")
        reader.fail(token=returning, hint="Redshift has no RETURNING.")
