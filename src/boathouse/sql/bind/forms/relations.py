"""What a name stands for: the catalog's relation, and the table node by which the engine knows it.

Received from `sources` and `dml`: the parts of a name. Handed back: the relation, noted among those that the statement needs.
"""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError, UndefinedSchema, UndefinedTable
from boathouse.contracts.relations import Relation
from boathouse.sql.bind.bound import with_relation
from boathouse.sql.bind.forms import moments
from boathouse.sql.bind.names import did_you_mean, fold, ident, position_of
from boathouse.sql.bind.scopes import RESOLVED, Scope, Work


def find_relation(parts: list[exp.Identifier], scope: Scope | None, work: Work) -> Relation:
    """The catalog's relation for `[database.][schema.]name`.

    Raises:
        UndefinedSchema, UndefinedTable, FeatureNotSupported.
    """
    names = [fold(part.name) for part in parts]
    if len(names) > 3:
        raise SqlSyntaxError(f"improper relation name (too many dotted names): {'.'.join(names)}")
    schema = names[-2] if len(names) > 1 else None
    is_elsewhere = len(names) == 3 and work.catalog.has_database(names[0])
    relation = work.catalog.in_database(*names) if is_elsewhere else work.catalog.relation(schema, names[-1])
    if relation is not None and len(names) == 3 and not is_elsewhere and not _in_database(relation, names[0]):
        raise FeatureNotSupported(
            f"cross-database references are not implemented: {'.'.join(names)}", position=position_of(parts[0])
        )
    if relation is None:
        if schema is not None and not is_elsewhere and not work.catalog.has_schema(schema):
            raise UndefinedSchema(f'schema "{schema}" does not exist', position=position_of(parts[0]))
        ctes: list[str] = []
        while scope is not None:
            ctes += scope.ctes
            scope = scope.parent
        raise UndefinedTable(
            f'relation "{".".join(names)}" does not exist',
            position=position_of(parts[0]),
            hint=did_you_mean(names[-1], ctes),
        )
    # Through another database's name it is another thing: what may be read differs.
    work.relations.setdefault(f"{names[0]} {relation.engine_name}" if is_elsewhere else relation.engine_name, relation)
    return relation


def _in_database(relation: Relation, database: str) -> bool:
    parts = _engine_parts(relation.engine_name)
    return len(parts) < 3 or relation.kind in ("temporary", "system") or parts[0].lower() == database


@lru_cache(maxsize=4096)
def _engine_parts(engine_name: str) -> tuple[str, ...]:
    table = exp.to_table(engine_name, dialect="duckdb")
    return tuple(part.name for part in table.parts)


def engine_table(relation: Relation, alias: str | None, at: exp.Expression | None = None) -> exp.Table:
    """The table node by which the engine knows a relation."""
    parts = [ident(part) for part in _engine_parts(relation.engine_name)]
    bound = exp.Table(this=parts[-1])
    for key, part in zip(("db", "catalog"), reversed(parts[:-1]), strict=False):
        bound.set(key, part)
    if alias is not None:
        bound.set("alias", exp.TableAlias(this=ident(alias)))
    if at is not None and position_of(at) is not None:
        bound.meta["start"] = (position_of(at) or 1) - 1
    bound.meta[RESOLVED] = True
    bound.set("when", moments.when(relation))
    with_relation(bound, relation)
    return bound
