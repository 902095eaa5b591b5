"""Settings: read from `boathouse.toml` and the environment, checked, and explained.

The only module that reads the environment. Each room's settings are a frozen dataclass; here its section is filled
from, in rising order: the default, `boathouse.toml`, `BOATHOUSE_<ROOM>_<FIELD>`, the command line.
"""

from __future__ import annotations

import dataclasses
import os
import stat
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.rooms import Room

CONFIG_FILE = "boathouse.toml"
SECRETS_FILE = "secrets.toml"
FAMILIES = frozenset(("databases", "integrations", "outputs"))
"""Sections of which there are any number, each with a name of its own: `[databases.crm]`."""


@dataclass(frozen=True)
class ServeSettings:
    """The section `[serve]`."""

    database: str = field(
        default="dev", metadata={"help": "The database's name. Set when the home is made; Redshift's default is dev."}
    )
    host: str = field(
        default="127.0.0.1",
        metadata={"help": "Address to listen on. Only this machine by default: open it on purpose, with TLS required."},
    )
    port: int = field(default=5439, metadata={"help": "PostgreSQL protocol port; Redshift's own. 0: any free one."})
    http_port: int = field(default=8439, metadata={"help": "HTTP port (health, metrics). 0: any free one; -1: none."})
    control_port: int = field(
        default=-1,
        metadata={
            "help": "HTTPS port that steers captures, with the certificate of [postgres]. 0: any free one; -1: none."
        },
    )
    grace_seconds: float = field(
        default=10.0, metadata={"help": "Seconds that running statements get to finish when the server stops."}
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting with its value and where that came from."""

    section: str
    name: str
    value: object
    source: str
    help: str


def sections(rooms: tuple[Room, ...], extra: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    """Section name → settings dataclass, of the house itself and of every room."""
    found = dict(extra)
    found.update({room.name: room.settings for room in rooms if room.settings is not None})
    return found


def load(home: Path, known: Mapping[str, type[Any]], overrides: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    """The settings dataclass of each section; of a family a mapping of them, by name."""
    values: dict[str, dict[str, object]] = {name: {} for name in known if name not in FAMILIES}
    for origin in explain(home, known, overrides):
        values.setdefault(origin.section, {})[origin.name] = origin.value
    found: dict[str, Any] = {name: {} for name in known if name in FAMILIES}
    for section, fields in values.items():
        family, _, name = section.partition(".")
        if family in FAMILIES:
            found[family][name] = known[family](**fields)
        else:
            found[section] = known[section](**fields)
    return found


def explain(
    home: Path, known: Mapping[str, type[Any]], overrides: Mapping[str, Mapping[str, object]]
) -> Iterator[Origin]:
    """Every setting with its value, its source and its meaning.

    Raises:
        InvalidParameterValue: an unknown section or setting, or a value of the wrong type; the file and name are named.
    """
    written, known = _families(_read_toml(home / CONFIG_FILE), known)
    for section, content in written.items():
        if section not in known:
            raise InvalidParameterValue(
                f"{CONFIG_FILE}: unknown section [{section}]", hint=f"Sections: {', '.join(sorted(known))}."
            )
        names = {one.name for one in dataclasses.fields(known[section])}
        for name in content:
            if name not in names:
                raise InvalidParameterValue(
                    f"{CONFIG_FILE}: unknown setting {name} in [{section}]",
                    hint=f"Settings: {', '.join(sorted(names))}.",
                )
    for section, kind in known.items():
        hints = typing.get_type_hints(kind)
        for one in dataclasses.fields(kind):
            value, source = _chosen(section, one, hints[one.name], written.get(section, {}), overrides)
            yield Origin(section, one.name, value, source, str(one.metadata.get("help", "")))


def _families(
    written: dict[str, dict[str, Any]], known: Mapping[str, type[Any]]
) -> tuple[dict[str, dict[str, Any]], dict[str, type[Any]]]:
    """What is written and what is known, each member of a family as a section like others."""
    sections_written = {name: content for name, content in written.items() if name not in FAMILIES}
    sections_known = {name: kind for name, kind in known.items() if name not in FAMILIES}
    for family in FAMILIES & known.keys() & written.keys():
        for name, content in written[family].items():
            if not isinstance(content, dict):
                raise InvalidParameterValue(
                    f"{CONFIG_FILE}: {name} in [{family}] is no section", hint=f"Write [{family}.NAME]."
                )
            sections_written[f"{family}.{name.lower()}"] = content
            sections_known[f"{family}.{name.lower()}"] = known[family]
    return sections_written, sections_known


def _chosen(
    section: str,
    one: dataclasses.Field[Any],
    hint: Any,
    written: Mapping[str, object],
    overrides: Mapping[str, Mapping[str, object]],
) -> tuple[object, str]:
    variable = f"BOATHOUSE_{section}_{one.name}".upper().replace(".", "_")
    if overrides.get(section, {}).get(one.name) is not None:
        return _typed(overrides[section][one.name], hint, f"--{one.name}"), "command line"
    if variable in os.environ:
        return _typed(os.environ[variable], hint, variable), f"environment {variable}"
    if one.name in written:
        return _typed(written[one.name], hint, f"{CONFIG_FILE} [{section}] {one.name}"), CONFIG_FILE
    default = one.default if one.default is not dataclasses.MISSING else typing.cast(Any, one.default_factory)()
    return default, "default"


def _typed(value: object, hint: Any, place: str) -> object:
    """The value as the field's type, from TOML's types or from an environment's text."""
    origin = typing.get_origin(hint)
    try:
        if hint is bool:
            if isinstance(value, bool):
                return value
            return {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}[str(value).lower()]
        if hint in (int, float) and not isinstance(value, bool):
            return hint(value)
        if hint is str and isinstance(value, str):
            return value
        if origin is tuple:
            parts = value.split(",") if isinstance(value, str) else list(typing.cast(Any, value))
            return tuple(str(part).strip() for part in parts if str(part).strip())
        if origin in (typing.Union, types.UnionType):
            inner = [one for one in typing.get_args(hint) if one is not type(None)]
            return _typed(value, inner[0], place)
        if origin is typing.Literal and value in typing.get_args(hint):
            return value
    except (KeyError, ValueError, TypeError) as failure:
        raise InvalidParameterValue(f"{place}: {value!r} is not valid", hint=f"It takes {_word(hint)}.") from failure
    raise InvalidParameterValue(f"{place}: {value!r} is not valid", hint=f"It takes {_word(hint)}.")


def _word(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(str(one) for one in typing.get_args(hint))
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text"}.get(hint, "a list of texts")


def _read_toml(path: Path) -> dict[str, dict[str, object]]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as failure:
        raise InvalidParameterValue(f"{path.name} is not valid TOML: {failure}") from failure


def load_secrets(home: Path) -> dict[str, dict[str, str]]:
    """Named secrets: `secrets.toml` (mode 0600), and the environment's `BOATHOUSE_SECRET_<NAME>_<KEY>`.

    Raises:
        InvalidParameterValue: others may read the file.
    """
    path = home / SECRETS_FILE
    found: dict[str, dict[str, str]] = {}
    if path.exists():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise InvalidParameterValue(f"{path.name} can be read by others", hint=f"Run: chmod 600 {path}")
        for name, content in _read_toml(path).items():
            found[name.lower()] = {key: str(value) for key, value in content.items()}
    for variable, value in os.environ.items():
        if variable.startswith("BOATHOUSE_SECRET_"):
            name, _, key = variable.removeprefix("BOATHOUSE_SECRET_").lower().partition("_")
            if key:
                found.setdefault(name, {})[key] = value
    return found
