"""Who a session is: the user that logged in, the one that SET SESSION AUTHORIZATION chose, the one who acts now.

Held by the session. What the engine's SQL reads as `getvariable('user_id')` is always whoever acts now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.users import User


class Identity:
    """One session's users.

    Args:
        engine: the session's engine session.
        user: as authenticated.
        changed: told the new session user.
    """

    def __init__(self, engine: EngineSession, user: User, changed: Callable[[User], None]) -> None:
        self._engine = engine
        self.login = user
        self.session_user = user
        self.current = user
        self._changed = changed
        self._saved: User | None = None
        self._local = False
        self._acting = 0
        self._tell()

    def authorize(self, user: User, *, local: bool = False) -> None:
        """SET SESSION AUTHORIZATION; LOCAL lasts until the transaction ends."""
        self._local = local
        self._become(user)

    @property
    def is_acting(self) -> bool:
        """True while somebody else acts, by `acting`."""
        return self._acting > 0

    @contextmanager
    def acting(self, user: User) -> Iterator[None]:
        """Act as another user, as a procedure with its owner's rights does; the session user stays."""
        before = self.current
        self.current = user
        self._acting += 1
        self._tell()
        try:
            yield
        finally:
            self._acting -= 1
            self.current = before
            self._tell()

    def begin(self) -> None:
        """A transaction begins: a rollback takes the session back to who it is now."""
        self._saved = self.session_user

    def end(self, *, committed: bool) -> None:
        """The transaction has ended."""
        if self._saved is not None and (self._local or not committed) and self._saved != self.session_user:
            self._become(self._saved)
        self._saved = None
        self._local = False

    def _become(self, user: User) -> None:
        self.session_user = self.current = user
        self._tell()
        self._changed(user)

    def _tell(self) -> None:
        self._engine.execute(f"SET VARIABLE user_id = {self.current.id}::INTEGER")
