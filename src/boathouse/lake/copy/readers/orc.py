"""ORC files to rows, stripe by stripe.

Receives a local file; lends each stripe to the engine and hands `load` the query that takes it. Memory is bounded by one
stripe. Source: Redshift Developer Guide, "COPY from columnar data formats".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import LoadFailed
from boathouse.contracts.relations import Column
from boathouse.lake.copy.fetch import FetchedFile
from boathouse.lake.copy.lent import Lent
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.columnar import columnar_query

LENT = "copy_stripe"


def orc_queries(
    engine: EngineSession, file: FetchedFile, columns: Sequence[Column], options: LoadOptions
) -> Iterator[str]:
    """A query for each stripe, good until the next one is asked for.

    Raises:
        LoadFailed: not an ORC file, cut off, or one that does not fit.
    """
    from pyarrow import orc  # not at start: few need it

    try:
        opened = orc.ORCFile(str(file.local))
        stripes = opened.nstripes
    except (pa.ArrowException, OSError) as failure:
        raise LoadFailed(f'"{file.name}" is not a whole ORC file') from failure
    lent = Lent(engine, LENT)
    for number in range(stripes):
        try:
            stripe = pa.Table.from_batches([opened.read_stripe(number)])
        except (pa.ArrowException, OSError) as failure:
            raise LoadFailed(f'"{file.name}": stripe {number + 1} of {stripes} cannot be read') from failure
        with lent.holding(stripe):
            found = engine.describe(f"SELECT * FROM {LENT}")
            yield columnar_query(engine, LENT, found, file.name, columns, options)
    lent.end()
