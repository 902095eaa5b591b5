"""Entering a block: its declarations become variables with their first values."""

from __future__ import annotations

from boathouse.contracts.errors import UndefinedColumn, UndefinedObject, UndefinedTable
from boathouse.contracts.types import VARCHAR, SqlType
from boathouse.query.procedures import sql_steps
from boathouse.query.procedures.frame import Frame, Variable
from boathouse.query.session import QuerySession
from boathouse.sql.plpgsql.nodes import AliasFor, Declared, Path, TypeOf


def declare(session: QuerySession, frame: Frame, one: Declared | AliasFor) -> None:
    """Declare one variable in the innermost scope.

    Raises:
        UndefinedTable, UndefinedColumn: what %TYPE or %ROWTYPE names does not exist. Others of the default's value.
    """
    if isinstance(one, AliasFor):
        # The same variable under another name, not a copy.
        target = frame.get((one.target,))
        frame.scopes[-1].variables[one.name] = target
        frame.push(frame.scopes.pop())
        return
    variable = _variable(session, frame, one)
    if one.default is not None and variable.type is not None:
        # Before it is declared: its own name still means the variable of an outer block.
        variable.initialise(sql_steps.evaluate(session, frame, one.default, variable.type).text)
    frame.declared(variable)
    variable.constant, variable.not_null = one.constant, one.not_null
    if one.not_null:
        variable.initialise(variable.value)


def _variable(session: QuerySession, frame: Frame, one: Declared) -> Variable:
    kind = one.type
    if kind.kind == "record":
        return Variable(one.name, None, fields={})
    if kind.kind == "refcursor":
        return Variable(one.name, VARCHAR, one.name.encode() if one.query is not None else None, bound=_bound(one))
    if kind.kind == "row":
        return Variable(one.name, None, fields=_row(session, kind.path), is_row=True)
    return Variable(one.name, type_of(session, frame, kind))


def _bound(one: Declared) -> Declared | None:
    return one if one.query is not None else None


def type_of(session: QuerySession, frame: Frame, kind: TypeOf) -> SqlType:
    """A plain type, or that of the variable or column that %TYPE names."""
    if kind.type is not None:
        return kind.type
    found = frame.find(kind.path)
    if found is not None and found.type is not None:
        return found.type
    if len(kind.path) < 2:
        raise UndefinedObject(f'variable "{kind.path[0]}" does not exist')
    *place, column = kind.path
    relation = session.catalog.relation(place[-2] if len(place) > 1 else None, place[-1])
    if relation is None:
        raise UndefinedTable(f'relation "{".".join(place)}" does not exist')
    if column not in relation.by_name:
        raise UndefinedColumn(f'column "{column}" of relation "{relation.name}" does not exist')
    return relation.by_name[column].type


def _row(session: QuerySession, path: Path) -> dict[str, Variable]:
    relation = session.catalog.relation(path[-2] if len(path) > 1 else None, path[-1])
    if relation is None:
        raise UndefinedTable(f'relation "{".".join(path)}" does not exist')
    return {column.name: Variable(column.name, column.type) for column in relation.columns if not column.hidden}
