"""CREATE, DROP, ALTER, SHOW PROCEDURE and CALL; CREATE, ALTER and DROP FUNCTION.

Source: Redshift Developer Guide, "CREATE PROCEDURE", "DROP PROCEDURE", "ALTER PROCEDURE", "SHOW PROCEDURE", "CALL",
"CREATE FUNCTION", "ALTER FUNCTION", "DROP FUNCTION".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

from boathouse.contracts.errors import InvalidTableDefinition, SqlSyntaxError
from boathouse.contracts.types import VARCHAR
from boathouse.sql.redshift.types import read_type
from boathouse.sql.statements import (
    AlterFunction,
    AlterProcedure,
    Argument,
    Call,
    CreateFunction,
    CreateProcedure,
    DropFunction,
    DropProcedure,
    ShowProcedure,
)
from boathouse.sql.token_reader import TokenReader

ARGUMENTS_MAX = 32
BODY_BYTES_MAX = 2 << 20
_MODES = ("in", "out", "inout")
Mode = Literal["IN", "OUT", "INOUT"]


def read_create_procedure(reader: TokenReader) -> CreateProcedure:
    """CREATE [OR REPLACE] PROCEDURE; the body stays text."""
    reader.expect("create")
    or_replace = reader.accept("or", "replace")
    reader.expect("procedure")
    place = reader.token.start + 1
    name = reader.name()
    arguments = read_arguments(reader)
    _check(arguments, place)
    found: dict[str, object] = {}
    settings: list[tuple[str, str]] = []
    while not reader.at_end:
        _clause(reader, found, settings)
    if "language" not in found:
        raise SqlSyntaxError("no language specified", position=len(reader.text), sqlstate="42P13")
    if "body" not in found:
        raise SqlSyntaxError("no procedure body specified", position=len(reader.text), sqlstate="42P13")
    body, start = cast(tuple[str, int], found["body"])
    if len(body.encode()) > BODY_BYTES_MAX:
        raise SqlSyntaxError("the body of a procedure exceeds 2 MB", position=start + 1, sqlstate="54000")
    return CreateProcedure(
        text=reader.text,
        offset=reader.offset,
        name=name,
        arguments=arguments,
        body=body,
        body_start=start,
        or_replace=or_replace,
        nonatomic=bool(found.get("nonatomic")),
        definer=bool(found.get("definer")),
        settings=tuple(settings),
    )


def _clause(reader: TokenReader, found: dict[str, object], settings: list[tuple[str, str]]) -> None:
    place = reader.token
    if reader.accept("nonatomic"):
        name, value = "nonatomic", cast(object, True)
    elif reader.accept("as"):
        start = reader.token.start
        body = reader.string("the body in $$ or quotes")
        name, value = "body", (body, start + _quote_length(reader.text, start))
    elif reader.accept("language"):
        name, value = "language", reader.string() if reader.token.kind == "string" else reader.identifier()
        if str(value).lower() != "plpgsql":
            raise SqlSyntaxError(
                f'language "{value}" is not one of procedures', position=place.start + 1, hint="Use LANGUAGE plpgsql."
            )
    elif reader.accept("security"):
        name, value = "definer", reader.expect_any("invoker", "definer") == "definer"
    elif reader.accept("set"):
        setting = reader.identifier("a setting's name")
        reader.expect_any("to", "=")
        values = [reader.next().value]
        while reader.accept(","):
            values.append(reader.next().value)
        settings.append((setting, ", ".join(values)))
        return
    else:
        reader.fail()
    if name in found:
        reader.fail(token=place, hint="This clause is given twice.")
    found[name] = value


def _quote_length(text: str, start: int) -> int:
    """Characters of the opening quote at `start`."""
    return text.index("$", start + 1) - start + 1 if text[start] == "$" else 1


def read_arguments(reader: TokenReader) -> tuple[Argument, ...]:
    """`( [name] [mode] type, … )`, the mode before or after the name."""
    reader.expect("(")
    found: list[Argument] = []
    while not reader.sees(")"):
        found.append(_argument(reader))
        if not reader.accept(","):
            break
    reader.expect(")")
    return tuple(found)


def _argument(reader: TokenReader) -> Argument:
    mode = _mode(reader)
    name = ""
    if reader.ahead(1).kind in ("word", "quoted") and not _is_type(reader):
        name = reader.identifier("an argument's name")
        mode = mode or _mode(reader)
    if reader.accept("refcursor"):
        return Argument(name, VARCHAR, cast(Mode, (mode or "in").upper()), refcursor=True)
    of = read_type(reader)
    if of.is_text:
        of = replace(of, length=None) if of.name != "character" else of
    return Argument(name, of, cast(Mode, (mode or "in").upper()))


def _mode(reader: TokenReader) -> str | None:
    if reader.sees_any(*_MODES) and reader.ahead(1).value not in (",", ")"):
        return reader.next().value
    return None


def _is_type(reader: TokenReader) -> bool:
    """True for types of two words: `double precision`, `character varying`, `timestamp without …`."""
    pairs = {("double", "precision"), ("character", "varying"), ("timestamp", "without"), ("timestamp", "with"),
             ("time", "without"), ("time", "with"), ("national", "character"), ("binary", "varying")}  # fmt: skip
    return (reader.token.value, reader.ahead(1).value) in pairs


def _check(arguments: tuple[Argument, ...], place: int) -> None:
    for wanted, modes in (("input", ("IN", "INOUT")), ("output", ("OUT", "INOUT"))):
        if sum(one.mode in modes for one in arguments) > ARGUMENTS_MAX:
            raise SqlSyntaxError(
                f"a procedure cannot have more than {ARGUMENTS_MAX} {wanted} arguments",
                position=place,
                sqlstate="54023",
            )
    names = [one.name for one in arguments if one.name]
    for name in names:
        if names.count(name) > 1:
            raise InvalidTableDefinition(
                f'parameter name "{name}" used more than once', position=place, sqlstate="42P13"
            )


def read_create_function(reader: TokenReader) -> CreateFunction:
    """CREATE [OR REPLACE] FUNCTION … LANGUAGE sql | plpythonu; arguments of the latter have names."""
    reader.expect("create")
    or_replace = reader.accept("or", "replace")
    reader.expect("function")
    name = reader.name()
    arguments = read_arguments(reader)
    if len(arguments) > ARGUMENTS_MAX:
        raise SqlSyntaxError("a function cannot have more than 32 arguments", position=1, sqlstate="54023")
    reader.expect("returns")
    returns = read_type(reader)
    volatility = cast(Literal["volatile", "stable", "immutable"], reader.expect_any("volatile", "stable", "immutable"))
    reader.expect("as")
    start = reader.token.start
    body = reader.string("the body in $$ or quotes")
    reader.expect("language")
    place = reader.token
    language = (reader.string() if reader.token.kind == "string" else reader.identifier("a language")).lower()
    if language == "plpythonu" and not all(one.name for one in arguments):
        raise SqlSyntaxError("the arguments of a Python function have names", position=1, sqlstate="42P13")
    if language not in ("sql", "plpythonu"):
        raise SqlSyntaxError(f'language "{language}" does not exist', position=place.start + 1, sqlstate="42704")
    reader.finish()
    return CreateFunction(
        text=reader.text,
        offset=reader.offset,
        name=name,
        arguments=tuple(one.type for one in arguments),
        returns=returns,
        volatility=volatility,
        body=body,
        body_start=start + _quote_length(reader.text, start),
        or_replace=or_replace,
        language=cast(Literal["sql", "plpythonu"], language),
        names=tuple(one.name for one in arguments) if language == "plpythonu" else (),
    )


def read_drop_function(reader: TokenReader) -> DropFunction:
    """DROP FUNCTION name (types) [CASCADE | RESTRICT]."""
    reader.expect("drop", "function")
    name = reader.name()
    types = _signature(reader)
    if types is None:
        reader.fail(hint="Name the function's argument types: f(integer).")
    cascade = reader.accept_any("restrict", "cascade") == "cascade"
    reader.finish()
    return DropFunction(text=reader.text, offset=reader.offset, name=name, types=types, cascade=cascade)


def _signature(reader: TokenReader) -> tuple[str, ...] | None:
    """The input types in parentheses, without lengths; None where there are no parentheses."""
    if not reader.sees("("):
        return None
    return tuple(one.type_name for one in read_arguments(reader) if one.mode != "OUT")


def read_drop_procedure(reader: TokenReader) -> DropProcedure:
    """DROP PROCEDURE [IF EXISTS] name [(types)]."""
    reader.expect("drop", "procedure")
    if_exists = reader.accept("if", "exists")
    name = reader.name()
    types = _signature(reader)
    if reader.sees(","):
        reader.refuse("DROP PROCEDURE of several procedures", hint="Use one statement for each.")
    reader.accept_any("restrict", "cascade")
    reader.finish()
    return DropProcedure(text=reader.text, offset=reader.offset, name=name, types=types, if_exists=if_exists)


def read_alter_procedure(reader: TokenReader) -> AlterProcedure:
    """ALTER PROCEDURE name [(types)] {RENAME TO name | OWNER TO user}."""
    reader.expect("alter", "procedure")
    name = reader.name()
    types = _signature(reader)
    new_name, owner = _changes(reader)
    return AlterProcedure(
        text=reader.text, offset=reader.offset, name=name, types=types, new_name=new_name, owner=owner
    )


def read_alter_function(reader: TokenReader) -> AlterFunction:
    """ALTER FUNCTION name (types) {RENAME TO name | OWNER TO user}."""
    reader.expect("alter", "function")
    name = reader.name()
    types = _signature(reader)
    if types is None:
        reader.fail(hint="Name the function's argument types: f(integer).")
    new_name, owner = _changes(reader)
    return AlterFunction(text=reader.text, offset=reader.offset, name=name, types=types, new_name=new_name, owner=owner)


def _changes(reader: TokenReader) -> tuple[str | None, str | None]:
    """The new name, or the new owner."""
    new_name = owner = None
    if reader.accept("rename"):
        reader.expect("to")
        new_name = reader.identifier("the new name")
    else:
        reader.expect("owner", "to")
        owner = reader.accept_any("current_user", "session_user") or reader.identifier("a user")
    reader.finish()
    return new_name, owner


def read_show_procedure(reader: TokenReader) -> ShowProcedure:
    """SHOW PROCEDURE name [(types)]."""
    reader.expect("show", "procedure")
    name = reader.name()
    types = _signature(reader)
    reader.finish()
    return ShowProcedure(text=reader.text, offset=reader.offset, name=name, types=types)


def read_call(reader: TokenReader) -> Call:
    """CALL name (values)."""
    reader.expect("call")
    name = reader.name()
    reader.expect("(")
    values: list[tuple[str, int]] = []
    parameters = 0
    while not reader.sees(")"):
        start = reader.mark()
        depth = 0
        while not reader.at_end and not (depth == 0 and reader.sees_any(",", ")")):
            token = reader.next()
            if token.kind == "operator":
                depth += {"(": 1, ")": -1}.get(token.value, 0)
            elif token.kind == "parameter":
                parameters = max(parameters, int(token.value[1:]))
        if reader.mark() == start:
            reader.fail(hint="Expected a value.")
        values.append((reader.text_since(start), reader.tokens[start].start))
        if not reader.accept(","):
            break
    reader.expect(")")
    reader.finish()
    return Call(text=reader.text, offset=reader.offset, name=name, values=tuple(values), parameters=parameters)
