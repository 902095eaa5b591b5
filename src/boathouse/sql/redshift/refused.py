"""Statements that Redshift knows and we do not: their leading words, for a clear 0A000.

Read by `sql.parse` after every statement that we have has been ruled out.
"""

from __future__ import annotations

from boathouse.sql.token_reader import TokenReader

_CREATED = (
    "function", "library", "model", "datashare", "identity",
    "masking", "rls",
)  # fmt: skip
_ALTERED = (
    "datashare", "identity",
    "masking", "rls", "system", "external", "model",
)  # fmt: skip
_SECOND_WORDS = {"masking": "masking policy", "rls": "rls policy",
                 "identity": "identity provider"}  # fmt: skip
_LEADING: dict[str, str] = {
    "move": "MOVE",
    "savepoint": "SAVEPOINT",
    "release": "RELEASE SAVEPOINT",
    "listen": "LISTEN",
    "notify": "NOTIFY",
    "use": "USE",
    "desc": "DESC",
}

HINTS = dict.fromkeys(
    ("CREATE DATABASE", "ALTER DATABASE", "DROP DATABASE"),
    "A home is one database: use schemas, or serve another home on another port. Names over what integrations capture are made "
    "by CREATE DATABASE … FROM INTEGRATION.",
) | {
    "USE": "Names are written with their database: crm.public.orders is a table of what an integration captures.",
    "DESC": "There are no datashares and no identity providers; SHOW and the SVV_ views tell of the rest.",
    **{
        f"{verb} {what}": hint
        for verb in ("CREATE", "ALTER", "DROP", "ATTACH", "DETACH")
        for what, hint in (
            ("DATASHARE", "There is one house: GRANT opens its tables, UNLOAD FORMAT ICEBERG gives them to others."),
            ("MASKING POLICY", "A view with GRANT on it shows only what it selects."),
            ("RLS POLICY", "A view with GRANT on it shows only the rows that it selects."),
            ("IDENTITY PROVIDER", "CREATE USER makes users of the house's own."),
            ("LIBRARY", "Python functions may import what Python itself brings."),
        )
    },
}
"""What to do instead, by the statement's name."""


def refusal(reader: TokenReader) -> str | None:
    """The statement's name where Redshift knows it, None otherwise; reads nothing."""
    first, second, third = (reader.ahead(index).value for index in range(3))
    if first == "create":
        if second == "or" and third == "replace":
            second = reader.ahead(3).value
        if second in _CREATED:
            return _named("CREATE", second)
        if second == "external" and third in ("function", "view", "model"):
            return f"CREATE EXTERNAL {third.upper()}"
    if first in ("alter", "drop") and second in _ALTERED + _CREATED:
        return _named(first.upper(), second)
    if first in ("alter", "drop", "create") and second == "external":
        return f"{first.upper()} EXTERNAL {third.upper()}"
    if first in ("attach", "detach") and second in ("masking", "rls"):
        return _named(first.upper(), second)
    return _LEADING.get(first)


def _named(verb: str, second: str) -> str:
    return f"{verb} {_SECOND_WORDS.get(second, second).upper()}"
