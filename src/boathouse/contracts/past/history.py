"""Commits of a warehouse that keeps them, as the rooms above the engine see them: which there are, and what a table was then."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from boathouse.contracts.relations import Relation, StoredFiles

if TYPE_CHECKING:
    from boathouse.contracts.engine import EngineSession


class History(Protocol):
    """What the warehouse knows of its tables as they were at each commit."""

    def commit_at(self, session: EngineSession, moment: datetime | int) -> int:
        """The commit that was the newest at a moment, or that has a number.

        Args:
            session: whose open transaction, where there is one, sees no later commit.
            moment: with a zone; or a number.

        Raises:
            InvalidParameterValue: it has not come yet. ObjectNotInPrerequisiteState: it is not kept any more.
        """
        ...

    def relation_at(self, session: EngineSession, relation: Relation, commit: int) -> Relation:
        """A table of now with the columns that it had at a commit, and a `Past`.

        Raises:
            UndefinedTable: it was not there then.
        """
        ...

    def newest(self, session: EngineSession) -> int:
        """The number of the newest commit that the session sees."""
        ...

    def changes(self, session: EngineSession, tables: Collection[str]) -> Callable[[], bool]:
        """Tells, call by call, whether rows of these bookkeeping tables may be others than at the call before; the first time
        True. Costs less than to read them.

        Args:
            session: asks; it has no transaction open at a call.
        """
        ...

    def turn(self, patience: float = math.inf) -> AbstractContextManager[None]:
        """Around a transaction that changes rows of bookkeeping tables: on this server one after the other, as two that change
        rows of one table at the same time conflict, whichever rows they are. A thread may be in it again.

        Args:
            patience: seconds after which to go on without the turn.
        """
        ...

    def files_at(self, session: EngineSession, relation: Relation, commit: int) -> StoredFiles | None:
        """The files of a table at a commit; None where another engine could not read them by themselves."""
        ...

    def crowded(self, session: EngineSession) -> Sequence[tuple[str, str]]:
        """(schema, name) of the tables whose rows are in many small files, or beside many that have been removed, and that
        nobody has just changed.
        """
        ...

    def gather(self, session: EngineSession, place: tuple[str, str] | None) -> None:
        """Write such files of a table, or of all, anew as few. Readers go on with what they have.

        Raises:
            SerializationFailure: by the commit of the transaction, where rows of the table were changed meanwhile.
        """
        ...

    def forget(self, session: EngineSession) -> tuple[int, int]:
        """Let go the commits that are older than is asked for, but for those that snapshots name or open transactions began
        from, and remove files that none is left to need, and those that a crash left.

        Returns:
            How many commits, and how many files.
        """
        ...
