"""One call's variables: scopes, records, the types under which SQL sees them.

Values are kept as the bytes that PostgreSQL would print; what SQL is given is decoded from them by the type, exactly as
a client's text parameter is. So a variable holds what a client would see, and RAISE prints it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import DataError, InputError, ObjectNotInPrerequisiteState, UndefinedColumn
from boathouse.contracts.types import BOOLEAN, VARCHAR, SqlType
from boathouse.sql.plpgsql.nodes import Declared, Path
from boathouse.sql.variables import RECORD, Names, names_of

Text = bytes | None


@dataclass(slots=True)
class Variable:
    """A variable.

    Attributes:
        type: None for records.
        fields: of a record or row; a record without any has not been assigned yet.
        is_row: True for %ROWTYPE, whose fields are fixed.
        bound: a cursor's declaration with its query.
    """

    name: str
    type: SqlType | None
    value: Text = None
    constant: bool = False
    not_null: bool = False
    fields: dict[str, Variable] | None = None
    is_row: bool = False
    bound: Declared | None = None

    def assign(self, value: Text) -> None:
        """Give it a value of its own type.

        Raises:
            InputError: it is CONSTANT. DataError: NULL where it is NOT NULL.
        """
        if self.constant:
            raise InputError(f'"{self.name}" is declared CONSTANT', sqlstate="22005")
        self.initialise(value)

    def initialise(self, value: Text) -> None:
        """Its first value."""
        if value is None and self.not_null:
            raise DataError(
                f'null value cannot be assigned to variable "{self.name}" declared NOT NULL', sqlstate="22004"
            )
        self.value = value


@dataclass(slots=True)
class Scope:
    """The variables of one block or loop."""

    label: str | None
    variables: dict[str, Variable] = field(default_factory=dict)

    def add(self, variable: Variable) -> Variable:
        """Declare one."""
        self.variables[variable.name] = variable
        return variable


class Frame:
    """One call.

    Args:
        name: the procedure's.
        depth: 1 for the outermost call.
        nonatomic: True where each statement commits by itself.
    """

    def __init__(self, name: str, depth: int, nonatomic: bool) -> None:
        self.name = name
        self.depth = depth
        self.nonatomic = nonatomic
        self.in_started = False
        """True between START TRANSACTION and its end."""
        self.rows = 0
        """ROW_COUNT."""
        self.caught: list[BaseException] = []
        """The errors whose handlers run, innermost last."""
        self.told: BaseException | None = None
        self.scopes: list[Scope] = []
        self._names: Names | None = None
        outermost = Scope(None)
        self.found = outermost.add(Variable("found", BOOLEAN, b"f"))
        self.scopes.append(outermost)

    def push(self, scope: Scope) -> Scope:
        """Enter a block or loop."""
        self.scopes.append(scope)
        self._names = None
        return scope

    def pop(self) -> None:
        """Leave it."""
        self.scopes.pop()
        self._names = None

    def declared(self, variable: Variable) -> Variable:
        """Add a variable to the innermost scope."""
        self._names = None
        return self.scopes[-1].add(variable)

    def find(self, path: Path) -> Variable | None:
        """The variable or the record's field of that name."""
        for scope in reversed(self.scopes):
            rest = path[1:] if scope.label == path[0] and len(path) > 1 else None
            for names in (path, rest):
                found = scope.variables.get(names[0]) if names else None
                if found is None or names is None:
                    continue
                if len(names) == 1:
                    return found
                if found.fields is not None and len(names) == 2:
                    return self._field(found, names[1])
        return None

    def _field(self, record: Variable, name: str) -> Variable:
        assert record.fields is not None
        if not record.fields and not record.is_row:
            raise ObjectNotInPrerequisiteState(
                f'record "{record.name}" is not assigned yet',
                detail="The tuple structure of a not-yet-assigned record is indeterminate.",
            )
        found = record.fields.get(name)
        if found is None:
            raise UndefinedColumn(f'record "{record.name}" has no field "{name}"')
        return found

    def get(self, path: Path) -> Variable:
        """As `find`.

        Raises:
            UndefinedColumn: nothing of that name.
        """
        found = self.find(path)
        if found is None:
            raise UndefinedColumn(f'"{".".join(path)}" is not a known variable', sqlstate="42601")
        return found

    def fill(self, record: Variable, fields: tuple[Field, ...], values: list[Text]) -> None:
        """Give a record the shape and the values of a row."""
        shape = {one.name: (VARCHAR if one.type.name == "unknown" else one.type) for one in fields}
        old = None if record.fields is None else {name: one.type for name, one in record.fields.items()}
        if old != shape:
            record.fields = {name: Variable(name, of) for name, of in shape.items()}
            self._names = None
        assert record.fields is not None
        for one, value in zip(fields, values, strict=True):
            record.fields[one.name].value = value

    def names(self) -> Names:
        """The names that SQL sees here."""
        if self._names is None:
            types: dict[Path, SqlType] = {}
            for scope in self.scopes:
                for path, variable in _paths(scope):
                    types[path] = RECORD if variable.type is None else variable.type
            self._names = names_of(tuple(types.items()))
        return self._names


def _paths(scope: Scope) -> Iterator[tuple[Path, Variable]]:
    labels: tuple[Path, ...] = ((),) if scope.label is None else ((), (scope.label,))
    for name, variable in scope.variables.items():
        for label in labels:
            yield (*label, name), variable
            for inner, part in (variable.fields or {}).items():
                yield (*label, name, inner), part
