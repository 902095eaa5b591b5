"""`boathouse crawl`: find the tables in a place and put them into an external database, from the command line.

Received: a home or a connection string, places and a database. A crawler is made, run and dropped again through the same
door as any client's, in one transaction; its table of results goes to the reader.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence

from boathouse.app.shell import Console, connected


def crawl(target: str, places: Sequence[str], database: str, prefix: str, secret: str | None) -> int:
    """Crawl; returns 0, or 1 where a statement failed, and then nothing has changed."""
    # The same crawl has the same name every time: what an earlier one made is its own.
    name = "crawl_" + hashlib.sha256(repr((sorted(places), database, prefix)).encode()).hexdigest()[:12]
    targets = ", ".join(_literal(place) for place in places)
    make = f"CREATE CRAWLER {name} DATABASE {_literal(database)} TARGETS ({targets})"
    if prefix:
        make += f" TABLE PREFIX {_literal(prefix)}"
    if secret is not None:
        make += f" SECRET {_literal(secret)}"
    with connected(target) as connection:
        console = Console(connection, timing=False)
        print(f"crawling {', '.join(places)} …", file=sys.stderr, flush=True)
        if not console.run(f"BEGIN; {make}", quiet=True):
            return 1
        if not console.run(f"START CRAWLER {name}"):
            return 1
        return 0 if console.run(f"DROP CRAWLER {name}; COMMIT", quiet=True) else 1


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
