"""Whether a planned query may run beside the house: the one place where that is decided.

Received: a plan, its tree after every room has seen it, and the engine's text of it. Handed on: the request for a process
elsewhere; None where the query needs anything that is not known to be there: tables of the warehouse, temporary and system
relations, what is lent to the session, Python functions, facts of the session but those that can be sent along, and whatever
is not known at all.

Source: Redshift Developer Guide, "Working with concurrency scaling", limitations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from boathouse.contracts.engine import ALONE, Access, Request
from boathouse.query.state.result_cache import VOLATILE
from boathouse.query.variables import READ, variable_sql, variables_in
from boathouse.sql.bind.bound import relation_of
from boathouse.sql.redshift.patterns.zones import engine_zone

if TYPE_CHECKING:
    from boathouse.query.plans import Plan
    from boathouse.query.session import QuerySession

_LENT = re.compile(r"\btemp\.main\b|\bsystem:|\blake_rows_|\bfederated:", re.IGNORECASE)
_NAMED = re.compile(r"""('(?:[^']|'')*')|"(?:[^"]|"")*"(?!\s*\()""")
"""Columns and tables by name, which may be called as functions are; texts are passed over."""
_CHANGING = "config_"
"""Variables whose reading changes a setting of the session."""


def request_for(
    session: QuerySession, plan: Plan, tree: exp.Expression, sql: str, parameters: Sequence[object]
) -> Request | None:
    """What a process elsewhere needs to run the query; None where the house has to."""
    transaction = session.transaction
    if not session.service.workload.scales or (transaction.wrote and not transaction.stands_alone):
        return None
    access = _access(plan, tree)
    if access is None or _LENT.search(sql) or VOLATILE.search(_NAMED.sub(r"\1", READ.sub("", sql))):
        return None
    before = [f"SET TimeZone = '{engine_zone(session.setting('timezone')).replace(chr(39), chr(39) * 2)}'"]
    for name in variables_in(sql):
        fact = None if name.startswith(_CHANGING) else variable_sql(session, name)
        if fact is None:
            return None
        before.append(fact)
    return Request(sql, tuple(parameters), tuple(before), access)


def _access(plan: Plan, tree: exp.Expression) -> Access | None:
    """What the scans need, where the tree reads nothing else."""
    if any(relation.kind not in ("external", "view") for relation in plan.bound.relations):
        return None
    if any(call.function.language == "plpythonu" for call in plan.bound.calls):
        return None
    named = {one.alias for one in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        is_named = isinstance(table.this, exp.Identifier) and not table.db and table.name in named
        if not is_named or relation_of(table) is not None:
            return None
    found = []
    for raw in tree.find_all(exp.Var):
        if isinstance(raw.parent, exp.Subquery):
            access = raw.parent.meta.get(ALONE)
            if access is None:
                return None
            found.append(access)
    secrets = dict.fromkeys(secret for one in found for secret in one.secrets)
    settings = dict.fromkeys(setting for one in found for setting in one.settings)
    return Access(tuple(secrets), tuple(settings), all(one.is_anywhere for one in found)) if found else None
