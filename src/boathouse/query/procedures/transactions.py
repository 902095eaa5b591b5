"""The transactions of one outermost CALL: COMMIT, ROLLBACK, TRUNCATE, NONATOMIC, and what an error does to them.

Source: Redshift Developer Guide, "Managing transactions", "Trapping errors".
"""

from __future__ import annotations

from boathouse.contracts.errors import BoathouseError, ObjectNotInPrerequisiteState
from boathouse.query.procedures.frame import Frame
from boathouse.query.session import QuerySession
from boathouse.sql.plpgsql import nodes as n

_HINT = (
    "Try calling the procedure as a top-level call i.e. not from within an explicit transaction block. "
    "Or, if this procedure (or one of its ancestors in the call chain) was created with SET config options, "
    "recreate the procedure without them."
)


class Transactions:
    """See the module.

    Args:
        session: whose transaction it is.
    """

    def __init__(self, session: QuerySession) -> None:
        self._session = session
        self.bound = 0
        """Procedures in the chain of calls whose SET forbids that transactions end."""

    @property
    def _own(self) -> bool:
        return self._session.transaction.in_call

    def enter(self, *, wants_nonatomic: bool, caller: Frame | None) -> bool:
        """A procedure begins; True where each of its statements shall commit by itself."""
        free = self._own and (caller is None or (caller.nonatomic and not caller.in_started))
        nonatomic = wants_nonatomic and free
        if not nonatomic:
            self._session.transaction.open_inside()
        return nonatomic

    def leave(self, frame: Frame, caller: Frame | None) -> None:
        """A procedure has ended; called by a NONATOMIC one it is a statement that commits."""
        if frame.in_started:
            raise ObjectNotInPrerequisiteState(
                "the procedure ended inside the transaction that its START TRANSACTION began",
                hint="End it with COMMIT or ROLLBACK.",
                sqlstate="2D000",
            )
        if caller is not None and caller.nonatomic and not caller.in_started and not frame.nonatomic:
            self._session.transaction.end_inside(committed=True)

    def after_statement(self, frame: Frame, node: n.Node) -> None:
        """NONATOMIC: what the statement did is committed."""
        if frame.nonatomic and not frame.in_started and isinstance(node, n.Statement | n.Execute):
            self._commit()

    def end(self, frame: Frame, word: str) -> None:
        """COMMIT or ROLLBACK.

        Raises:
            ObjectNotInPrerequisiteState: 2D000, the transaction is not the procedure's own.
        """
        self.require_own(word)
        self._session.transaction.end_inside(committed=word == "COMMIT")
        frame.in_started = False
        if not frame.nonatomic:
            self._session.transaction.open_inside()

    def require_own(self, word: str) -> None:
        """Refuse to end somebody else's transaction."""
        if not self._own or self.bound:
            raise ObjectNotInPrerequisiteState(
                f"{word} cannot be invoked from a procedure that is executing in an atomic context.",
                hint=_HINT,
                sqlstate="2D000",
            )

    def start(self, frame: Frame) -> None:
        """START TRANSACTION."""
        if not frame.nonatomic:
            raise ObjectNotInPrerequisiteState(
                "START TRANSACTION is allowed only in NONATOMIC procedures",
                hint="A procedure is a transaction already; COMMIT begins the next one.",
                sqlstate="2D000",
            )
        if frame.in_started:
            raise ObjectNotInPrerequisiteState("there is already a transaction in progress", sqlstate="25001")
        self._session.transaction.open_inside()
        frame.in_started = True

    def truncated(self, frame: Frame) -> None:
        """TRUNCATE commits at once."""
        self.end(frame, "COMMIT")

    def before_handler(self, frame: Frame) -> None:
        """An error was caught: what the transaction did is undone, and a new one begins for the handler."""
        transaction = self._session.transaction
        transaction.fail()
        transaction.revive()
        frame.in_started = False
        if not frame.nonatomic:
            transaction.open_inside()

    def after_handler(self, frame: Frame) -> None:
        """The handler of an atomic procedure is done: what it did stays, whatever becomes of the error."""
        self._commit()

    def _commit(self) -> None:
        try:
            self._session.transaction.end_inside(committed=True)
        except BoathouseError:
            self._session.transaction.fail()
            raise
