"""Plans: statements in the engine's words, kept by text, and how they run.

Receives a parsed query or DML; hands the journey the engine's SQL, the result's fields and the parameters' types. A
plan is good until a transaction that changed the catalog commits. A session that sees something of its own (temporary
tables, its transaction's DDL, an older snapshot) keeps its plans to itself, until what it sees changes again.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from boathouse.contracts.answers import Answer, Done, Field, Rows
from boathouse.contracts.engine import Request
from boathouse.contracts.errors import BoathouseError, QueryCanceled, SqlSyntaxError, StatementTooComplex
from boathouse.contracts.relations import Catalog
from boathouse.contracts.session import Translated
from boathouse.contracts.types import SqlType
from boathouse.query.bursting.eligible import request_for
from boathouse.query.bursting.lent import over
from boathouse.query.bursting.spark import rows_from_spark
from boathouse.query.bursting.staged import staged_insert
from boathouse.query.merges import refuse_several_matches
from boathouse.query.past.as_of import past_of
from boathouse.query.state import result_cache
from boathouse.query.state.pace import Pace
from boathouse.query.state.read_only import refuse_target
from boathouse.query.variables import variables_in
from boathouse.sql.bind.bind import bind
from boathouse.sql.bind.bound import Bound
from boathouse.sql.bind.forms.super_modes import SuperModes
from boathouse.sql.parse import parse
from boathouse.sql.rewrites import rewrite
from boathouse.sql.statements import Relational
from boathouse.sql.targets.inserted_rows import inserted_rows
from boathouse.sql.targets.to_duckdb import to_duckdb
from boathouse.sql.variables import Names, Resolver

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

ATTEMPTS = 5
"""Tries of one query whose plan is overtaken again and again; each takes a commit of DDL within milliseconds."""

_SYSTEM = re.compile(r"""['"]system:([a-z_.]+)['"]""")
"""A system relation that is lent to the session, where a statement or a macro's argument names it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement ready to run.

    Attributes:
        bound: its tree, names resolved and meaning rewritten.
        sql: the engine's text of that tree.
        fields: the result's columns; None for DML.
        parameters: the type of each `$n`.
        variables: session variables that the text reads.
        system: system relations that it reads and that the session must be lent.
        names: the procedure's variables that stand for `$1`, `$2`, …
        pace: when its next run is to be measured.
    """

    bound: Bound
    sql: str
    fields: tuple[Field, ...] | None
    parameters: tuple[SqlType, ...]
    variables: tuple[str, ...]
    system: tuple[str, ...] = ()
    is_lasting: bool = False
    """True where the result depends on committed tables alone."""
    names: tuple[tuple[str, ...], ...] = ()
    pace: Pace = field(default_factory=Pace, compare=False)


class Plans:
    """A bounded cache of plans, least recently used out first; `cleared` counts how often all were forgotten."""

    def __init__(self, plans_max: int) -> None:
        self._plans: OrderedDict[tuple[object, ...], Plan] = OrderedDict()
        self._plans_max = plans_max
        self.cleared = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Plan | None:
        """The plan kept under the key."""
        with self._lock:
            found = self._plans.get(key)
            if found is not None:
                self._plans.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], plan: Plan) -> None:
        """Keep a plan."""
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > self._plans_max:
                self._plans.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self.cleared += 1
            self._plans.clear()


def plan(
    session: QuerySession,
    statement: Relational,
    types: Sequence[SqlType] = (),
    names: Names | None = None,
    wanted: tuple[SqlType, ...] = (),
) -> Plan:
    """The statement's plan, made or found; for `names` and `wanted` see `sql.bind`."""
    if names is None and session.literals is not None:
        return make(session, statement, types, None, session.literals)  # holds values: not to be kept
    version = session.shared_version
    kept = session.own_plans if version is None else session.service.plans
    modes = _super_modes(session)
    key = (
        session.catalog_version,
        session.setting("search_path"),
        session.user,
        modes,
        statement.text,
        statement.case_sensitive,
        tuple(types),
        names,
        wanted,
    )
    found = kept.get(key)
    made = make(session, statement, types, None, names, wanted) if found is None else found
    session.observed.planned()
    if found is not None:
        return found
    # Should the catalog have changed meanwhile, nobody may be given this plan.
    lasting = all(relation.live is None for relation in made.bound.relations)
    if lasting and key[0] is not None and key[0] == session.catalog_version and version == session.shared_version:
        kept.put(key, made)
    return made


def _super_modes(session: QuerySession) -> SuperModes:
    return SuperModes(
        lax_navigation=session.setting("navigate_super_null_on_error") == "on",
        lax_casts=session.setting("cast_super_null_on_error") == "on",
        lax_parsing=session.setting("parse_super_null_on_error") == "on",
        exact_attributes=session.setting("enable_case_sensitive_super_attribute") == "on",
    )


def make(
    session: QuerySession,
    statement: Relational,
    types: Sequence[SqlType] = (),
    catalog: Catalog | None = None,
    names: Names | None = None,
    wanted: tuple[SqlType, ...] = (),
) -> Plan:
    """A plan that is not kept.


    Args:
        catalog: where names are looked up instead of the session's own.

    Raises:
        InsufficientPrivilege: the user may not. A kept plan has passed for as long as the catalog stays as it is.
    """
    resolve = None if names is None else names.resolver()
    try:
        resolved = bound_of(session, statement, types, catalog, resolve, wanted)
        session.service.claims.gate.admit_query(session, resolved)
        bound = rewrite(resolved)
        sql = to_duckdb(bound)
    except RecursionError:
        raise StatementTooComplex("the statement is nested too deep") from None
    variables = variables_in(sql)
    system = tuple(dict.fromkeys(_SYSTEM.findall(sql)))
    used = () if resolve is None else tuple(resolve.used)
    made = Plan(bound, sql, bound.fields, bound.parameters, variables, system, names=used)
    return replace(made, is_lasting=result_cache.is_lasting(made))


def bound_of(
    session: QuerySession,
    statement: Relational,
    types: Sequence[SqlType] = (),
    catalog: Catalog | None = None,
    resolve: Resolver | None = None,
    wanted: tuple[SqlType, ...] = (),
) -> Bound:
    """The statement with its names resolved, as one engine's words are made of it; for the arguments see `make`."""
    gate = session.service.claims.gate
    return bind(
        statement,
        catalog or session.catalog,
        types,
        resolve,
        wanted,
        _super_modes(session),
        lambda *where: gate.permitted(session, *where),
        past_of(session, has_variables=resolve is not None and not resolve.gives_values),
    )


def bound_here(session: QuerySession, statement: Relational, types: Sequence[SqlType]) -> Bound:
    """A statement of the client's or of a procedure's with its names resolved, no rewrite having touched it."""
    resolve = None if session.literals is None else session.literals.resolver()
    return bound_of(session, statement, types, None, resolve)


def translate(session: QuerySession, query: str) -> Translated:
    """See `contracts.session.Session.translate`."""
    found = parse(query, case_sensitive=session.setting("enable_case_sensitive_identifier") == "on")
    if len(found) != 1 or not isinstance(found[0], Relational) or found[0].verb != "SELECT":
        raise SqlSyntaxError("one SELECT statement is expected here")
    made = plan(session, found[0])
    tree, sql = intercepted_with_text(session, made)
    bind = partial(bound_here, session, found[0], ())
    elsewhere = partial(rows_from_spark, session, bind, made, tree, (), insists=False)
    return Translated(sql, made.fields or (), request_for(session, made, tree, sql, ()), elsewhere)


def beside(session: QuerySession, query: str) -> Request | None:
    """What a query of a statement that waits for a slot asks of a process beside the house; None where it cannot run there. What
    is wrong with it, it tells when it runs.
    """
    if not session.service.workload.scales:
        return None
    try:
        return translate(session, query).beside
    except BoathouseError:
        return None
    finally:
        if session.observed.run is not None:
            session.observed.run.scans.clear()


def rows_of(session: QuerySession, translated: Translated, sql: str, *, at_home: bool = False) -> Rows:
    """See `contracts.session.Session.rows`."""
    if session.seat.bursts:
        if at_home or translated.beside is None:
            session.seat.come_home()
        else:
            found = session.seat.query(replace(translated.beside, sql=sql), translated.fields)
            if found is not None:
                return found
    elif not at_home and (found := translated.elsewhere()) is not None:
        return found if sql == translated.sql else over(session, translated.sql, sql, found)
    return session.engine.query(sql, (), translated.fields)


def intercept(
    session: QuerySession, plan: Plan, parameters: Sequence[object] | None = None, *, stored: bool = False
) -> str:
    """The engine's SQL after every room has seen the tree; the kept text where none changed it. The session variables
    that it reads are set.

    Args:
        parameters: values of `$1`, …, where they are known.
        stored: the rows stay in the engine, in its own types.
    """
    return intercepted_with_text(session, plan, parameters, stored=stored)[1]


def intercepted_with_text(
    session: QuerySession, plan: Plan, parameters: Sequence[object] | None = None, *, stored: bool = False
) -> tuple[exp.Expression, str]:
    """The tree after every room has seen it, and its text; for EXPLAIN, which speaks of both."""
    tree = intercepted(session, plan, parameters)
    if tree is plan.bound.tree and not stored:
        return tree, plan.sql
    changed = Bound(tree, plan.bound.fields, plan.bound.parameters, plan.bound.relations, plan.bound.target)
    return tree, to_duckdb(changed, stored=stored)


def intercepted(session: QuerySession, plan: Plan, parameters: Sequence[object] | None = None) -> exp.Expression:
    """The bound tree after every room has seen it."""
    session.values = parameters
    session.set_variables(plan.variables)
    session.python.offer(one.function for one in plan.bound.calls)
    if "memory_spatial." in plan.sql:
        session.house.engine.load_extension("spatial")
    if plan.system:
        session.service.lend_system(session, plan.system)
    tree = plan.bound.tree
    for interceptor in session.service.claims.interceptors:
        tree = interceptor(session.house, session, tree, plan.bound.relations)
    return tree


def read(
    session: QuerySession, statement: Relational, parameters: Sequence[object], types: Sequence[SqlType]
) -> Answer:
    """A query: outside a transaction its plan may be overtaken by somebody's DDL before the engine starts; then it is
    tried again with a new one, whether it failed or would answer in a shape that is no more.
    """
    for left in reversed(range(ATTEMPTS)):
        version, catalog = session.shared_version, session.catalog_version
        data = session.data_version
        try:
            made = plan(session, statement, types)
            tree, sql = intercepted_with_text(session, made, parameters)
            key = result_cache.key_of(session, made, sql, parameters)
            if (kept := result_cache.find(session, key)) is not None:
                return kept
            request = request_for(session, made, tree, sql, parameters)
            if session.seat.take_for(made, request):
                return read(session, statement, parameters, types)  # what was looked up before it waited may be old
            rows = rows_from_spark(session, lambda: bound_here(session, statement, types), made, tree, parameters)
            rows = rows or _started(session, made, sql, parameters, request)
            if rows is None:
                return read(session, statement, parameters, types)
            session.house.engine.look()
            if (
                not left
                or session.engine.in_transaction
                or (catalog is not None and catalog == session.catalog_version)
            ):
                return result_cache.keep(session, key, data, rows)
            rows.batches.close()  # type: ignore[attr-defined]
            session.check_cancelled()
        except QueryCanceled:
            raise
        except BoathouseError:
            session.house.engine.look()
            in_step = version is not None and version == session.shared_version
            if not left or in_step or session.engine.in_transaction:
                raise
            session.check_cancelled()
    raise AssertionError("the last attempt raises")


def _started(
    session: QuerySession, made: Plan, sql: str, parameters: Sequence[object], request: Request | None
) -> Rows | None:
    """The query's rows, from the engine or from beside the house; None where it came back from there."""
    if request is not None and session.seat.bursts:
        return session.seat.query(request, made.fields)
    return session.engine.query(sql, parameters, made.fields, session.observed.profiler(made.pace))


def change(
    session: QuerySession, statement: Relational, parameters: Sequence[object], types: Sequence[SqlType]
) -> Answer:
    """DML: planned inside its transaction, so that plan and engine see one catalog."""
    bind = partial(bound_here, session, statement, types)
    return change_planned(session, statement, plan(session, statement, types), parameters, bind)


def change_planned(
    session: QuerySession,
    statement: Relational,
    made: Plan,
    parameters: Sequence[object],
    bind: Callable[[], Bound] | None = None,
) -> Answer:
    """DML whose plan is at hand.

    Args:
        bind: makes its bound tree, no rewrite having touched it; without it the house computes all rows itself.
    """
    target = made.bound.target
    refuse_target(session, target)
    is_external = target is not None and target.kind == "external"
    shown = _inserted(made) if is_external else made
    tree, sql = intercepted_with_text(session, shown, parameters)
    if statement.verb == "MERGE":
        refuse_several_matches(session, tree, made.bound, parameters)
    elsewhere = nullcontext() if bind is None else staged_insert(session, bind, tree, parameters)
    with elsewhere as stored:
        if stored is not None:
            shown, parameters = replace(made, bound=stored, sql=to_duckdb(stored)), ()
            shown = _inserted(shown) if is_external else shown
            sql = shown.sql
        if target is not None and is_external:
            rows = Translated(sql, shown.fields or ())
            count = session.service.claims.insert(session.house, session, target, rows, parameters)
            return Done(f"INSERT 0 {count}")
        count = session.engine.execute(sql, parameters, session.observed.profiler(made.pace))
    if count and target is not None:
        session.relation_changed(target)
    return Done(f"INSERT 0 {count}" if statement.verb == "INSERT" else f"{statement.verb} {count}")


def _inserted(made: Plan) -> Plan:
    """The rows of an INSERT as a query of their own, for the room that keeps the target."""
    source = inserted_rows(made.bound)
    return replace(made, bound=source, sql=to_duckdb(source), fields=source.fields)
