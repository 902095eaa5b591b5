"""What users ask of integrations from elsewhere than SQL, as the statements that say the same.

Received from the command line and from HTTP; the texts go through the same door as any client's.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.redshift.types import quoted
from boathouse.sql.targets.ddl_columns import text_literal


def integration_statement(action: str, integration: str) -> str:
    """The statement that pauses or resumes an integration."""
    return f"ALTER INTEGRATION {quoted(integration)} {action.upper()}"


def dump_statement(action: str, integration: str, table: str | None, keys: Sequence[Sequence[str]]) -> str:
    """The statement that begins (`dump`), pauses, resumes or stops dumps.

    Args:
        table: as schema.name, in the source's spelling; None for all.
        keys: for `dump`, the rows' keys, as texts.

    Raises:
        InvalidParameterValue: keys of no table, or a table without a schema.
    """
    where = "" if table is None else f" TABLE {'.'.join(quoted(part) for part in table_path(table))}"
    name = f"ALTER INTEGRATION {quoted(integration)}"
    if action != "dump":
        return f"{name} {action.upper()} DUMP{where}"
    if not keys:
        return f"{name} DUMP{where or ' ALL'}"
    if table is None:
        raise InvalidParameterValue("keys are of a table: say of which")
    return f"{name} DUMP{where} KEYS ({', '.join('(' + ', '.join(map(text_literal, key)) + ')' for key in keys)})"


def pace_statement(integration: str, chunk_rows: int | None, chunk_pause: float | None) -> str:
    """The statement that sets the size of chunks and the seconds between two. Raises InvalidParameterValue: neither is given."""
    options = {"CHUNK_ROWS": chunk_rows, "CHUNK_PAUSE_SECONDS": chunk_pause}
    given = ", ".join(f"{option} = {value}" for option, value in options.items() if value is not None)
    if not given:
        raise InvalidParameterValue("neither the rows of a chunk nor the pause between two is given")
    return f"ALTER INTEGRATION {quoted(integration)} SET {given}"


def table_path(table: str) -> tuple[str, str]:
    """(schema, name) of a table. Raises InvalidParameterValue."""
    schema, dot, name = table.partition(".")
    if not dot:
        raise InvalidParameterValue(f'"{table}" is no schema.table')
    return schema, name
