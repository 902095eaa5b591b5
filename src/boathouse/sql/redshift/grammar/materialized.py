"""CREATE, REFRESH and ALTER MATERIALIZED VIEW.

Source: Redshift Developer Guide, "CREATE MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW", "ALTER MATERIALIZED VIEW".
"""

from __future__ import annotations

from boathouse.sql.redshift.grammar.columns import AttributeDraft, read_table_attribute
from boathouse.sql.redshift.grammar.queries import read_select
from boathouse.sql.statements import AlterMaterializedView, CreateMaterializedView, RefreshMaterializedView
from boathouse.sql.token_reader import TokenReader


def read_create_materialized(reader: TokenReader) -> CreateMaterializedView:
    """CREATE MATERIALIZED VIEW name [attributes] [AUTO REFRESH {YES | NO}] AS query."""
    reader.expect("create", "materialized", "view")
    name = reader.name()
    if reader.sees("("):
        reader.fail(hint="A materialized view takes its column names from its query.")
    draft = AttributeDraft()
    auto_refresh = False
    while not reader.sees("as"):
        if reader.accept("auto", "refresh"):
            auto_refresh = reader.expect_any("yes", "no") == "yes"
        elif not read_table_attribute(reader, draft):
            reader.fail()
    reader.expect("as")
    query = read_select(reader)
    return CreateMaterializedView(
        text=reader.text,
        offset=reader.offset,
        name=name,
        query=query,
        attributes=draft.found,
        auto_refresh=auto_refresh,
    )


def read_refresh(reader: TokenReader) -> RefreshMaterializedView:
    """REFRESH MATERIALIZED VIEW name [RESTRICT | CASCADE]."""
    reader.expect("refresh", "materialized", "view")
    name = reader.name()
    cascade = reader.accept_any("restrict", "cascade") == "cascade"
    reader.finish()
    return RefreshMaterializedView(text=reader.text, offset=reader.offset, name=name, cascade=cascade)


def read_alter_materialized(reader: TokenReader) -> AlterMaterializedView:
    """ALTER MATERIALIZED VIEW name {AUTO REFRESH {YES | NO} | OWNER TO user}."""
    reader.expect("alter", "materialized", "view")
    name = reader.name()
    auto_refresh: bool | None = None
    owner: str | None = None
    if reader.accept("auto", "refresh"):
        auto_refresh = reader.expect_any("yes", "no") == "yes"
    elif reader.accept("owner"):
        reader.expect("to")
        owner = reader.identifier("a user")
    elif reader.sees_any("row", "alter", "rename", "attach", "detach"):
        reader.refuse(f"ALTER MATERIALIZED VIEW ... {reader.token.value.upper()}")
    else:
        reader.fail(hint="Expected AUTO REFRESH or OWNER TO.")
    reader.finish()
    return AlterMaterializedView(
        text=reader.text, offset=reader.offset, name=name, auto_refresh=auto_refresh, owner=owner
    )
