"""What the moment of `FROM t FOR SYSTEM_TIME AS OF …` is worth, and what the table was then.

Asked by the binder through `plans`, with the moment as a bound expression; the warehouse's history answers. No plan is kept over
what it gives (`Relation.live`), so a moment is worked out anew for every run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import FeatureNotSupported, InputError, InvalidParameterValue
from boathouse.contracts.relations import History, Past, Relation
from boathouse.query.variables import variables_in
from boathouse.sql.bind.bound import Bound, type_of
from boathouse.sql.bind.scopes import Moment
from boathouse.sql.rewrites import rewrite
from boathouse.sql.targets.to_duckdb import to_duckdb

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


def past_of(session: QuerySession, *, has_variables: bool) -> Callable[[Relation, Moment], Relation]:
    """See `sql.bind.scopes.Work.past`; for the binding of one statement.

    Args:
        has_variables: its parameters stand for a procedure's variables, whose values come later.
    """
    known: dict[Moment, int | None] = {}

    def past(relation: Relation, moment: Moment) -> Relation:
        history = session.house.engine.history
        if history is None:
            raise FeatureNotSupported(
                "AS OF is not supported: a warehouse in one file keeps no history",
                position=moment.position,
                hint="CREATE SNAPSHOT keeps the warehouse as it is, RESTORE TABLE brings a table back; a lake keeps its commits.",
            )
        try:
            if moment not in known:
                known[moment] = _commit(session, history, moment, has_variables=has_variables)
            commit = known[moment]
            if commit is None:
                return _undecided(relation)
            require_unchanged(session, relation.schema, relation.name, "AS OF")
            return history.relation_at(session.engine, relation, commit)
        except InputError as failure:
            failure.position = moment.position
            raise

    return past


def require_unchanged(session: QuerySession, schema: str, name: str, what: str) -> None:
    """The engine mixes what the open transaction has changed of a lake's table into the table as it was (DuckDB 1.5.5).

    Raises:
        FeatureNotSupported: the transaction has changed its rows.
    """
    if session.house.engine.history is not None and session.marks.may_have_changed(schema, name):
        raise FeatureNotSupported(
            f'{what} is not supported for "{name}" in a transaction that has changed it', hint="COMMIT first."
        )


def _commit(session: QuerySession, history: History, moment: Moment, *, has_variables: bool) -> int | None:
    """None where the moment is a parameter that has no value yet: the statement is only described."""
    numbers = [int(one.name) for one in moment.value.find_all(exp.Parameter)]
    if numbers:
        if has_variables:
            raise FeatureNotSupported(
                "a variable in AS OF is not supported", hint="EXECUTE a text that has the moment in it."
            )
        if len(session.values or ()) < max(numbers):
            return None
    tree = exp.Select(expressions=[exp.Alias(this=moment.value.copy(), alias=exp.to_identifier("moment"))])
    asked = rewrite(Bound(tree, (Field("moment", type_of(moment.value)),), moment.parameters, ()))
    sql = to_duckdb(asked, stored=True)
    session.set_variables(variables_in(sql))
    ((found,),) = session.engine.fetch(sql, session.values or ())
    if found is None:
        raise InvalidParameterValue("the moment in AS OF is NULL")
    return history.commit_at(session.engine, found if isinstance(found, datetime) else int(str(found)))


def _undecided(relation: Relation) -> Relation:
    """As it is now; whoever describes the statement sees these columns, and its run fails where it had others."""
    names = {one.name: one.name for one in relation.columns}
    return Relation(
        relation.schema, relation.name, relation.kind, relation.columns, relation.engine_name, live=Past(None, names)
    )
