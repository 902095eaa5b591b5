"""Every function of the catalogue, through the door: no argument, however odd, meets an error that is not ours.

Pages: c_SQL_functions and those of each function; c_Supported_data_types for what converts to what.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import RawClient
from tests.statements.function_calls import calls
from tests.statements.scripts import TYPES, ask

from boathouse.contracts.types import VARBYTE, SqlType
from boathouse.sql.redshift.functions import FUNCTIONS, Function

ENGINE_WORDS = re.compile(
    r"duckdb|binder error|memory\.|\bbh_|\brs\.|LINE \d|STRING_LITERAL|INTEGER_LITERAL|VARIANT|HUGEINT|\bINT(?:32|64)\b"
    r"|Python|Traceback|DECIMAL\(|DOUBLE\b",
)
NULLS = {
    "s": "NULL::varchar", "n": "NULL::numeric(10,2)", "d": "NULL::float8", "i": "NULL::int", "m": "NULL::timestamp",
    "y": "NULL::int", "z": "NULL::varbyte", "v": "NULL::super", "u": "day", "x": "NULL::int", "t": "NULL::interval",
    "g": "NULL::geometry", "e": "NULL::geography", "w": "NULL::varchar",
}  # fmt: skip
TAKES_ARRAYS = ("array_upper", "array_lower")
"""Functions of PostgreSQL's arrays, which no NULL of another type stands for."""
ANSWERS_NULL = {
    *TAKES_ARRAYS,
    "array",
    "object",
    "coalesce",
    "nvl",
    "ifnull",
    "isnull",
    "nvl2",
    "decode",
    "current_schemas",
    "greatest",
    "st_crosses",
    "st_equals",
}
"""What has an answer of its own to NULL, or no argument that could be one."""
SYNTAX_OF_ITS_OWN = {"extract", "position", "unnest", "explode", "array_ndims", "generate_subscripts"}


@pytest.fixture(scope="module")
def client(statements_server: Running) -> Iterator[RawClient]:
    with statements_server.raw() as found:
        yield found


@pytest.mark.parametrize("seed", range(int(os.environ.get("BOATHOUSE_FUNCTION_SEEDS", "1"))))
def test_errors_are_the_users_and_in_our_words(client: RawClient, seed: int) -> None:
    odd = []
    for statement in calls(seed, each=1):
        last = ask(client, statement)[-1]
        if not last.startswith("ERROR"):
            continue
        state, words = last.split(maxsplit=2)[1].rstrip(":"), re.sub(r"\"[^\"]*\"|'[^']*'", "", last)
        if state.startswith(("XX", "58")) or not re.fullmatch("[0-9A-Z]{5}", state) or ENGINE_WORDS.search(words):
            odd.append(f"{statement}\n    {last}")
    assert not odd, "\n".join(odd)


def _is_refused(line: str) -> bool:
    """Known and not here, or PostgreSQL's alone, which only queries of the catalogs may call."""
    return line.startswith("ERROR 0A000") or (line.startswith("ERROR 42883") and line.endswith("is not supported"))


def _call(function: Function, arguments: list[str]) -> str:
    return f"SELECT {function.name}({', '.join(arguments)}) AS found"


PLAIN = [
    one
    for one in FUNCTIONS.values()
    if one.kind == "scalar" and one.name not in SYNTAX_OF_ITS_OWN and "v" not in one.takes and one.returns != VARBYTE
    and not one.name.startswith(("pg_", "from_varbyte"))
]  # fmt: skip
"""All but those of SUPER, VARBYTE and the catalog, whose arguments and answers to NULL are their own."""


def test_null_in_gives_null_out(client: RawClient) -> None:
    wrong = []
    for function in PLAIN:
        if function.name in ANSWERS_NULL or not function.least:
            continue
        answer = ask(client, _call(function, [NULLS[function.letter(place)] for place in range(function.least)]))
        if answer[-1] != "NULL" and not _is_refused(answer[-1]):
            wrong.append(f"{function.name}: {answer}")
    assert not wrong, "\n".join(wrong)


def test_a_result_has_the_type_of_the_catalogue(client: RawClient) -> None:
    wrong = []
    for function in PLAIN:
        if not isinstance(function.returns, SqlType) or function.name in (
            *("convert_timezone", "timezone", "to_number", "st_crosses", "st_equals"),
            *TAKES_ARRAYS,
        ):
            continue
        answer = ask(client, _call(function, [NULLS[function.letter(place)] for place in range(function.least)]))
        wanted = TYPES.get(function.returns.oid, "name[]")
        if not answer[0].startswith(f"found:{wanted}") and not _is_refused(answer[0]):
            wrong.append(f"{function.name}: {answer[0]}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_arguments_of_the_wrong_kind_or_number_are_told(client: RawClient) -> None:
    wrong = []
    for function in PLAIN:
        places = [place for place in range(function.least) if function.letter(place) in "ndim"]
        arguments = [NULLS[function.letter(place)] for place in range(function.least)]
        for place in places:
            odd = [*arguments[:place], "true", *arguments[place + 1 :]]
            answer = ask(client, _call(function, odd))
            if not answer[0].startswith("ERROR 42883"):
                wrong.append(f"{_call(function, odd)}: {answer}")
        if function.most is not None:
            many = [*arguments, *["1"] * (function.most + 1 - len(arguments))]
            answer = ask(client, _call(function, many))
            if not answer[0].startswith(("ERROR 42883", "ERROR 42601")):
                wrong.append(f"{_call(function, many)}: {answer}")
    assert not wrong, "\n".join(wrong)
