"""A session whose statements go to a database behind this house: the same users, queues, log and cancels around them.

Made by the service where a client asks for such a database by name; the endpoint talks to its `passage`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from boathouse.contracts.answers import Notice
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.upstream import Upstream
from boathouse.contracts.users import User
from boathouse.query.passing.admit import way_in
from boathouse.query.passing.passage import Passage
from boathouse.query.session import QuerySession
from boathouse.sql.statements import PassOn

if TYPE_CHECKING:
    from boathouse.query.service import Service


class PassingSession(QuerySession):
    """See `QuerySession`.

    Args:
        upstream: where its statements go.
    """

    def __init__(
        self,
        service: Service,
        upstream: Upstream,
        user: User,
        pid: int,
        on_notice: Callable[[Notice], None],
    ) -> None:
        # What the other side reports of its settings reaches the client as it is: nothing is reported from here.
        super().__init__(service, user, service.database, pid, on_notice, lambda name, value: None)
        self.upstream = upstream
        self.observed.facts.database = upstream.name
        self.is_unread = False
        """True once something has passed unread: what names mean over there is not known any more."""

    def connect(self, parameters: Mapping[str, str]) -> None:
        """Open the session over there.

        Raises:
            InsufficientPrivilege: this user may not. RemoteDatabaseUnavailable, RemoteDatabaseError, TooManyConnections.
        """
        parameters = way_in(self, self.upstream.name, parameters)
        self.passage = Passage(self, self.upstream, self.upstream.open(parameters))
        self.running.interrupt_also(self.passage.link.cancel)

    @property
    def status(self) -> Literal["I", "T", "E"]:
        """As the other side said last."""
        return "I" if self.passage is None else self.passage.status

    def settings_to_report(self) -> dict[str, str]:
        """Those that the other side reported."""
        return {} if self.passage is None else dict(self.passage.link.parameters)

    def require(self, statement: PassOn) -> None:
        """Raise InsufficientPrivilege where its user may not: to be asked before it is prepared."""
        try:
            self.service.claims.admit(self, statement)
        except BoathouseError as failure:
            self.observed.refused(statement.text, failure, statement)
            raise

    def close(self) -> None:
        """See `QuerySession.close`."""
        if self.passage is not None:
            self.passage.close()
        super().close()
