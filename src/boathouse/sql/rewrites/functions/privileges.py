"""Questions about privileges: `has_table_privilege([user,] table, privilege)` and its kin as macros of the guard.

Received: the arguments as written. Handed back: a call that also names who is meant, where the user is left out, and the
schemas in which an unqualified table is looked for. Source: Redshift Developer Guide, "System administration functions",
"System information functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.sql.rewrites.forms import call

Args = Sequence[exp.Expression]


def _asked(name: str, most: int, *, with_path: bool = False) -> Callable[[Args], exp.Expression]:
    def build(args: Args) -> exp.Expression:
        user = [] if len(args) == most else [call("getvariable", exp.Literal.string("current_user_id"))]
        path = [call("getvariable", exp.Literal.string("current_schemas"))] if with_path else []
        return call(f"rs.{name}", *user, *args, *path)

    return build


def _has_role(args: Args) -> exp.Expression:
    """pg_has_role([user,] role, privilege): the privilege is MEMBER or USAGE, which are one here."""
    user = args[0] if len(args) == 3 else call("getvariable", exp.Literal.string("current_user_id"))
    return call("rs.has_role", user, args[-2])


PRIVILEGE_BUILDERS: dict[str, Callable[[Args], exp.Expression]] = {
    "has_table_privilege": _asked("has_table_privilege", 3, with_path=True),
    "has_any_column_privilege": _asked("has_any_column_privilege", 3, with_path=True),
    "has_column_privilege": _asked("has_column_privilege", 4, with_path=True),
    "has_schema_privilege": _asked("has_schema_privilege", 3),
    "has_database_privilege": _asked("has_database_privilege", 3),
    "has_language_privilege": _asked("has_language_privilege", 3),
    "user_is_member_of": lambda args: call("rs.has_role", *args),
    "role_is_member_of": lambda args: call("rs.role_has_role", *args),
    "pg_has_role": _has_role,
}
