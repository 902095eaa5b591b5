"""What binding makes of a statement, and where a node's SQL type is kept.

Filled by `sql.bind`, read by every rewrite and by the targets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.relations import Column, Relation, SqlFunction
from boathouse.contracts.types import UNKNOWN, SqlType

_TYPE = "sql_type"
_RELATION = "relation"
_ASSIGNED = "assign_to"
_OUTPUTS = "outputs"


@dataclass(slots=True)
class Read:
    """What a statement reads of one relation.

    Attributes:
        view: the innermost view that names the relation, whose owner answers for reading it; None where the statement
            names it itself.
        columns: those that are used, through `*` and joins, too.
        scanned: the relation stands in FROM, so that it is read even where no column is used; False for the target
            of DML.
    """

    relation: Relation
    view: Relation | None
    scanned: bool
    columns: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Called:
    """A user-defined function that a statement calls; `view` as in `Read`."""

    function: SqlFunction
    view: Relation | None


@dataclass(frozen=True, slots=True)
class Write:
    """What DML does to its target: INSERT or UPDATE of columns, DELETE of rows (no columns)."""

    privilege: str
    columns: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A query or DML statement whose every name is resolved.

    Attributes:
        tree: sqlglot's tree. Each column is `alias.column` with both quoted; each table in FROM carries its
            `Relation` (`relation_of`); each expression its SQL type (`type_of`). Never changed in place once bound.
        fields: the result's columns, None for DML (without RETURNING, which Redshift has not).
        parameters: the type of each `$n`, in order.
        relations: every relation that the statement names, each once.
        target: the relation that DML changes.
        reads: what is read, by relation and by who answers for it.
        writes: what happens to the target.
        calls: the user-defined functions that are called.
    """

    tree: exp.Expression
    fields: tuple[Field, ...] | None
    parameters: tuple[SqlType, ...]
    relations: tuple[Relation, ...]
    target: Relation | None = None
    reads: tuple[Read, ...] = ()
    writes: tuple[Write, ...] = ()
    calls: tuple[Called, ...] = ()

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """(schema, signature) of the user-defined functions that it calls itself, not beneath a view."""
        return tuple(sorted({(one.function.schema, one.function.signature) for one in self.calls if one.view is None}))


def type_of(node: exp.Expression) -> SqlType:
    """The node's SQL type; UNKNOWN for open literals and for what the binder cannot tell."""
    found = node.meta.get(_TYPE)
    return found if isinstance(found, SqlType) else UNKNOWN


def with_type(node: exp.Expression, sql_type: SqlType) -> exp.Expression:
    """The same node, its type noted."""
    node.meta[_TYPE] = sql_type
    return node


def relation_of(table: exp.Expression) -> Relation | None:
    """The relation that a table in FROM (or as DML's target) stands for; None for CTEs."""
    found = table.meta.get(_RELATION)
    return found if isinstance(found, Relation) else None


def with_relation(table: exp.Expression, relation: Relation) -> exp.Expression:
    """The same table node, its relation noted."""
    table.meta[_RELATION] = relation
    return table


def put_in_place(node: exp.Table, rows: exp.Expression) -> None:
    """Let rows take a table's place in FROM, with the joins that it begins where they stand in parentheses."""
    if node.args.get("joins"):
        rows.set("joins", node.args["joins"])
    node.replace(rows)


def assigned_to(node: exp.Expression) -> Column | None:
    """The target column that an expression is assigned to: a value of VALUES, SET or MERGE, or an item of the select
    list of INSERT … SELECT (there on the item's own node, the Alias)."""
    found = node.meta.get(_ASSIGNED)
    return found if isinstance(found, Column) else None


def assigned_columns(query: exp.Expression) -> tuple[Column, ...]:
    """The target columns, in order, of the query or VALUES that an INSERT takes its rows from."""
    found = query.meta.get(_ASSIGNED)
    return found if isinstance(found, tuple) else ()


def with_assignment(node: exp.Expression, target: Column | tuple[Column, ...]) -> exp.Expression:
    """The same node, what it is assigned to noted."""
    node.meta[_ASSIGNED] = target
    return node


def outputs_of(query: exp.Expression) -> tuple[SqlType, ...]:
    """The types of the columns of the query that an INSERT takes its rows from; nothing for VALUES."""
    found = query.meta.get(_OUTPUTS)
    return found if isinstance(found, tuple) else ()


def with_outputs(query: exp.Expression, types: tuple[SqlType, ...]) -> exp.Expression:
    """The same query, the types of its columns noted."""
    query.meta[_OUTPUTS] = types
    return query


ENGINE_CALL = "engine_call"
"""Key in the meta of a function call that the binder itself made; it names the engine's function, not Redshift's."""


def call(name: str, sql_type: SqlType, *arguments: exp.Expression) -> exp.Expression:
    """A call of an engine function."""
    node = exp.Anonymous(this=name, expressions=list(arguments))
    node.meta[ENGINE_CALL] = True
    return with_type(node, sql_type)
