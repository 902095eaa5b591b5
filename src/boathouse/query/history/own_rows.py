"""Whose rows of a system relation a user may see.

Received: each execution's bound tree. Handed on: the tree in which an ordinary user's system relations hold that user's
rows alone, or those of schemas that the user may use; relations for superusers are refused. What is about to be read is
first brought up to date.

Source: Redshift Developer Guide, "Visibility of data in system tables and views".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlglot import exp

from boathouse.contracts.errors import InsufficientPrivilege
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.sql.bind.bound import put_in_place, relation_of
from boathouse.sql.bind.forms.relations import engine_table
from boathouse.sql.targets.to_duckdb import expression_to_duckdb

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

_LOGS = ("stl_", "svl_", "svcs_", "sys_")
"""What is written behind the sessions' backs; the others show the moment."""


def own_rows(house: House, session: Session, tree: exp.Expression, relations: tuple[Relation, ...]) -> exp.Expression:
    """The tree as the session's user may have it; the same tree where nothing is to be hidden."""
    if not any(relation.kind in ("system", "view") for relation in relations):
        return tree
    found = [relation for node in tree.find_all(exp.Table) if (relation := _system(node)) is not None]
    if any(relation.name.startswith(_LOGS) for relation in found):
        for observer in cast("QuerySession", session).service.observers:
            observer.settle()
    sees_all, is_superuser = cast("QuerySession", session).service.claims.gate.sees(session)
    if is_superuser or not any(_owner(one) or one.superusers_only or one.schema_column for one in found):
        return tree
    copy = tree.copy()
    for node in list(copy.find_all(exp.Table)):
        relation = _system(node)
        if relation is None:
            continue
        if relation.superusers_only:
            raise InsufficientPrivilege(f"permission denied for relation {relation.name}")
        owner, condition = _owner(relation), None
        if owner is not None and not sees_all:
            condition = f'"{owner}" = {session.user_id}'
        elif relation.schema_column is not None:
            condition = f'memory.rs.sees_schema("{relation.schema_column}")'
        if condition is not None:
            rows = f"SELECT * FROM {expression_to_duckdb(engine_table(relation, None))} WHERE {condition}"
            alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.alias_or_name, quoted=True))
            put_in_place(node, exp.Subquery(this=exp.Var(this=rows), alias=alias.copy()))
    return copy


def _system(node: exp.Table) -> Relation | None:
    relation = relation_of(node)
    return relation if relation is not None and relation.kind == "system" else None


def _owner(relation: Relation) -> str | None:
    """The column that says whose a row is: as declared, and in every log that has one of the usual name."""
    if relation.owner is None and relation.name.startswith((*_LOGS, "stv_")):
        return next((name for name in ("userid", "user_id") if name in relation.by_name), None)
    return relation.owner
