"""Where an error stands: positions of a statement inside another one, moved to the text that the client sent.

Received from the handlers of EXPLAIN, PREPARE, CREATE … AS: errors whose position counts in the inner statement's text.
Handed on to the endpoint: the same errors, their position counting in the outer one's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from boathouse.contracts.errors import BoathouseError
from boathouse.sql.statements import Statement


@contextmanager
def inside(outer: Statement, inner: Statement | None) -> Iterator[None]:
    """Move the position of an error that leaves this block; None: the inner text was sent long ago, so it has none."""
    try:
        yield
    except BoathouseError as failure:
        if inner is None:
            failure.position = None
        elif failure.position is not None:
            failure.position += inner.offset - outer.offset
        raise
