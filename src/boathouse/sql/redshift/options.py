"""How an option of COPY or UNLOAD is declared, read and checked; the two tables stand beside this file.

Handed on to `copy_options` and `unload_options`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.sql.lexer import Token
from boathouse.sql.token_reader import TokenReader

Argument = Literal["none", "string", "integer", "optional_string", "on_off", "optional_on_off", "size", "own"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        argument: what follows the word; `own` has a reader of its own.
        noise: a word that may stand between the option and its argument.
        formats: the formats that it goes with; empty means all.
        supported: False for what Redshift knows and we refuse with 0A000.
        excludes: options that cannot stand beside it.
    """

    argument: Argument = "none"
    noise: str | None = "as"
    formats: tuple[str, ...] = ()
    supported: bool = True
    excludes: tuple[str, ...] = ()


def read_argument(reader: TokenReader, option: Option) -> str | int | bool:
    """The value after an option's word; True for a bare one."""
    if option.argument == "none":
        return True
    if option.noise:
        reader.accept(option.noise)
    if option.argument == "string":
        return reader.string()
    if option.argument == "integer":
        return reader.integer() if reader.token.kind != "string" else _integer_in_quotes(reader)
    if option.argument == "optional_string":
        return reader.string() if reader.token.kind == "string" else True
    if option.argument == "size":
        return _size(reader)
    word = reader.accept_any("on", "off", "true", "false", "preset")
    if word is None:
        if option.argument == "on_off":
            reader.fail(hint="Expected ON or OFF.")
        return True
    return word if word == "preset" else word in ("on", "true")


def _integer_in_quotes(reader: TokenReader) -> int:
    token = reader.token
    text = reader.string().strip()
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        reader.fail(token=token, hint="Expected an integer.")
    return int(text)


def _size(reader: TokenReader) -> int:
    """A size in bytes: a number with MB (the default) or GB."""
    if reader.token.kind != "number":
        reader.fail(hint="Expected a size, as 256 MB.")
    number = float(reader.next().value)
    unit = reader.accept_any("mb", "gb") or "mb"
    return int(number * (1 << 30 if unit == "gb" else 1 << 20))


def refuse_option(name: str, what: str, token: Token) -> FeatureNotSupported:
    """The error for a known option that we have not."""
    return FeatureNotSupported(f"{what} option {name} is not supported", position=token.start + 1)


def check_combinations(table: Mapping[str, Option], given: Mapping[str, Token], file_format: str, what: str) -> None:
    """Each option given must go with the format and with the others."""
    for name, token in given.items():
        option = table[name]
        if option.formats and file_format not in option.formats:
            raise InvalidParameterValue(
                f"{what} option {name} cannot be used with {file_format.upper()}", position=token.start + 1
            )
        for other in option.excludes:
            if other in given:
                raise InvalidParameterValue(
                    f"{what} options {name} and {other} cannot be used together", position=token.start + 1
                )


def unescape_character(text: str) -> str:
    r"""A delimiter or null string with its escapes undone: `\t`, `\n`, `\\`, octal `\ddd`."""
    named = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
    if len(text) > 1 and text[0] == "\\" and text[1:].isdigit() and len(text) <= 4 and set(text[1:]) <= set("01234567"):
        return chr(int(text[1:], 8))
    if len(text) == 2 and text[0] == "\\" and text[1] in named:
        return named[text[1]]
    return text


def parse_widths(text: str) -> list[int]:
    """The widths, in characters, of `label:width,label:width`; the labels mean nothing.

    Raises:
        InvalidParameterValue: not such a text.
    """
    found = [re.fullmatch(r"\s*[^:,]+:\s*(\d{1,5})\s*", part) for part in text.split(",")]
    widths = [int(match[1]) for match in found if match]
    if len(widths) < len(found) or not all(widths):
        raise InvalidParameterValue(
            f'"{text}" does not say how wide the fields are',
            hint="Write 'label:width,label:width', widths in characters.",
        )
    return widths
