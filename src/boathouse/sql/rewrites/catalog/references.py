"""regclass and its like: oids that are written and shown by name.

Received from `casts` and the target: a value and the reference type it has or shall have. Handed back: calls of macros
that look the name up among what the catalog lends the session; their last argument says which relation that is, and
`query` sees it there.

Source: PostgreSQL "Object Identifier Types".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.types import parse_type
from boathouse.sql.rewrites.forms import call, cast, literal_text, number, text

_KINDS: dict[str, tuple[str, str]] = {
    "regclass": ("regclass", "relation_names"),
    "regnamespace": ("regnamespace", "schemas"),
    "regrole": ("regrole", "owners"),
    "regtype": ("regtype", "type_rows"),
    "regproc": ("regproc", "pg_proc"),
    "regprocedure": ("regproc", "pg_proc"),
    "regoper": ("regoper", "pg_operator"),
    "regoperator": ("regoper", "pg_operator"),
}
"""What macros are called, and what they read."""


def from_text(value: exp.Expression, wanted: SqlType) -> exp.Expression:
    """A name, or a number in digits, as the oid that it stands for; an error where there is none."""
    literal = literal_text(value)
    if literal is not None and literal.isdigit():
        return cast(number(int(literal)), wanted)
    if wanted == t.REGTYPE and literal is not None and (oid := _type_oid(literal)):
        return cast(number(oid), wanted)
    macro, reads = _KINDS[wanted.name]
    return call(f"rs.to_{macro}", value, *_context(macro, reads), of=wanted)


def to_text(value: exp.Expression) -> exp.Expression:
    """The name of what an oid stands for; its digits where there is nothing."""
    macro, reads = _KINDS[type_of(value).name]
    return call(f"rs.{macro}_name", value, *_context(macro, reads), of=t.VARCHAR)


def shown(value: exp.Expression, of: SqlType) -> exp.Expression:
    """The value as it leaves: the oid for one format, the name for the other."""
    macro, reads = _KINDS[of.name]
    name = call(f"rs.{macro}_name", value.copy(), *_context(macro, reads))
    return call("rs.reference", value, name)


def _context(macro: str, reads: str) -> tuple[exp.Expression, ...]:
    lent = text(f"system:{reads}")
    return (search_path(), lent) if macro == "regclass" else (lent,)


def search_path() -> exp.Expression:
    """The schemas that the session looks through, as one text."""
    return call("getvariable", text("current_schemas"))


def _type_oid(name: str) -> int:
    try:
        return parse_type(name).oid
    except BoathouseError:
        return 0
