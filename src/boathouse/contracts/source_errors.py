"""Errors of databases that are captured, and of the one with a lake's catalog; a branch of the tree in `contracts.errors`."""

from __future__ import annotations

from boathouse.contracts.errors import BoathouseError, InputError, Remedy


def told(failure: BoathouseError) -> str:
    """What has happened, and what to do about it, as the state of a capture says it."""
    return ". ".join(filter(None, (failure.message, failure.hint)))


class SourceRefused(InputError):
    """A database that is captured lacks something that its owner must mend; the hint has the SQL where there is some."""

    sqlstate = "55000"
    hint = "Mend that at the source, then ALTER INTEGRATION … RESUME."


class SourceGap(SourceRefused):
    """The log no longer reaches back to where the capture stands: nothing more may be taken from it before a new dump."""

    hint = "Drop the integration and create it again: the tables are dumped anew."


class SourceUnavailable(BoathouseError):
    """The captured database cannot be reached, or ended the connection; the capture tries again by itself."""

    sqlstate = "08006"
    remedy: Remedy = "retry"


class OutputUnavailable(BoathouseError):
    """A place that captured changes go to cannot be written; the capture waits for it and tries again by itself."""

    sqlstate = "58030"
    remedy: Remedy = "retry"


class StateUnavailable(BoathouseError):
    """Where a capture keeps its state, or its lease, cannot be reached; it tries again by itself."""

    sqlstate = "08006"
    remedy: Remedy = "retry"


class Fenced(BoathouseError):
    """A later writer of the same capture has taken over; this one must stop."""

    sqlstate = "55006"
    remedy: Remedy = "retry"


class WarehouseUnavailable(BoathouseError):
    """The database that holds a lake's catalog cannot be reached, or went away."""

    sqlstate = "08006"
    remedy: Remedy = "retry"
    hint = "Run it again once that database answers; the house connects again by itself."


class TransactionUnresolved(WarehouseUnavailable):
    """That database went away while a transaction was being committed: it is kept whole or not at all, nobody can tell which."""

    sqlstate = "08007"
    remedy: Remedy = "mend"
    hint = "Look whether it is there before you run it again."
