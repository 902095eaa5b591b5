"""A table that the engine is lent once, and whose rows are exchanged.

Lending each chunk by itself would keep all of them: the engine holds what it was lent until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from boathouse.contracts.engine import EngineSession


class Lent:
    """The rows of the moment, under one name."""

    def __init__(self, engine: EngineSession, name: str) -> None:
        self._engine = engine
        self.name = name
        self._table: pa.Table | None = None
        self._is_lent = False

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream interface: asked by the engine at each scan."""
        assert self._table is not None
        return self._table.__arrow_c_stream__(requested_schema)

    @contextmanager
    def holding(self, table: pa.Table) -> Iterator[str]:
        """Show these rows under the name while the block runs."""
        self._table = table
        try:
            if not self._is_lent:
                self._engine.lend(self.name, self)
                self._is_lent = True
            yield self.name
        finally:
            self._table = None

    def end(self) -> None:
        """Take the name back; after a failure the end of the transaction does."""
        if self._is_lent:
            self._engine.take_back(self.name)
            self._is_lent = False
