"""CREATE, ALTER and DROP INTEGRATION: our own statements, in the words of Redshift's zero-ETL integrations."""

from __future__ import annotations

from boathouse.sql.statements import AlterIntegration, CreateIntegration, DropIntegration
from boathouse.sql.token_reader import TokenReader


def read_create_integration(reader: TokenReader) -> CreateIntegration:
    """CREATE INTEGRATION name FROM {POSTGRES | MYSQL} SECRET 'secret' [TABLES (schema.table, …)] [INTO SCHEMA schema]."""
    reader.expect("create", "integration")
    name = reader.identifier("an integration's name")
    reader.expect("from")
    kind = reader.accept_any("postgres", "mysql")
    if kind is None:
        reader.refuse("an integration FROM anything but POSTGRES and MYSQL")
    reader.expect("secret")
    secret = reader.string("a secret's name")
    tables, target = None, None
    if reader.accept("tables"):
        reader.expect("(")
        found = [_table(reader)]
        while reader.accept(","):
            found.append(_table(reader))
        reader.expect(")")
        tables = tuple(found)
    if reader.accept("into"):
        reader.expect("schema")
        target = reader.identifier("a schema's name")
    reader.finish()
    return CreateIntegration(
        text=reader.text, offset=reader.offset, name=name, kind=kind, secret=secret, tables=tables, target=target
    )


def read_alter_integration(reader: TokenReader) -> AlterIntegration:
    """ALTER INTEGRATION name PAUSE | RESUME | DUMP ALL | DUMP TABLE schema.table."""
    reader.expect("alter", "integration")
    name = reader.identifier("an integration's name")
    action = reader.expect_any("pause", "resume", "dump")
    table = None
    if action == "dump" and reader.expect_any("all", "table") == "table":
        table = _table(reader)
        if reader.sees("keys"):
            reader.refuse("a dump of single keys")
    reader.finish()
    return AlterIntegration(text=reader.text, offset=reader.offset, name=name, action=action, table=table)  # type: ignore[arg-type]


def read_drop_integration(reader: TokenReader) -> DropIntegration:
    """DROP INTEGRATION name."""
    reader.expect("drop", "integration")
    name = reader.identifier("an integration's name")
    reader.finish()
    return DropIntegration(text=reader.text, offset=reader.offset, name=name)


def _table(reader: TokenReader) -> tuple[str, str]:
    """A table of the source, always with its schema; quoted names in its own spelling."""
    schema = _spelling(reader)
    reader.expect(".")
    return schema, _spelling(reader)


def _spelling(reader: TokenReader) -> str:
    token = reader.token
    name = reader.identifier("a table of the source as schema.table")
    return token.value if token.kind == "quoted" else name
