"""What the moment of `FROM t FOR SYSTEM_TIME AS OF …` is worth, and what the table was then.

Asked by the binder through `plans`, with the moment as a bound expression; the warehouse's history answers. No plan is kept over
what it gives (`Relation.live`), so a moment is worked out anew for every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import (
    FeatureNotSupported,
    InputError,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
    StorageError,
    UndefinedObject,
    UndefinedTable,
)
from boathouse.contracts.relations import Past, Relation
from boathouse.query.past.noted import Noted, every, find, gone, plain
from boathouse.query.variables import variables_in
from boathouse.sql.bind.bound import Bound, type_of
from boathouse.sql.bind.scopes import Moment
from boathouse.sql.rewrites import rewrite
from boathouse.sql.targets.to_duckdb import to_duckdb

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


_LAKE = (
    "FOR VERSION AS OF 'name' reads a table as it is in a snapshot. A warehouse that is stored as a lake keeps its commits, too: "
    "boathouse storage convert."
)


def past_of(session: QuerySession, *, has_variables: bool) -> Callable[[Relation, Moment], Relation]:
    """See `sql.bind.scopes.Work.past`; for the binding of one statement.

    Args:
        has_variables: its parameters stand for a procedure's variables, whose values come later.
    """
    known: dict[Moment, int | Noted | None] = {}

    def past(relation: Relation, moment: Moment) -> Relation:
        try:
            if moment not in known:
                known[moment] = _wanted(session, moment, has_variables=has_variables)
            wanted = known[moment]
            if wanted is None:
                return _undecided(relation)
            session.marks.require_unchanged(relation.schema, relation.name, "AS OF")
            if isinstance(wanted, Noted):
                return _in_snapshot(session, relation, wanted)
            history = session.house.engine.history
            assert history is not None
            return history.relation_at(session.engine, relation, wanted)
        except InputError as failure:
            failure.position = moment.position
            raise

    return past


def _in_snapshot(session: QuerySession, relation: Relation, snapshot: Noted) -> Relation:
    """The table as it is in a snapshot, which is held as long as anything runs in the session."""
    snapshots, shown = session.house.engine.snapshots, f'snapshot "{snapshot.name}"'
    try:
        found = snapshots.relation_at(session.engine, relation, snapshot.place)
    except UndefinedTable as failure:
        raise UndefinedTable(f'relation "{relation.name}" did not exist in {shown}', hint=failure.hint) from None
    except ObjectNotInPrerequisiteState:
        raise gone(snapshot) from None
    except StorageError as failure:
        failure.detail = f"It is the copy of {shown}."
        raise
    session.running.at_rest(snapshot.place, lambda: snapshots.release(snapshot.place))
    assert isinstance(found.live, Past)
    return replace(found, live=replace(found.live, shown=shown))


def _wanted(session: QuerySession, moment: Moment, *, has_variables: bool) -> int | Noted | None:
    """A commit or a snapshot; None where the moment is a parameter that has no value yet: the statement is only described."""
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
    if isinstance(found, str):
        return _named(session, found)
    if isinstance(found, datetime):
        return _at(session, found)
    history = session.house.engine.history
    if history is None:
        raise FeatureNotSupported("commits are not kept by a warehouse in one file", hint=_LAKE)
    return history.commit_at(session.engine, int(str(found)))


def _named(session: QuerySession, name: str) -> Noted:
    found = find(session.engine, name.lower())
    if found is None:
        is_number = session.house.engine.history is not None and name.strip().isdigit()
        raise UndefinedObject(
            f'snapshot "{name}" does not exist', hint="A commit is a number, without quotes." if is_number else None
        )
    return found


def _at(session: QuerySession, moment: datetime) -> int | Noted:
    """What was committed by a moment. A file has its snapshots alone, each of which is also as of the time before it in which
    nothing was committed; where that is not kept, the nearest are named.
    """
    history, wanted, found = session.house.engine.history, plain(moment), every(session.engine)
    try:
        if history is not None:
            return history.commit_at(session.engine, moment)
        if moment > session.house.clock.now():
            raise InvalidParameterValue(f"{_shown(wanted)} has not come yet")
        for one in found:
            if one.since is not None and one.since <= wanted <= one.made:
                return one
        raise ObjectNotInPrerequisiteState(f"the warehouse as of {_shown(wanted)} is not kept", hint=_LAKE)
    except ObjectNotInPrerequisiteState as failure:
        before, after = (
            [one for one in found if one.made <= wanted][-1:],
            [one for one in found if one.made > wanted][:1],
        )
        near = [f'"{one.name}" ({_shown(one.made)})' for one in (*before, *after)]
        failure.detail = f"The nearest snapshots: {', '.join(near)}." if near else "There are no snapshots."
        raise


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC"


def _undecided(relation: Relation) -> Relation:
    """As it is now; whoever describes the statement sees these columns, and its run fails where it had others."""
    names = {one.name: one.name for one in relation.columns}
    return Relation(
        relation.schema, relation.name, relation.kind, relation.columns, relation.engine_name, live=Past(None, names)
    )
