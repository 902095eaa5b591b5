"""Rows of a further engine, taken up by the house's own: what a statement does with a query's rows beside reading them.

Received: SQL over a query (sorted by the keys of partitions, looked through before they are written) and the query's rows from
elsewhere. Handed on: the rows of that SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from boathouse.contracts.answers import Rows
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.types import arrow_type

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

_NAME = "elsewhere_rows"


class _Lent:
    """Rows as Arrow's C stream; `failure` is what ended them, which the engine would tell as a text."""

    def __init__(self, rows: Rows) -> None:
        names = [f"c{place}" for place in range(len(rows.fields))]
        types = [arrow_type(field.type) for field in rows.fields]
        self._schema = pa.schema(list(zip(names, types, strict=True)))
        self._rows = rows
        self.failure: BoathouseError | None = None

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream interface."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self._batches())
        return reader.__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._rows.batches:
                yield pa.RecordBatch.from_arrays(batch.columns, schema=self._schema)
        except BoathouseError as failure:
            self.failure = failure
            raise


def over(session: QuerySession, query: str, sql: str, rows: Rows) -> Rows:
    """The rows of SQL over a query, whose own rows come from elsewhere.

    Args:
        query: the text that stands in `sql` for those rows, in parentheses.
    """
    lent = _Lent(rows)
    session.engine.lend(_NAME, lent)
    try:
        made = session.engine.query(sql.replace(f"({query})", f"(SELECT * FROM {_NAME})", 1), (), rows.fields)
    except BoathouseError:
        _end(session, rows)
        if lent.failure is not None:
            raise lent.failure from None
        raise
    return replace(made, batches=_pulled(session, made, lent, rows))


def _pulled(session: QuerySession, made: Rows, lent: _Lent, rows: Rows) -> Iterator[pa.RecordBatch]:
    try:
        yield from made.batches
    except BoathouseError:
        if lent.failure is not None:
            raise lent.failure from None
        raise
    finally:
        made.batches.close()  # type: ignore[attr-defined]
        _end(session, rows)


def _end(session: QuerySession, rows: Rows) -> None:
    session.engine.take_back(_NAME)
    rows.batches.close()  # type: ignore[attr-defined]
