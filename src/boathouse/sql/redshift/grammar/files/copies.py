"""COPY in Redshift's form (from files) and in PostgreSQL's (from and to the client), and UNLOAD.

Source: Redshift Developer Guide, "COPY", "UNLOAD"; PostgreSQL documentation, "COPY", new and old option syntax.
"""

from __future__ import annotations

from boathouse.contracts.errors import InvalidParameterValue, SqlSyntaxError
from boathouse.sql.redshift.copy_options import CopyOptionsDraft
from boathouse.sql.redshift.grammar.credentials import CredentialsDraft
from boathouse.sql.redshift.grammar.files.copy_jobs import read_copy_job, read_create_job
from boathouse.sql.redshift.grammar.queries import read_inner_select, read_query
from boathouse.sql.redshift.options import unescape_character
from boathouse.sql.redshift.types import quoted
from boathouse.sql.redshift.unload_options import UnloadOptionsDraft
from boathouse.sql.statements import CopyFrom, CopyStdin, CopyStdout, QualifiedName, Relational, Statement, Unload
from boathouse.sql.token_reader import TokenReader


def read_copy(reader: TokenReader) -> Statement:
    """COPY table [(columns)] FROM 'place' … [JOB CREATE name]; COPY … FROM STDIN; COPY … TO STDOUT; COPY JOB …."""
    reader.expect("copy")
    if reader.sees_any("job") and reader.ahead(1).value in ("list", "show", "run", "alter", "drop"):
        reader.next()
        return read_copy_job(reader)
    if reader.sees("("):
        return _copy_query(reader)
    reader.accept("binary")
    start = reader.mark()
    table = reader.name()
    columns = reader.identifiers_in_parentheses() if reader.sees("(") else ()
    if len(set(columns)) != len(columns):
        raise SqlSyntaxError("a column is named twice in COPY", sqlstate="42701")
    if reader.accept("to"):
        return _copy_out(reader, _select_from(reader, table, columns, reader.tokens[start].start))
    reader.expect("from")
    if reader.accept("stdin"):
        return CopyStdin(
            text=reader.text, offset=reader.offset, table=table, columns=columns, options=_stream_options(reader)
        )
    if reader.sees_any("program"):
        reader.fail(hint="Redshift has no COPY ... FROM PROGRAM.")
    place = reader.token.start + 1
    source = reader.string("a place in quotes, or STDIN")
    if not source.strip():
        raise InvalidParameterValue("COPY needs a place to load from", position=place)
    credentials, options = CredentialsDraft(), CopyOptionsDraft()
    while not (reader.at_end or reader.sees("job", "create")):
        if not (credentials.accept(reader) or options.accept(reader)):
            _fail_at_option(reader, "COPY")
    copy = CopyFrom(
        text=reader.text,
        offset=reader.offset,
        table=table,
        columns=columns,
        source=source,
        credentials=credentials.finish(),
        options=options.finish(),
    )
    end = reader.token.start
    return read_create_job(reader, copy, end) if reader.accept("job") else copy


def _fail_at_option(reader: TokenReader, what: str) -> None:
    hint = f"It is not an option of {what}." if reader.token.kind == "word" else None
    reader.fail(hint=hint)


def _select_from(reader: TokenReader, table: QualifiedName, columns: tuple[str, ...], start: int) -> Relational:
    """COPY table TO reads as a query of its columns."""
    parts = (table.database, table.schema, table.name)
    source = ".".join(quoted(part) for part in parts if part is not None)
    chosen = ", ".join(quoted(column) for column in columns) or "*"
    query = f"SELECT {chosen} FROM {source}"
    found = read_query(query, reader.offset + start, case_sensitive=reader.case_sensitive)
    assert isinstance(found, Relational)
    return found


def _copy_query(reader: TokenReader) -> CopyStdout:
    inner = reader.token.end
    text = reader.raw_parentheses()[1:-1]
    lead = len(text) - len(text.lstrip())
    query = read_inner_select(text.strip(), inner + lead, reader)
    reader.expect("to")
    return _copy_out(reader, query)


def _copy_out(reader: TokenReader, query: Relational) -> CopyStdout:
    if reader.token.kind == "string":
        reader.fail(hint="Use UNLOAD to write files.")
    reader.expect("stdout")
    return CopyStdout(text=reader.text, offset=reader.offset, query=query, options=_stream_options(reader))


# -- PostgreSQL's options --------------------------------------------------------------------------------


def _stream_options(reader: TokenReader) -> dict[str, str | bool]:
    """Both syntaxes: `[WITH] (FORMAT csv, HEADER true)` and `[WITH] CSV HEADER DELIMITER AS ','`."""
    options: dict[str, str | bool] = {}
    reader.accept("with")
    if reader.accept("("):
        while True:
            _new_option(reader, options)
            if not reader.accept(","):
                break
        reader.expect(")")
    else:
        while not reader.at_end:
            _old_option(reader, options)
    reader.finish()
    return _checked(options)


def _put(reader: TokenReader, options: dict[str, str | bool], name: str, value: str | bool) -> None:
    if name in options:
        reader.fail(hint=f"{name.upper()} is given twice.")
    options[name] = value


def _new_option(reader: TokenReader, options: dict[str, str | bool]) -> None:
    if reader.accept("format"):
        _put(reader, options, "format", _stream_format(reader))
    elif reader.accept_any("header"):
        on = reader.accept_any("true", "on", "false", "off", "1", "0")
        if on is None and reader.token.kind in ("number", "string"):
            on = reader.next().value.lower()
        _put(reader, options, "header", on in (None, "true", "on", "1"))
    elif reader.sees_any("delimiter", "null", "quote", "escape"):
        name = reader.next().value
        _put(reader, options, name, reader.string())
    elif reader.accept("encoding"):
        _stream_encoding(reader)
    elif reader.sees_any("freeze", "force_quote", "force_not_null", "force_null", "oids", "default", "on_error"):
        reader.refuse(f"COPY option {reader.token.value.upper()}")
    else:
        reader.fail(hint="It is not an option of COPY.")


def _old_option(reader: TokenReader, options: dict[str, str | bool]) -> None:
    if reader.sees_any("csv", "binary"):
        _put(reader, options, "format", reader.next().value)
    elif reader.accept("format"):
        reader.accept("as")
        _put(reader, options, "format", _stream_format(reader))
    elif reader.accept("header"):
        _put(reader, options, "header", True)
    elif reader.sees_any("delimiter", "null", "quote", "escape"):
        name = reader.next().value
        reader.accept("as")
        _put(reader, options, name, reader.string())
    elif reader.accept("encoding"):
        _stream_encoding(reader)
    elif reader.sees_any("force", "freeze", "oids"):
        reader.refuse(f"COPY option {reader.token.value.upper()}")
    else:
        reader.fail(hint="It is not an option of COPY.")


def _stream_format(reader: TokenReader) -> str:
    token = reader.token
    name = reader.next().value.lower()
    if token.kind not in ("word", "quoted", "string") or name not in ("text", "csv", "binary"):
        reader.fail(token=token, hint="Expected text, csv or binary.")
    return name


def _stream_encoding(reader: TokenReader) -> None:
    token = reader.token
    if reader.next().value.lower().replace("-", "") not in ("utf8", "unicode"):
        reader.refuse("COPY with an encoding other than UTF8", token=token)


def _checked(options: dict[str, str | bool]) -> dict[str, str | bool]:
    file_format = str(options.setdefault("format", "text"))
    for name in ("delimiter", "quote", "escape"):
        value = options.get(name)
        if isinstance(value, str):
            options[name] = value = unescape_character(value)
            if len(value) != 1 or ord(value) > 127 or value in "\r\n":
                raise InvalidParameterValue(f"COPY {name} must be a single one-byte character")
    for name in ("quote", "escape"):
        if name in options and file_format != "csv":
            raise InvalidParameterValue(f"COPY {name} available only in CSV mode")
    if file_format == "binary" and set(options) - {"format"}:
        raise InvalidParameterValue("COPY BINARY takes no other options")
    if options.get("null") == "\\\\N":
        options["null"] = "\\N"
    return options


# -- UNLOAD ----------------------------------------------------------------------------------------------


def read_unload(reader: TokenReader) -> Unload:
    """UNLOAD ('query' | $$query$$) TO 'place' authorization and options in any order."""
    reader.expect("unload")
    reader.expect("(")
    token = reader.token
    query = reader.string("a query in quotes").strip().rstrip(";").strip()
    reader.expect(")")
    _check_query(query, token.start + 1, reader.case_sensitive)
    reader.expect("to")
    place = reader.token.start + 1
    destination = reader.string("a place in quotes")
    if not destination.strip():
        raise InvalidParameterValue("UNLOAD needs a place to write to", position=place)
    credentials, options = CredentialsDraft(), UnloadOptionsDraft()
    while not reader.at_end:
        if not (credentials.accept(reader) or options.accept(reader)):
            _fail_at_option(reader, "UNLOAD")
    return Unload(
        text=reader.text,
        offset=reader.offset,
        query=query,
        destination=destination,
        credentials=credentials.finish(),
        options=options.finish(),
    )


def _check_query(query: str, place: int, case_sensitive: bool) -> None:
    """The query must be a SELECT, without LIMIT in its outermost part (Redshift's rule)."""
    try:
        found = read_query(query, only_select=True, case_sensitive=case_sensitive)
    except SqlSyntaxError as error:
        error.detail = f"In the query of UNLOAD, at character {error.position}." if error.position else None
        error.position = place
        raise
    assert isinstance(found, Relational)
    if found.tree.args.get("limit") is not None:
        raise SqlSyntaxError(
            "Limit clause is not supported",
            hint="Put the query with LIMIT in a sub-query: SELECT * FROM (... LIMIT n).",
            position=place,
            sqlstate="0A000",
        )
