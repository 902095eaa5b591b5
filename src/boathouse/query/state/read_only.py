"""What a READ ONLY transaction refuses: every statement that could change something, temporary tables' rows aside.

Asked by the journey for each statement, and by `plans` for the target of a change. The mode of a block is the parameter
`transaction_read_only`, as in PostgreSQL; a statement outside a block goes by `default_transaction_read_only` and by
`readonly`, which Amazon's JDBC driver sets.

Source: BEGIN in the Redshift guide; what counts as a change from PostgreSQL's SET TRANSACTION.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boathouse.contracts.errors import ActiveTransaction
from boathouse.contracts.relations import Relation
from boathouse.query.claim import WITHOUT_BLOCK
from boathouse.sql import statements as s

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

READING = (
    *WITHOUT_BLOCK, s.Relational, s.DeclareCursor, s.Call, s.SetAuthorization, s.Unload, s.Maintain,
    s.AnalyzeCompression, s.ShowGrants, s.ShowDatabases, s.ShowSchemas, s.ShowTables, s.ShowColumns, s.ShowTable, s.ShowView,
    s.ShowExternalTable, s.ShowProcedure, s.ShowCrawlers, s.ListCopyJobs, s.ShowCopyJob,
)  # fmt: skip
"""Statements that change nothing by themselves; what a CALL runs, and the target of a change, is looked at later."""


def default_is_read_only(session: QuerySession) -> bool:
    """True where blocks begin READ ONLY unless they say otherwise."""
    return session.setting("default_transaction_read_only") == "on" or session.setting("readonly") != "0"


def is_read_only(session: QuerySession) -> bool:
    """True where the statement that runs must not change anything."""
    if session.transaction.in_block:
        return session.setting("transaction_read_only") == "on"
    return default_is_read_only(session)


def refuse_statement(session: QuerySession, statement: s.Statement) -> None:
    """Refuse statements that change something whatever they name.

    Raises:
        ActiveTransaction: in a READ ONLY transaction.
    """
    if not isinstance(statement, READING) and is_read_only(session):
        raise _refusal()


def refuse_target(session: QuerySession, target: Relation | None) -> None:
    """Refuse a change of the rows of anything but a temporary table.

    Raises:
        ActiveTransaction: in a READ ONLY transaction.
    """
    if (target is None or target.kind != "temporary") and is_read_only(session):
        raise _refusal()


def refuse_mode(session: QuerySession, name: str, value: str | None) -> None:
    """Refuse to make a READ ONLY block READ WRITE once it has looked at anything.

    Raises:
        ActiveTransaction: it has.
    """
    transaction = session.transaction
    if name.lower() != "transaction_read_only" or not (transaction.looked and transaction.in_block):
        return
    if is_read_only(session) and (value or "off").lower() not in ("on", "true", "yes", "1"):
        raise ActiveTransaction("transaction read-write mode must be set before any query")


def _refusal() -> ActiveTransaction:
    return ActiveTransaction(
        "transaction is read-only", hint="End it, and begin one that is READ WRITE.", sqlstate="25006"
    )
