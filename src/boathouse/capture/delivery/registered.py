"""Which outputs, formats and sources there are: ours enter by the same doors as anybody's, three entry-point groups.

Receives words of statements; hands on what was registered under them, or says what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from boathouse.capture.delivery.destination import OutputKind
from boathouse.capture.formats.formatter import Formatter
from boathouse.capture.output import Declared, Option
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, UndefinedObject
from boathouse.contracts.house import House

OUTPUTS = "boathouse.capture.outputs"
FORMATTERS = "boathouse.capture.formatters"
FILES = "files"
"""The kind whose places have no scheme of their own."""
_DEFAULT_FORMAT = "json"
_LAKE = ("s3", "file")


def registered(group: str, name: str, what: str) -> Any:
    """What stands under a name in an entry-point group.

    Raises:
        FeatureNotSupported: nothing does, or it cannot be loaded as something that it needs is not installed.
    """
    found = {entry.name.lower(): entry for entry in entry_points(group=group)}
    entry = found.get(name.lower())
    if entry is None:
        raise FeatureNotSupported(
            f"{what} {name.upper()} is not supported", hint=f"There are: {', '.join(sorted(found))}."
        )
    try:
        return entry.load()
    except ModuleNotFoundError as failure:
        raise FeatureNotSupported(
            f'{what} {name.upper()} needs the module "{failure.name}", which is not installed',
            hint=f"For our own: pip install 'boathouse[{name.lower()}]'.",
        ) from failure


def kind_name(place: str) -> str:
    """The kind of a place."""
    scheme, found, _ = place.partition(":")
    return FILES if not found or scheme.lower() in _LAKE or not scheme.isidentifier() else scheme.lower()


def kind_of(declared: Declared) -> OutputKind:
    """The kind of an output. Raises FeatureNotSupported."""
    kind = registered(OUTPUTS, kind_name(declared.place), "an output to")
    assert isinstance(kind, OutputKind), f"the entry point of {declared.place} is no OutputKind"
    return kind


def formatter_of(kind: OutputKind, declared: Declared) -> Formatter | None:
    """The formatter of an output; None where the kind has formats of its own.

    Raises:
        FeatureNotSupported: there is no such format, or not for this kind.
    """
    if kind.formats:
        if format_word(kind, declared) not in kind.formats:
            raise FeatureNotSupported(
                f"FORMAT {declared.format.upper()} is not supported there",
                hint=f"There are: {', '.join(kind.formats)}.",
            )
        return None
    formatter: Formatter = registered(FORMATTERS, format_word(kind, declared), "FORMAT")()
    if kind.per_change and not formatter.per_change:
        raise FeatureNotSupported(
            f"FORMAT {declared.format.upper()} is not supported there", hint="It makes no message of each change."
        )
    return formatter


def format_word(kind: OutputKind, declared: Declared) -> str:
    """The word of an output's format."""
    return declared.format or (kind.formats[0] if kind.formats else _DEFAULT_FORMAT)


def options_of(kind: OutputKind, declared: Declared) -> dict[str, Option]:
    """Every option with its value.

    Raises:
        InvalidParameterValue: an unknown one, one that is said twice, or a value of another type.
    """
    found = dict(kind.options)
    seen: set[str] = set()
    for name, value in declared.options:
        if name not in kind.options:
            hint = f"There are: {', '.join(kind.options)}." if kind.options else "It has none."
            raise InvalidParameterValue(f"the output has no option {name.upper()}", hint=hint)
        if name in seen:
            raise InvalidParameterValue(f"the option {name.upper()} is given twice")
        seen.add(name)
        default = kind.options[name]
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not type(default) or (not isinstance(value, bool | str) and value < 0):
            word = {bool: "TRUE or FALSE", int: "a whole number", float: "a number", str: "a text"}[type(default)]
            raise InvalidParameterValue(
                f"{name.upper()} is {word}, and never below zero" if word[-1] == "r" else f"{name.upper()} is {word}"
            )
        found[name] = value
    return found


def secret_of(house: House, declared: Declared) -> Mapping[str, str]:
    """The secret of an output; empty where it has none.

    Raises:
        UndefinedObject: there is none of that name.
    """
    if not declared.secret:
        return {}
    secret = house.secrets.get(declared.secret)
    if secret is None:
        raise UndefinedObject(
            f'secret "{declared.secret}" does not exist', hint="Secrets stand in the home's secrets.toml."
        )
    return secret


def check(house: House, declared: Declared) -> OutputKind:
    """Everything about a declared output that can be wrong before it is used; its kind.

    Raises:
        FeatureNotSupported, InvalidParameterValue, UndefinedObject: see above; and what the kind's own check raises.
    """
    kind = kind_of(declared)
    formatter_of(kind, declared)
    options_of(kind, declared)
    secret_of(house, declared)
    kind.check(house, declared)
    return kind
