"""Column references: names resolved against a scope, and navigation into structs, SUPER, arrays and maps.

Received from `expressions` and `sources`: the parts of a dotted name. Handed back: a bound expression, a column
`"alias"."name"` under as many `Dot`s as there are fields to go into, each with its type.
Source: PostgreSQL "Value Expressions"; Redshift "Querying semistructured data" (query-super), "Querying nested data".
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts.errors import AmbiguousColumn, DatatypeMismatch, UndefinedColumn, UndefinedTable
from boathouse.contracts.types import SUPER, SqlType, struct_of
from boathouse.sql.bind.bound import call, type_of, with_type
from boathouse.sql.bind.names import attribute, did_you_mean, fold, ident, position_of
from boathouse.sql.bind.scopes import SCOPE, Merged, Scope, Source, SourceColumn
from boathouse.sql.bind.types.rules import common_type


def path_of(node: exp.Expression) -> list[exp.Identifier] | None:
    """The identifiers of `a.b.c…`, however the parser split them; None where the node is something else."""
    if isinstance(node, exp.Column):
        parts = node.parts
        found = [part for part in parts if isinstance(part, exp.Identifier)]
        return found if len(found) == len(parts) else None
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        left = path_of(node.this)
        return None if left is None else [*left, node.expression]
    return None


def column(source: Source, found: SourceColumn, scope: Scope) -> exp.Expression:
    """The bound reference to a source's column."""
    if source.read is not None:
        source.read.columns.add(found.origin or found.engine_name)
    node = exp.Column(this=ident(found.engine_name), table=ident(source.alias))
    node.meta[SCOPE] = scope.number
    return with_type(node, found.type)


def merged_column(merged: Merged, scope: Scope) -> exp.Expression:
    """The value of a USING column: the left one, the right one for RIGHT joins, either for FULL joins."""
    columns = [column(source, found, scope) for source, found in merged.parts]
    if merged.side == "FULL":
        node = exp.Coalesce(this=columns[0], expressions=columns[1:])
        return with_type(node, common_type(type_of(part) for part in columns))
    return columns[-1] if merged.side == "RIGHT" else columns[0]


def resolve(parts: Sequence[exp.Identifier], scope: Scope) -> exp.Expression:
    """The bound expression of a dotted name, searched from `scope` outwards.

    Raises:
        UndefinedColumn, AmbiguousColumn, UndefinedTable: with the name's position.
    """
    found = try_resolve(parts, scope)
    if found is not None:
        return found
    raise _unknown(parts, scope)


def try_resolve(parts: Sequence[exp.Identifier], scope: Scope) -> exp.Expression | None:
    """As `resolve`, but None where no source offers the name."""
    here: Scope | None = scope
    while here is not None:
        found = _in_scope(parts, here)
        if found is not None:
            start = parts[0].meta.get("start")
            if isinstance(start, int):
                found.meta["start"] = start
            return found
        here = here.parent
    return None


def _in_scope(parts: Sequence[exp.Identifier], scope: Scope) -> exp.Expression | None:
    names = [fold(part.name) for part in parts]
    if len(names) > 1:
        qualified = _qualified(parts, names, scope)
        if qualified is not None:
            return qualified
    if names[0] in scope.merged:
        return navigate(merged_column(scope.merged[names[0]], scope), parts[1:])
    found = [(source, one) for source in scope.sources for one in source.by_name.get(names[0], ())]
    if len(found) > 1:
        raise AmbiguousColumn(f'column reference "{names[0]}" is ambiguous', position=position_of(parts[0]))
    if found and (len(parts) == 1 or found[0][1].type.is_nested):
        return navigate(column(found[0][0], found[0][1], scope), parts[1:])
    return _element_field(parts, names[0], scope)


def _qualified(parts: Sequence[exp.Identifier], names: list[str], scope: Scope) -> exp.Expression | None:
    missing: tuple[Source, exp.Identifier] | None = None
    for source in scope.sources:
        for rest in _after_source(source, names):
            inner = parts[len(names) - rest :]
            if source.element and source.name == names[0]:
                found = _element_path(source, inner, scope)
            else:
                columns = source.by_name.get(fold(inner[0].name), [])
                if len(columns) > 1:
                    name = fold(inner[0].name)
                    raise AmbiguousColumn(f'column reference "{name}" is ambiguous', position=position_of(parts[0]))
                found = navigate(column(source, columns[0], scope), inner[1:]) if columns else None
            if found is not None:
                return found
            missing = missing or (source, inner[0])
    if missing is None or _has_nested_column(names[0], scope):
        return None
    source, part = missing
    known = [one.name for one in source.columns]
    raise UndefinedColumn(
        f'column "{fold(part.name)}" does not exist in {source.name}',
        position=position_of(part),
        hint=did_you_mean(fold(part.name), known),
    )


def _after_source(source: Source, names: list[str]) -> list[int]:
    """How many parts remain after those that name the source: for `t.c`, `s.t.c`, `db.s.t.c`."""
    rests = [len(names) - 1] if names[0] == source.name else []
    if source.schema is not None:
        if len(names) > 2 and names[:2] == [source.schema, source.name]:
            rests.append(len(names) - 2)
        if len(names) > 3 and names[1:3] == [source.schema, source.name]:
            rests.append(len(names) - 3)
    return rests


def _has_nested_column(name: str, scope: Scope) -> bool:
    return any(one.type.is_nested for source in scope.sources for one in source.by_name.get(name, ()))


def _element_path(source: Source, inner: Sequence[exp.Identifier], scope: Scope) -> exp.Expression | None:
    element = source.columns[0]
    name = fold(inner[0].name)
    if element.type == SUPER or any(name == part for part, _ in _fields(element.type)):
        return navigate(column(source, element, scope), inner)
    return None


def _element_field(parts: Sequence[exp.Identifier], name: str, scope: Scope) -> exp.Expression | None:
    """An unqualified name that is a field of an element: `(SELECT sum(price) FROM c.orders)`."""
    found = [
        source
        for source in scope.sources
        if source.element and any(name == part for part, _ in _fields(source.columns[0].type))
    ]
    if len(found) > 1:
        raise AmbiguousColumn(f'column reference "{name}" is ambiguous', position=position_of(parts[0]))
    if found:
        return navigate(column(found[0], found[0].columns[0], scope), parts)
    supers = [source for source in scope.sources if source.element and source.columns[0].type == SUPER]
    if len(scope.sources) == len(supers) == 1:
        return navigate(column(supers[0], supers[0].columns[0], scope), parts)
    return None


def _fields(sql_type: SqlType) -> tuple[tuple[str, SqlType], ...]:
    return tuple((name.lower(), part) for name, part in sql_type.fields) if sql_type.name == "struct" else ()


def entry_of(map_type: SqlType) -> SqlType:
    """The struct that iterating over a map yields."""
    return struct_of(("key", map_type.fields[0][1]), ("value", map_type.fields[1][1]))


def navigate(node: exp.Expression, path: Sequence[exp.Identifier]) -> exp.Expression:
    """`node.a.b…`: struct fields by name, SUPER attributes laxly (a missing one is NULL)."""
    for part in path:
        name = fold(part.name)
        sql_type = type_of(node)
        if sql_type == SUPER:
            node = with_type(exp.Dot(this=node, expression=ident(attribute(part))), SUPER)
            continue
        if sql_type.name != "struct":
            raise DatatypeMismatch(
                f'cannot navigate to "{name}": the value is of type {sql_type}',
                position=position_of(part),
                hint="Only struct and SUPER values have fields; put an array or a map into FROM.",
            )
        found = next(((written, inner) for written, inner in sql_type.fields if written.lower() == name), None)
        if found is None:
            known = [written.lower() for written, _ in sql_type.fields]
            raise UndefinedColumn(
                f'field "{name}" does not exist in {sql_type}',
                position=position_of(part),
                hint=did_you_mean(name, known),
            )
        node = with_type(exp.Dot(this=node, expression=ident(found[0])), found[1])
    return node


def bracket(node: exp.Bracket, value: exp.Expression, key: exp.Expression) -> exp.Expression:
    """`value[key]`: arrays and SUPER count from 0, the engine from 1; text keys go into SUPER, maps and structs."""
    sql_type = type_of(value)
    if sql_type.name == "struct" and isinstance(key, exp.Literal) and key.is_string:
        return navigate(value, [ident(str(key.this))])
    is_text = isinstance(key, exp.Literal) and key.is_string
    if sql_type.name == "map":
        return with_type(exp.Bracket(this=value, expressions=[key], offset=1), sql_type.fields[1][1])
    if sql_type == SUPER and is_text:
        return with_type(exp.Dot(this=value, expression=ident(str(key.this))), SUPER)
    if sql_type == SUPER and not (isinstance(key, exp.Literal) and str(key.this).isdigit()):
        return with_type(call("memory.rs.at_place", SUPER, value, key), SUPER)
    if sql_type != SUPER and sql_type.name not in ("array", "unknown") and not sql_type.is_list:
        raise DatatypeMismatch(f"cannot subscript a value of type {sql_type}", position=position_of(node))
    place = key if sql_type.is_catalog_array else _one_based(key)
    found = exp.Bracket(this=value, expressions=[place], offset=1)
    return with_type(found, sql_type.element if sql_type.name == "array" or sql_type.is_list else sql_type)


def _one_based(key: exp.Expression) -> exp.Expression:
    if isinstance(key, exp.Literal) and not key.is_string and str(key.this).isdigit():
        return with_type(exp.Literal.number(int(key.this) + 1), type_of(key))
    one = with_type(exp.Literal.number(1), type_of(key))
    return with_type(exp.Add(this=exp.Paren(this=key), expression=one), type_of(key))


def _unknown(parts: Sequence[exp.Identifier], scope: Scope) -> UndefinedColumn | UndefinedTable:
    first = fold(parts[0].name)
    sources: list[Source] = []
    here: Scope | None = scope
    while here is not None:
        sources += here.sources
        here = here.parent
    if len(parts) > 1:
        return UndefinedTable(
            f'missing FROM-clause entry for table "{first}"',
            position=position_of(parts[0]),
            hint=did_you_mean(first, [source.name for source in sources]),
        )
    known = [one.name for source in sources for one in source.columns if not one.hidden]
    names = ", ".join(dict.fromkeys(source.name for source in scope.sources if source.shown()))
    return UndefinedColumn(
        f'column "{first}" does not exist' + (f" in {names}" if names else ""),
        position=position_of(parts[0]),
        hint=did_you_mean(first, known),
    )
