"""Few files for the many that a capture's commits leave in a lake.

Told by the warehouse's output which tables each commit wrote. The capture gathers them itself, between two of its commits: it is
the one that writes them, so nothing conflicts, where upkeep beside it would lose to the next commit, or the commit to it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House

log = logging.getLogger(__name__)

COMMITS_MAX = 50
"""Of one table, each a file or two; half of what makes upkeep impatient."""


class Gathered:
    """See the module.

    Args:
        schema: of the tables.
    """

    def __init__(self, house: House, schema: str) -> None:
        self._house, self._schema = house, schema
        self._commits: Counter[str] = Counter()

    def committed(self, tables: Iterable[str]) -> None:
        """A commit wrote these; those that have had many are gathered. One that somebody changes beside it waits."""
        history = self._house.engine.history
        if history is None:
            return
        self._commits.update(tables)
        for table in [name for name, count in self._commits.items() if count >= COMMITS_MAX]:
            self._commits[table] = 0
            engine = self._house.engine.session()
            try:
                engine.begin()
                history.gather(engine, (self._schema, table))
                engine.commit()
            except BoathouseError as failure:
                log.warning("the files of %s.%s are not gathered: %s", self._schema, table, failure.message)
                if engine.in_transaction:  # a COMMIT that failed has ended it
                    engine.rollback()
            finally:
                engine.close()
