"""A rewritten tree as DuckDB's SQL text.

Received from `sql.rewrites`; handed to the engine by `query`. The outermost projection also brings each value into
the form in which it leaves: nested values and SUPER as JSON text, CHAR padded with blanks.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.generators.duckdb import DuckDBGenerator

from boathouse.contracts import types as t
from boathouse.contracts.answers import Field
from boathouse.contracts.types import ARRAY_OIDS, SqlType
from boathouse.sql.bind.bound import Bound
from boathouse.sql.redshift.types import duckdb_type
from boathouse.sql.rewrites.catalog import references
from boathouse.sql.rewrites.forms import call, cast_as, number, text


class _Generator(DuckDBGenerator):
    """Writes system relations as what they are for the engine: macros, called without arguments."""

    def table_parts(self, expression: exp.Table) -> str:
        """A table's name."""
        named = super().table_parts(expression)
        is_macro = (
            expression.catalog == "memory" and expression.db == "rs" and isinstance(expression.this, exp.Identifier)
        )
        return named + "()" if is_macro else named


def to_duckdb(bound: Bound, *, stored: bool = False) -> str:
    """The statement's text for DuckDB; parameters are `CAST($n AS type)`.

    Args:
        stored: the rows go into a table or file of the engine (CREATE TABLE AS, Parquet) and keep the engine's own
            types: SUPER stays VARIANT, CHAR stays without its blanks.
    """
    tree = _numbered(bound.tree.copy(), bound.parameters)
    if bound.fields is not None and not stored:
        tree = _leaving(tree, bound.fields)
    return _written(tree)


def expression_to_duckdb(tree: exp.Expression) -> str:
    """One rewritten tree or expression, as it stands."""
    return _written(tree.copy())


def _written(tree: exp.Expression) -> str:
    """The text of a tree that nobody else needs: the generator changes it as it goes."""
    generator = _Generator(
        dialect=DuckDB(), normalize_functions=False, comments=False, unsupported_level=ErrorLevel.IGNORE
    )
    return generator.generate(tree, copy=False)


def _numbered(tree: exp.Expression, parameters: tuple[SqlType, ...]) -> exp.Expression:
    for node in [*tree.find_all(exp.Parameter)]:
        if isinstance(node.parent, exp.Cast) or not str(node.name).isdigit():
            continue
        place = int(node.name)
        of = parameters[place - 1] if place <= len(parameters) else t.VARCHAR
        engine_type = "VARCHAR" if of == t.UNKNOWN or of.is_reference else duckdb_type(of)
        value = cast_as(node.copy(), engine_type)
        node.replace(references.from_text(value, of) if of.is_reference else value)
    return tree


def _leaving(tree: exp.Expression, fields: tuple[Field, ...]) -> exp.Expression:
    """Change the projections that must; a query that is no plain SELECT is wrapped, its order kept."""
    if not any(_changes(field.type) for field in fields):
        return tree
    # What looks names up must not come between a query and its GROUP BY.
    plain = not any(field.type.is_reference for field in fields)
    if plain and isinstance(tree, exp.Select) and len(tree.expressions) == len(fields) and not tree.args.get("order"):
        tree.set("expressions", [_item(item, field) for item, field in zip(tree.expressions, fields, strict=True)])
        return tree
    names = [f"c{place}" for place in range(len(fields))]
    items = [_item(exp.column(name, quoted=True), field) for name, field in zip(names, fields, strict=True)]
    alias = exp.TableAlias(this=exp.to_identifier("_result"), columns=[exp.to_identifier(name) for name in names])
    wrapped: exp.Expression = exp.Select(expressions=items)
    wrapped.set("from_", exp.From(this=exp.Subquery(this=tree, alias=alias)))
    return wrapped


def _changes(of: SqlType) -> bool:
    if of.name == "array":
        return of.element.name not in ARRAY_OIDS
    padded = of.name == "character" and of.length is not None
    return of.is_nested or of.is_reference or of in (t.JSON, t.TIMETZ) or padded


def _item(item: exp.Expression, field: Field) -> exp.Expression:
    if not _changes(field.type):
        return item
    value = item.this if isinstance(item, exp.Alias) else item
    if field.type.name == "character":
        shown = call("memory.rs.pad", value, number(field.type.length or 1))
    elif field.type == t.TIMETZ:
        # Redshift keeps and shows these times in UTC.
        shown = cast_as(call("timezone", call("to_seconds", number(0)), value), "VARCHAR")
    elif field.type.is_reference:
        shown = references.shown(value, field.type)
    elif field.type == t.SUPER or field.type == t.JSON:
        # The engine writes a missing VARIANT as the text null; clients expect no value.
        shown = call("nullif", cast_as(cast_as(value, "JSON"), "VARCHAR"), text("null"))
    else:
        shown = cast_as(call("to_json", value), "VARCHAR")
    return exp.Alias(this=shown, alias=exp.to_identifier(field.name, quoted=True))
