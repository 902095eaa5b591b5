"""What names mean at one place of a statement: sources, their columns, CTEs, and the work as a whole.

Filled by `sources` and `queries` while they walk a statement; read by `columns`, which resolves names against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from boathouse.contracts.relations import Catalog, Relation, ViewDefinition
from boathouse.contracts.types import UNKNOWN, VARCHAR, SqlType
from boathouse.sql.bind.bound import Called, Read, Write

SCOPE = "scope"
"""Key in a bound column's meta: the number of the scope that its source belongs to."""

NESTED = "nested"
"""Key in a join's meta: True where it joins a nested value."""

PARTS = "parts"
"""Key in a table node's meta: the sources that a CTE offers in place of its own columns, which then are hidden."""

RESOLVED = "resolved"
"""Key in the meta of a table node that the binder let through: a relation, a CTE or an allowed function."""


@dataclass(slots=True)
class SourceColumn:
    """A column that a source offers: the name the user says, the name the tree uses, and its type.

    `origin` is the relation's own name for it, where that is another than the tree's.
    """

    name: str
    type: SqlType
    engine_name: str
    hidden: bool = False
    origin: str | None = None


@dataclass(slots=True)
class Source:
    """One item of FROM.

    Attributes:
        alias: the name under which the tree refers to it, unique in its scope.
        name: the name under which the user refers to it.
        schema: set where the user may also say `schema.name.column`.
        element: True where the source iterates over a nested value; its first column is the element itself, which
            the user calls by the source's own name.
        read: what has been read of the relation so far; None for CTEs and sub-queries.
        permitted: the columns that `*` stands for, by the relation's own names; None for all.
    """

    alias: str
    name: str
    columns: list[SourceColumn]
    relation: Relation | None = None
    schema: str | None = None
    element: bool = False
    read: Read | None = None
    permitted: frozenset[str] | None = None
    by_name: dict[str, list[SourceColumn]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column in self.columns:
            self.by_name.setdefault(column.name, []).append(column)

    def shown(self) -> list[SourceColumn]:
        """The columns that `*` stands for; all where none may be read, for the gate to refuse."""
        allowed, shown = self.permitted, [one for one in self.columns if not one.hidden]
        return [one for one in shown if allowed is None or (one.origin or one.engine_name) in allowed] or shown


@dataclass(slots=True)
class Scope:
    """The names that one SELECT (or DML statement) sees; `parent` is the query around it.

    Attributes:
        merged: columns of USING and NATURAL joins: name → the (source, column) pairs that were merged.
        outputs: select-list aliases bound so far: name → the bound expression.
        output_positions: the same names' 1-based places.
    """

    number: int
    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    ctes: dict[str, list[SourceColumn]] = field(default_factory=dict)
    merged: dict[str, Merged] = field(default_factory=dict)
    outputs: dict[str, exp.Expression] = field(default_factory=dict)

    def cte(self, name: str) -> list[SourceColumn] | None:
        """The columns of a CTE visible here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return scope.ctes[name]
            scope = scope.parent
        return None

    def unique_alias(self, wanted: str) -> str:
        """`wanted`, or `wanted_1`, … where a source already has it."""
        taken = {source.alias.lower() for source in self.sources}  # the engine's names have no case
        alias, count = wanted, 0
        while alias.lower() in taken:
            count += 1
            alias = f"{wanted}_{count}"
        return alias


@dataclass(slots=True)
class Merged:
    """A column that USING or NATURAL made of several: its parts, and whether the first part may be NULL-extended."""

    parts: list[tuple[Source, SourceColumn]]
    side: str


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """As of when a table is read: `value` is a bound expression, of a time with a zone, a commit's number or a snapshot's
    name.

    `parameters`: the types of `$1`, … that it may name.
    """

    value: exp.Expression
    parameters: tuple[SqlType, ...]
    position: int | None


Permitted = Callable[[Relation, Relation | None], frozenset[str] | None]
"""The columns that `*` of a relation stands for: (relation, the view around it) → names, None for all."""


@dataclass(slots=True)
class Work:
    """One binding in progress.

    Attributes:
        text: the statement's text; positions and function names as written come from it.
        given: the parameter types that the client named.
        parameters: the types found, by 1-based number.
        query: binds a query inside a scope and returns its output columns; set by `queries`, called by the rooms
            it itself calls, so that no module imports in a circle.
        expression: binds one expression; set likewise.
        view: parses and binds a view's query under the view's own search path; set likewise.
        permitted: the columns that `*` of a relation stands for, beneath a view or without one; None for all.
        beneath: the view whose query is being bound.
        reads, writes, calls: see `Bound`.
        function: puts a user-defined function's body in the place of its call; set likewise.
        relations: what the statement names so far, by engine name.
        views: the views being put in place, outermost first.
        moment: as of when the tables beneath a view are read; None for now.
        past: a table as it was then; raises where its moment cannot be read.
    """

    catalog: Catalog
    text: str
    given: Sequence[SqlType]
    query: Callable[[exp.Expression, Scope | None, Work], list[SourceColumn]]
    expression: Callable[[exp.Expression, Scope, Work], exp.Expression]
    view: Callable[[Relation, ViewDefinition, Work], tuple[exp.Expression, list[SourceColumn]]]
    permitted: Permitted
    beneath: Relation | None = None
    reads: dict[tuple[str, str, bool], Read] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    calls: dict[Called, None] = field(default_factory=dict)
    parameters: dict[int, SqlType] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    scopes: int = 0
    views: list[str] = field(default_factory=list)
    anonymous: int = 0
    function: Callable[[exp.Expression, str | None, str, Work], exp.Expression | None] | None = None
    names: Callable[[tuple[str, ...], Work], exp.Expression | None] | None = None
    """What a name means before any column is asked: the variables of a procedure, the arguments of a function (`$1`)."""
    moment: Moment | None = None
    past: Callable[[Relation, Moment], Relation] | None = None

    def reading(self, relation: Relation, *, scanned: bool = True) -> Read:
        """The record of what is read of a relation here."""
        key = (self.beneath.engine_name if self.beneath else "", relation.engine_name, scanned)
        return self.reads.setdefault(key, Read(relation, self.beneath, scanned))

    def scope(self, parent: Scope | None) -> Scope:
        """A new scope inside `parent`."""
        self.scopes += 1
        return Scope(number=self.scopes, parent=parent)

    def inlined(self, node: exp.Expression, schema: str | None, name: str) -> exp.Expression | None:
        """The body of the user-defined function that a call with bound arguments means; None where there is none."""
        return None if self.function is None else self.function(node, schema, name, self)

    def named(self, *path: str) -> exp.Expression | None:
        """What `names` says of a name."""
        return None if self.names is None else self.names(path, self)

    def parameter_types(self, count: int) -> tuple[SqlType, ...]:
        """The type of each `$n`: the client's, else the context's, else varchar."""
        last = max([count, len(self.given), *self.parameters], default=0)
        return tuple(self._parameter(number) for number in range(1, last + 1))

    def _parameter(self, number: int) -> SqlType:
        if number <= len(self.given) and self.given[number - 1] != UNKNOWN:
            return self.given[number - 1]
        found = self.parameters.get(number, UNKNOWN)
        return VARCHAR if found == UNKNOWN else found
