"""What the engine cannot store of a table or column, kept as JSON in the engine's own COMMENT.

The engine carries comments through renames, rolls them back with the transaction and drops them with the table, so
the declared types, encodings, keys and the user's comments can never part from what they describe. Written by the
DDL target, read by the engine's catalog.
"""

from __future__ import annotations

import json
from typing import Any


def write_note(**facts: object) -> str:
    """The note's text; facts that are None, False, 0 or empty are left out.

    Column facts: `type` (`character varying(20)`, as `str(SqlType)`), `insensitive` (its collation), `encode`, `distkey`,
    `sortkey` (1-based), `default` (Redshift text), `identity` ([seed, step]), `identity_by_default`, `comment`. Table
    facts: `oid`, `diststyle`, `sortstyle`, `backup`, `constraints`,
    `constraint_comments` (by name), `owner`, `comment`. View facts: `oid`, `query` (Redshift text),
    `search_path`, `case_sensitive`, `late_binding`, `named` (its columns have names of their own), `depends`
    ([schema, name] pairs), `owner`, `comment`. Materialized views are tables with both kinds of facts, `materialized`,
    `external` and `auto_refresh`.
    """
    return json.dumps({name: fact for name, fact in facts.items() if fact}, ensure_ascii=False, sort_keys=True)


def read_note(text: str | None) -> dict[str, Any]:
    """The facts of a note; a comment that is no note of ours counts as the user's comment."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {"comment": text}
    return found if isinstance(found, dict) else {"comment": text}
