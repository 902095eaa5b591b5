"""Questions about privileges: `has_table_privilege([user,] table, privilege)` and its kin as macros of the guard.

Received: the arguments as written. Handed back: a call that also names who is meant, where the user is left out, and the
schemas in which an unqualified name is looked for. Source: Redshift Developer Guide, "System administration functions",
"System information functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.functions import FUNCTIONS
from boathouse.sql.redshift.grammar.routines import read_arguments
from boathouse.sql.rewrites.catalog import references
from boathouse.sql.rewrites.forms import call, literal_text, text
from boathouse.sql.token_reader import TokenReader

Args = Sequence[exp.Expression]


def _asker(args: Args, most: int) -> tuple[exp.Expression, Args]:
    """Who is meant, and the other arguments."""
    if len(args) == most:
        return args[0], args[1:]
    return call("getvariable", exp.Literal.string("current_user_id")), args


def _asked(name: str, most: int) -> Callable[[Args], exp.Expression]:
    def build(args: Args) -> exp.Expression:
        user, rest = _asker(args, most)
        return call(f"rs.{name}", user, *rest)

    return build


def _of_relation(name: str, most: int) -> Callable[[Args], exp.Expression]:
    def build(args: Args) -> exp.Expression:
        user, rest = _asker(args, most)
        relation, *others = rest
        if _is_number(relation):
            place = call("rs.relation_by_oid", relation.copy(), text("system:relation_names"))
        else:
            place = call(
                "rs.relation_by_name", relation.copy(), references.search_path(), text("system:relation_names")
            )
        return call(f"rs.{name}", user, place, relation, *others)

    return build


def _is_number(value: exp.Expression) -> bool:
    found = type_of(value)
    return found.name in ("oid", "smallint", "integer", "bigint") or found.name in t.REFERENCES


def _of_schema(args: Args) -> exp.Expression:
    user, (schema, privilege) = _asker(args, 3)
    place = call("rs.schema_named", schema.copy(), text("system:schemas"))
    return call("rs.has_schema_privilege", user, place, schema, privilege)


def _of_function(args: Args) -> exp.Expression:
    """has_function_privilege([user,] name(types) or number, EXECUTE)."""
    user, (function, privilege) = _asker(args, 3)
    if _is_number(function):
        return call("rs.has_function_privilege_by_oid", user, function, privilege)
    written = literal_text(function)
    if written is None:
        raise FeatureNotSupported("HAS_FUNCTION_PRIVILEGE takes a literal name, or a number")
    reader = TokenReader(written)
    name = reader.name()
    types = [one.type_name for one in read_arguments(reader)]
    if name.schema in (None, "pg_catalog") and name.name in FUNCTIONS:
        return call("rs.may_execute", user, text("built in"), text(""), text(""), privilege)
    place = text(f"{name.name}({', '.join(types)})")
    schema, path = text(name.schema or ""), references.search_path()
    return call("rs.has_function_privilege", user, function, schema, place, path, privilege)


def _has_role(args: Args) -> exp.Expression:
    """pg_has_role([user,] role, privilege): the privilege is MEMBER or USAGE, which are one here."""
    user = args[0] if len(args) == 3 else call("getvariable", exp.Literal.string("current_user_id"))
    return call("rs.has_role", user, args[-2])


PRIVILEGE_BUILDERS: dict[str, Callable[[Args], exp.Expression]] = {
    "has_table_privilege": _of_relation("has_table_privilege", 3),
    "has_any_column_privilege": _of_relation("has_any_column_privilege", 3),
    "has_column_privilege": _of_relation("has_column_privilege", 4),
    "has_schema_privilege": _of_schema,
    "has_function_privilege": _of_function,
    "has_assumerole_privilege": _asked("has_assumerole_privilege", 3),
    "has_database_privilege": _asked("has_database_privilege", 3),
    "has_language_privilege": _asked("has_language_privilege", 3),
    "user_is_member_of": lambda args: call("rs.has_role", *args),
    "role_is_member_of": lambda args: call("rs.role_has_role", *args),
    "pg_has_role": _has_role,
}
