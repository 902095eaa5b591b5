"""CREATE, ALTER and DROP INTEGRATION: our own statements, in the words of Redshift's zero-ETL integrations."""

from __future__ import annotations

from boathouse.sql.statements import AlterIntegration, CreateIntegration, DropIntegration
from boathouse.sql.token_reader import TokenReader

_KEYS_MAX = 10_000


def read_create_integration(reader: TokenReader) -> CreateIntegration:
    """CREATE INTEGRATION name FROM kind SECRET 'secret' [TABLES (schema.table, …)] [INTO SCHEMA schema]
    [SET HISTORY_MODE = {TRUE | FALSE} [FOR TABLES (schema.table, …)]].
    """
    reader.expect("create", "integration")
    name = reader.identifier("an integration's name")
    reader.expect("from")
    kind = reader.identifier("a kind of source")
    reader.expect("secret")
    secret = reader.string("a secret's name")
    tables = _tables(reader, patterns=True) if reader.accept("tables") else None
    target = None
    if reader.accept("into"):
        reader.expect("schema")
        target = reader.identifier("a schema's name")
    history = _history(reader) if reader.accept("set") else None
    reader.finish()
    return CreateIntegration(
        text=reader.text, offset=reader.offset, name=name, kind=kind, secret=secret, tables=tables, target=target,
        history=history,
    )  # fmt: skip


def read_alter_integration(reader: TokenReader) -> AlterIntegration:
    """ALTER INTEGRATION name, and one of
    PAUSE | RESUME | DUMP ALL | DUMP TABLE schema.table [KEYS (key, …)] | {PAUSE | RESUME | STOP} DUMP [TABLE schema.table] |
    SET {CHUNK_ROWS = rows | CHUNK_PAUSE_SECONDS = seconds} [, …] |
    ADD OUTPUT name TO 'place' [FORMAT format] [SECRET 'secret'] [ON FAILURE {BLOCK | PARK | DROP}]
    [SET option = value, …] | DROP OUTPUT name |
    SET TABLES {ALL | (schema.table, …)} | {ADD | DROP} TABLES (schema.table, …).
    """
    reader.expect("alter", "integration")
    name = reader.identifier("an integration's name")
    if any(reader.sees(verb, "tables") for verb in ("set", "add", "drop")):
        return _alter_tables(reader, name)
    if reader.sees_any("add", "drop"):
        return _alter_output(reader, name)
    action = reader.expect_any("pause", "resume", "dump", "stop", "set")
    table, keys, chunk_rows, pause_seconds = None, None, None, None
    if action == "dump":
        if reader.expect_any("all", "table") == "table":
            table = _table(reader)
            keys = _keys(reader) if reader.accept("keys") else None
    elif action == "set":
        chunk_rows, pause_seconds = _pace(reader)
    elif reader.accept("dump"):
        action += "_dump"
        table = _table(reader) if reader.accept("table") else None
    elif action == "stop":
        reader.fail(hint="Expected DUMP.")
    reader.finish()
    return AlterIntegration(
        text=reader.text, offset=reader.offset, name=name, action=action,  # type: ignore[arg-type]
        table=table, keys=keys, chunk_rows=chunk_rows, pause_seconds=pause_seconds,
    )  # fmt: skip


def _alter_tables(reader: TokenReader, name: str) -> AlterIntegration:
    verb = reader.next().value
    reader.expect("tables")
    is_all = verb == "set" and reader.accept("all")
    tables = None if is_all else _tables(reader, patterns=True)
    reader.finish()
    return AlterIntegration(
        text=reader.text, offset=reader.offset, name=name, action=f"{verb}_tables", tables=tables,  # type: ignore[arg-type]
    )  # fmt: skip


def _alter_output(reader: TokenReader, name: str) -> AlterIntegration:
    verb = reader.expect_any("add", "drop")
    reader.expect("output")
    output = reader.identifier("an output's name")
    place, kind, secret, on_failure = None, "", "", "block"
    options: tuple[tuple[str, int | float | bool | str], ...] = ()
    if verb == "add":
        reader.expect("to")
        place = reader.string("a place")
        kind = reader.identifier("a format") if reader.accept("format") else ""
        secret = reader.string("a secret's name") if reader.accept("secret") else ""
        if reader.accept("on"):
            reader.expect("failure")
            on_failure = reader.expect_any("block", "park", "drop")
        options = _options(reader) if reader.accept("set") else ()
    reader.finish()
    return AlterIntegration(
        text=reader.text, offset=reader.offset, name=name, action=f"{verb}_output",  # type: ignore[arg-type]
        output=output, place=place, format=kind, on_failure=on_failure, output_secret=secret,  # type: ignore[arg-type]
        options=options,
    )  # fmt: skip


def _options(reader: TokenReader) -> tuple[tuple[str, int | float | bool | str], ...]:
    """`option = value, …`: numbers, texts, TRUE and FALSE; which there are, the output says."""
    found: list[tuple[str, int | float | bool | str]] = []
    while True:
        name = reader.identifier("an option")
        reader.expect("=")
        found.append((name, _option(reader)))
        if not reader.accept(","):
            return tuple(found)


def _option(reader: TokenReader) -> int | float | bool | str:
    word = reader.accept_any("true", "false")
    if word is not None:
        return word == "true"
    if reader.token.kind not in ("number", "string"):
        reader.fail(hint="Expected a number, a quoted string, TRUE or FALSE.")
    token = reader.next()
    if token.kind == "string":
        return token.value
    return int(token.value) if token.value.isdigit() else float(token.value)


def read_drop_integration(reader: TokenReader) -> DropIntegration:
    """DROP INTEGRATION name."""
    reader.expect("drop", "integration")
    name = reader.identifier("an integration's name")
    reader.finish()
    return DropIntegration(text=reader.text, offset=reader.offset, name=name)


def _pace(reader: TokenReader) -> tuple[int | None, float | None]:
    """`CHUNK_ROWS = rows, CHUNK_PAUSE_SECONDS = seconds`, either or both."""
    rows, seconds = None, None
    while True:
        option = reader.expect_any("chunk_rows", "chunk_pause_seconds")
        reader.expect("=")
        if reader.token.kind != "number":
            reader.fail(hint="Expected a number.")
        text = reader.next().value
        if option == "chunk_pause_seconds":
            seconds = float(text)
        elif not text.isdigit() or not 0 < int(text) <= 1_000_000:
            reader.fail(hint="CHUNK_ROWS is a whole number from 1 to 1000000.")
        else:
            rows = int(text)
        if not reader.accept(","):
            return rows, seconds


def _keys(reader: TokenReader) -> tuple[tuple[str, ...], ...]:
    """`(1, 2)`, or of a key of several columns `((1, 'a'), (2, 'b'))`: the source's texts of the values."""
    reader.expect("(")
    found = [_key(reader)]
    while reader.accept(","):
        found.append(_key(reader))
    reader.expect(")")
    if len(found) > _KEYS_MAX:
        reader.refuse(f"a dump of more than {_KEYS_MAX} keys")
    if len({len(key) for key in found}) > 1:
        reader.fail(hint="Each key has a value for each of the table's key columns.")
    return tuple(found)


def _key(reader: TokenReader) -> tuple[str, ...]:
    if not reader.accept("("):
        return (_value(reader),)
    values = [_value(reader)]
    while reader.accept(","):
        values.append(_value(reader))
    reader.expect(")")
    return tuple(values)


def _value(reader: TokenReader) -> str:
    sign = "-" if reader.accept("-") else ""
    if reader.token.kind != "number" and (sign or reader.token.kind != "string"):
        reader.fail(hint="Expected a number or a quoted string.")
    return sign + reader.next().value


def _history(reader: TokenReader) -> tuple[tuple[str, str], ...] | None:
    """`HISTORY_MODE = {TRUE | FALSE} [FOR TABLES (…)]`: no tables stand for all, None for none."""
    reader.expect("history_mode", "=")
    wanted = reader.expect_any("true", "false") == "true"
    named: tuple[tuple[str, str], ...] = ()
    if reader.accept("for"):
        reader.expect("tables")
        named = _tables(reader)
    return named if wanted else None


def _tables(reader: TokenReader, *, patterns: bool = False) -> tuple[tuple[str, str], ...]:
    read = _pattern if patterns else _table
    reader.expect("(")
    found = [read(reader)]
    while reader.accept(","):
        found.append(read(reader))
    reader.expect(")")
    return tuple(found)


def _table(reader: TokenReader) -> tuple[str, str]:
    """A table of the source, always with its schema; quoted names in its own spelling."""
    schema = _spelling(reader)
    reader.expect(".")
    return schema, _spelling(reader)


def _pattern(reader: TokenReader) -> tuple[str, str]:
    """The same, with `*` for any characters, in quotes too."""
    schema = _starred(reader)
    reader.expect(".")
    return schema, _starred(reader)


def _starred(reader: TokenReader) -> str:
    text, end = "", reader.token.start
    while not text or (
        reader.token.start == end and (reader.sees("*") or (text[-1] == "*" and reader.token.kind == "word"))
    ):
        end = reader.token.end
        text += "*" if reader.accept("*") else _spelling(reader)
    return text


def _spelling(reader: TokenReader) -> str:
    token = reader.token
    name = reader.identifier("a table of the source as schema.table")
    return token.value if token.kind == "quoted" else name
