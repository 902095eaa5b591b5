"""What one session may do to another: cancel its statement, or end it.

Asked by the handler of CANCEL and, through a function of the engine's, by `pg_cancel_backend` and
`pg_terminate_backend`; hands the request to the endpoint that serves the other session. Ordinary users reach their own
sessions, superusers everybody's, and by CANCEL those who have that permission.

Source: Redshift Developer Guide, CANCEL, PG_CANCEL_BACKEND, PG_TERMINATE_BACKEND.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import InsufficientPrivilege, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.needs import Need
from boathouse.contracts.session import Session
from boathouse.sql import statements as s

if TYPE_CHECKING:
    from boathouse.query.service import Service
    from boathouse.query.session import QuerySession

SIGNAL_FUNCTION = "boathouse_signal"
_DENIED = "denied"
Signal = Literal["cancel", "terminate"]


def cancel(house: House, session: Session, statement: s.Cancel) -> Answer:
    """CANCEL pid ['message']."""
    mine = cast("QuerySession", session)
    if not send(mine, "cancel", statement.pid, statement.message, statement):
        raise UndefinedObject(f"there is no session with process number {statement.pid}", hint="See stv_recents.")
    return Done("CANCEL")


def send(
    caller: QuerySession, what: Signal, pid: int, message: str | None = None, statement: s.Cancel | None = None
) -> bool:
    """Cancel or end a session; False where there is none of that number.

    Args:
        statement: CANCEL itself, for which a role with the permission of that name does; None within a query.

    Raises:
        InsufficientPrivilege: it is somebody else's, and the caller is no superuser.
    """
    target = next((one for one in caller.service.sessions() if one.pid == pid), None)
    if target is None:
        return False
    owner = target.identity.session_user
    if owner.id != caller.user_id and not caller.identity.current.superuser:
        denied = f"must be superuser to {what} other users' sessions"
        if statement is None:
            raise InsufficientPrivilege(denied)
        caller.service.claims.gate.admit(caller, statement, [Need("CANCEL", "system", denied)])
    caller.service.connection_event(what, pid=pid, user=owner.name, database=target.database, user_id=caller.user_id)
    if what == "cancel":
        target.on_cancel(message)
    else:
        target.on_end()
    return True


def provide_signals(service: Service) -> None:
    """Make the SQL functions, which call back into the process."""

    def signal(request: str) -> str:
        what, caller_pid, pid = request.split(" ")
        caller = next((one for one in service.sessions() if str(one.pid) == caller_pid), None)
        try:
            return str(int(caller is not None and send(caller, cast(Signal, what), int(pid))))
        except InsufficientPrivilege:
            return _DENIED

    service.house.engine.provide(SIGNAL_FUNCTION, signal)
    session = service.house.engine.session()
    try:
        for what in ("cancel", "terminate"):
            request = f"'{what} ' || getvariable('backend_pid') || ' ' || CAST(pid AS VARCHAR)"
            denied = f"error('BH42501|must be superuser to {what} other users'' sessions')"
            session.execute(
                f"CREATE OR REPLACE MACRO memory.rs.pg_{what}_backend(pid) AS (SELECT CASE answer WHEN '{_DENIED}' THEN "
                f"{denied} ELSE CAST(answer AS INTEGER) END FROM (SELECT {SIGNAL_FUNCTION}({request}) AS answer))"
            )
    finally:
        session.close()
