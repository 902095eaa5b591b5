"""What the names of a procedure's variables mean inside SQL: typed parameters, or typed values where none can stand.

Handed to the binder, which asks before it looks for a column: a variable goes before a column of its name, as in
Redshift. Names where SQL expects no value (a table, INSERT's column list, an alias) are never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sqlglot import exp

from boathouse.contracts.errors import BoathouseError, ObjectNotInPrerequisiteState, UndefinedColumn
from boathouse.contracts.types import SUPER, VARCHAR, SqlType
from boathouse.sql.bind.bound import with_type
from boathouse.sql.bind.scopes import Work
from boathouse.sql.redshift.grammar.queries import read_expression

Path = tuple[str, ...]
"""A variable as written, its parts folded."""

RECORD = SqlType("record")
"""The type of a record's own name; its fields have types of their own."""

Value = Callable[[Path], str | None]
"""A variable's value as text, None for NULL."""


class Resolver:
    """The names that one statement uses, in order; each becomes the next `$n`.

    Attributes:
        used: path → number.
    """

    def __init__(self, types: dict[Path, SqlType], value: Value | None) -> None:
        self.used: dict[Path, int] = {}
        self._types = types
        self._value = value

    @property
    def gives_values(self) -> bool:
        """True where names become values, False where they become parameters."""
        return self._value is not None

    def __call__(self, path: Path, work: Work) -> exp.Expression | None:
        """What stands in the place of a name; None where it is no variable's."""
        of = self._types.get(path)
        if of is None and len(path) > 1 and self._types.get(path[:-1]) == RECORD:
            raise self._no_field(path)
        if of is None or of == RECORD:
            return None
        if self._value is not None:
            return _literal(self._value(path), of, work)
        number = self.used.setdefault(path, len(self.used) + 1)
        node = exp.Parameter(this=exp.Literal.number(number))
        node.meta["parameter"] = number
        sent = VARCHAR if of == SUPER else of
        work.parameters[number] = sent
        with_type(node, sent)
        return with_type(exp.Anonymous(this="json_parse", expressions=[node]), SUPER) if of == SUPER else node

    def _no_field(self, path: Path) -> BoathouseError:
        *record, field = path
        if any(one[:-1] == tuple(record) for one in self._types if len(one) == len(path)):
            return UndefinedColumn(f'record "{record[-1]}" has no field "{field}"')
        return ObjectNotInPrerequisiteState(
            f'record "{record[-1]}" is not assigned yet',
            detail="The tuple structure of a not-yet-assigned record is indeterminate.",
        )


def _literal(value: str | None, of: SqlType, work: Work) -> exp.Expression:
    known = "JSON_PARSE('x')" if of == SUPER else f"CAST('x' AS {of})"
    text = known if value is not None else f"CAST(NULL AS {of})"
    found = read_expression(text)
    for literal in found.find_all(exp.Literal):
        if literal.is_string and literal.this == "x":
            literal.set("this", value)
    return work.expression(found, work.scope(None), work)


class Names:
    """The variables that a place in a procedure sees; the same object for the same ones, so that plans are kept.

    Args:
        types: each name's type.
        value: gives the values, for statements that take no parameters; None for parameters.
    """

    def __init__(self, types: dict[Path, SqlType], value: Value | None = None) -> None:
        self._types = types
        self._value = value

    def resolver(self) -> Resolver:
        """For one statement."""
        return Resolver(self._types, self._value)

    def with_values(self, value: Value) -> Names:
        """The same names, put in as values."""
        return Names(self._types, value)


@lru_cache(maxsize=1024)
def names_of(types: tuple[tuple[Path, SqlType], ...]) -> Names:
    """The names object of these variables."""
    return Names(dict(types))
