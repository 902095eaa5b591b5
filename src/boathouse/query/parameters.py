"""Session parameters: SET, RESET and SHOW.

Receives names and values as clients write them; hands canonical values to the session, and to the endpoint those that
PostgreSQL reports by ParameterStatus. Parameters that Redshift knows but that mean nothing here are kept and shown.

Source: Redshift Developer Guide "Configuration reference"; PostgreSQL protocol, ParameterStatus.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, UndefinedObject

SERVER_VERSION = "8.0.2"
"""What Redshift reports; Amazon's Python driver parses it as a plain version number."""

POSTGRES_VERSION = "15.0"
"""What a session in PostgreSQL's personality reports instead, to tools that refuse so old a server."""

MESSAGE_LEVELS = (
    "debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "warning", "error", "fatal", "panic",
)  # fmt: skip
"""Values of client_min_messages, from the one that lets everything through to the one that lets nothing."""

_ON = {"on", "true", "yes", "1", "t", "y"}
_OFF = {"off", "false", "no", "0", "f", "n"}


def _boolean(name: str, value: str) -> str:
    lowered = value.lower()
    if lowered in _ON:
        return "on"
    if lowered in _OFF:
        return "off"
    raise InvalidParameterValue(f'parameter "{name}" requires a Boolean value')


def _whole(name: str, value: str) -> str:
    if not re.fullmatch(r"[+-]?\d+", value.strip()):
        raise InvalidParameterValue(f'invalid value for parameter "{name}": "{value}"', hint="It takes a whole number.")
    return str(int(value))


def _milliseconds(name: str, value: str) -> str:
    found = re.fullmatch(r"\s*(\d+)\s*(ms|s|min|h|d)?\s*", value)
    if found is None:
        raise InvalidParameterValue(
            f'invalid value for parameter "{name}": "{value}"',
            hint="It takes milliseconds, or a number with a unit: 30s.",
        )
    return str(int(found[1]) * {None: 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}[found[2]])


def _text(name: str, value: str) -> str:
    return value


def _encoding(name: str, value: str) -> str:
    if value.strip("'\"").replace("-", "").replace("_", "").lower() in ("utf8", "unicode"):
        return "UTF8"
    raise FeatureNotSupported(f'client_encoding "{value}" is not supported', hint="Use UTF8.")


def _date_style(name: str, value: str) -> str:
    words = {word.strip().upper() for word in value.split(",")}
    if words & {"SQL", "POSTGRES", "GERMAN"}:
        raise FeatureNotSupported(f'DateStyle "{value}" is not supported', hint="Use ISO.")
    order = "DMY" if words & {"DMY", "EURO", "EUROPEAN"} else "YMD" if "YMD" in words else "MDY"
    if not words <= {"ISO", "MDY", "DMY", "YMD", "EURO", "EUROPEAN", "US", "NONEURO", "NONEUROPEAN"}:
        raise InvalidParameterValue(f'invalid value for parameter "DateStyle": "{value}"')
    return f"ISO, {order}"


def _only(*allowed: str) -> Callable[[str, str], str]:
    def check(name: str, value: str) -> str:
        if value.lower() in allowed:
            return value.lower()
        raise FeatureNotSupported(f'{name} "{value}" is not supported', hint=f"Supported: {', '.join(allowed)}.")

    return check


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def check(name: str, value: str) -> str:
        if value.lower() in allowed:
            return value.lower()
        raise InvalidParameterValue(
            f'invalid value for parameter "{name}": "{value}"', hint=f"It takes one of {', '.join(allowed)}."
        )

    return check


def _digits(name: str, value: str) -> str:
    digits = int(_whole(name, value))
    if not -15 <= digits <= 3:
        raise InvalidParameterValue(f'{digits} is outside the valid range for parameter "{name}" (-15 .. 3)')
    if digits < 0:
        hint = "Floating-point numbers are written with the digits that they need; ROUND takes some away."
        raise FeatureNotSupported(f"{name} = {digits} is not supported", hint=hint)
    return str(digits)


def _slots(name: str, value: str) -> str:
    slots = int(_whole(name, value))
    if not 1 <= slots <= 50:
        raise InvalidParameterValue(f'{slots} is outside the valid range for parameter "{name}" (1 .. 50)')
    return str(slots)


def _no_lock_timeout(name: str, value: str) -> str:
    if _milliseconds(name, value) != "0":
        hint = "Nothing waits for a lock here but for its turn to commit; statement_timeout ends what takes too long."
        raise FeatureNotSupported(f"{name} is not supported", hint=hint)
    return "0"


def _read_only(name: str, value: str) -> str:
    return "1" if _boolean(name, value) == "on" else "0"


def _only_off(name: str, value: str) -> str:
    if _boolean(name, value) == "on":
        raise FeatureNotSupported(f"{name} = on is not supported")
    return "off"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One session parameter.

    Attributes:
        name: as shown.
        default: its value in a new session.
        check: returns the canonical value or raises.
        reported: its name in ParameterStatus, or None.
        fixed: true where users cannot set it.
    """

    name: str
    default: str
    check: Callable[[str, str], str] = _text
    reported: str | None = None
    fixed: bool = False


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter("server_version", SERVER_VERSION, reported="server_version", fixed=True),
        Parameter("server_version_num", "80002", fixed=True),
        Parameter("personality", "redshift", _one_of("redshift", "postgres15")),
        Parameter("server_encoding", "UTF8", reported="server_encoding", fixed=True),
        Parameter("client_encoding", "UTF8", _encoding, reported="client_encoding"),
        Parameter("datestyle", "ISO, MDY", _date_style, reported="DateStyle"),
        Parameter("intervalstyle", "postgres", _only("postgres"), reported="IntervalStyle"),
        Parameter("timezone", "UTC", reported="TimeZone"),
        Parameter("integer_datetimes", "on", reported="integer_datetimes", fixed=True),
        Parameter("standard_conforming_strings", "on", _only("on"), reported="standard_conforming_strings"),
        Parameter("is_superuser", "off", reported="is_superuser", fixed=True),
        Parameter("session_authorization", "", reported="session_authorization", fixed=True),
        Parameter("application_name", "", reported="application_name"),
        Parameter("padb_revision", "boathouse", reported="padb_revision", fixed=True),
        Parameter("padb_version", "1.0.0", reported="padb_version", fixed=True),
        Parameter("search_path", '"$user", public'),
        Parameter("extra_float_digits", "0", _digits),
        Parameter("statement_timeout", "0", _milliseconds),
        Parameter("query_group", "default"),
        Parameter("client_min_messages", "notice", _one_of(*MESSAGE_LEVELS)),
        Parameter("transaction_isolation", "serializable", _only("serializable")),
        Parameter("default_transaction_isolation", "serializable", _only("serializable")),
        Parameter("default_transaction_read_only", "off", _boolean),
        Parameter("transaction_read_only", "off", _boolean),
        Parameter("readonly", "0", _read_only),
        Parameter("autocommit", "on", _boolean),
        Parameter("analyze_threshold_percent", "10"),
        Parameter("default_geometry_encoding", "2", _one_of("1", "2")),
        Parameter("describe_field_name_in_uppercase", "off", _only_off),
        Parameter("downcase_delimited_identifier", "on", _boolean),
        Parameter("enable_case_sensitive_identifier", "off", _boolean),
        Parameter("enable_case_sensitive_super_attribute", "off", _boolean),
        Parameter("navigate_super_null_on_error", "on", _boolean),
        Parameter("cast_super_null_on_error", "on", _boolean),
        Parameter("parse_super_null_on_error", "off", _boolean),
        Parameter("enable_result_cache_for_session", "on", _boolean),
        Parameter("engine", "auto", _one_of("auto", "duckdb", "spark")),
        Parameter("enable_vacuum_boost", "off", _boolean),
        Parameter("error_on_nondeterministic_update", "off", _only_off),
        Parameter("json_serialization_enable", "off", _boolean),
        Parameter("json_serialization_parse_nested_strings", "off", _boolean),
        Parameter("max_cursor_result_set_size", "0", _whole),
        Parameter("max_index_keys", "32", fixed=True),
        Parameter("mv_enable_aqmv_for_session", "on", _boolean),
        Parameter("spectrum_enable_pseudo_columns", "on", _boolean),
        Parameter("spectrum_query_maxerror", "-1", _whole),
        Parameter("enable_spectrum_oid", "on", _boolean),
        Parameter("max_concurrency_scaling_clusters", "1", _whole),
        Parameter("datashare_break_glass_session_var", ""),
        Parameter("pg_federation_repeatable_read", "on", _boolean),
        Parameter("stored_proc_log_min_messages", "log", _one_of("log", "info", "notice", "warning", "exception")),
        Parameter("use_fips_ssl", "off", _only_off),
        Parameter("wlm_query_slot_count", "1", _slots),
        Parameter("bytea_output", "hex", _only("hex")),
        Parameter("lc_collate", "C", fixed=True),
        Parameter("lc_ctype", "C", fixed=True),
        Parameter("lock_timeout", "0", _no_lock_timeout),
        Parameter("idle_session_timeout", "0", _milliseconds),
        Parameter("idle_in_transaction_session_timeout", "0", _milliseconds),
        Parameter("synchronous_commit", "on", _boolean),
        Parameter("jit", "off", _boolean),
        Parameter("geqo", "on", _boolean),
        Parameter("row_security", "off", _boolean),
        Parameter("seed", "0"),
        Parameter("wlm_json_configuration", "", fixed=True),
    )
}


class SessionParameters:
    """One session's values, with what the open transaction changed of them.

    Args:
        user: shown as `session_authorization`.
        superuser: shown as `is_superuser`.
        changed: told (reported name, value) when a reported parameter changes.
    """

    def __init__(self, user: str, superuser: bool, changed: Callable[[str, str], None]) -> None:
        self._values = {name: parameter.default for name, parameter in PARAMETERS.items()}
        self._values["session_authorization"] = user
        self._values["is_superuser"] = "on" if superuser else "off"
        self._start = dict(self._values)
        self._saved: dict[str, str] | None = None
        self._local: dict[str, str] = {}
        self._changed = changed
        self.live: dict[str, Callable[[], str]] = {}
        """Parameters whose value somebody else keeps."""

    def identify(self, user: str, superuser: bool) -> None:
        """The session has become another user's."""
        self._put("session_authorization", user)
        self._put("is_superuser", "on" if superuser else "off")

    def start_with(self, name: str, value: str) -> None:
        """A value from the start-up packet: it is what RESET goes back to. Unknown names are kept, never refused."""
        name = name.lower()
        known = PARAMETERS.get(name)
        if known is not None and known.fixed:
            return
        if name == "personality":
            self.take_personality(value)
            return
        self._values[name] = self._start[name] = known.check(name, value) if known else value

    def wants(self, severity: str) -> bool:
        """True for messages that `client_min_messages` lets through."""
        level = severity.lower()
        return level not in MESSAGE_LEVELS or MESSAGE_LEVELS.index(level) >= MESSAGE_LEVELS.index(
            self._values["client_min_messages"]
        )

    @property
    def is_postgres(self) -> bool:
        """True in a session that shows itself as PostgreSQL 15."""
        return self._values["personality"] != "redshift"

    def take_personality(self, name: str) -> None:
        """What the server says that it is: Redshift, or PostgreSQL 15. Before the session has reported anything."""
        self._values["personality"] = self._start["personality"] = PARAMETERS["personality"].check("personality", name)
        for setting, value in (("server_version", POSTGRES_VERSION), ("server_version_num", "150000")):
            shown = value if self.is_postgres else PARAMETERS[setting].default
            self._values[setting] = self._start[setting] = shown

    def get(self, name: str) -> str:
        """The value; UndefinedObject if there is no such parameter."""
        if name.lower() in self.live:
            return self.live[name.lower()]()
        found = self._values.get(name.lower())
        if found is None:
            raise UndefinedObject(f'unrecognized configuration parameter "{name}"')
        return found

    def set(self, name: str, value: str | None, *, local: bool = False) -> None:
        """SET and RESET: None is the session's start value. LOCAL lasts until the transaction ends."""
        name = {"time zone": "timezone", "names": "client_encoding"}.get(name.lower(), name.lower())
        known = PARAMETERS.get(name)
        if known is None and "." not in name and name not in self._values:
            raise UndefinedObject(f'unrecognized configuration parameter "{name}"')
        if known is not None and (known.fixed or (name == "personality" and value is not None)):
            raise InvalidParameterValue(f'parameter "{name}" cannot be changed', sqlstate="55P02")
        canonical = self._start.get(name, "") if value is None else known.check(name, value) if known else value
        if local:
            self._local.setdefault(name, self._values.get(name, ""))
        self._put(name, canonical)

    def reset_all(self) -> None:
        """RESET ALL."""
        for name in self._values.keys() - {"transaction_read_only"}:
            self._put(name, self._start.get(name, ""))

    def starts(self) -> dict[str, str]:
        """What RESET goes back to, by name."""
        return dict(self._start)

    def is_fixed(self, name: str) -> bool:
        """True where users cannot set it."""
        known = PARAMETERS.get(name)
        return known is not None and known.fixed

    def all(self) -> list[tuple[str, str]]:
        """SHOW ALL, by name."""
        return sorted((self._values | {name: value() for name, value in self.live.items()}).items())

    def reported(self) -> dict[str, str]:
        """The ParameterStatus messages of a new session; PostgreSQL has no `padb_` ones."""
        return {
            parameter.reported: self._values[name]
            for name, parameter in PARAMETERS.items()
            if parameter.reported and not (self.is_postgres and name.startswith("padb_"))
        }

    def begin(self) -> None:
        """A transaction begins: a rollback undoes its SETs."""
        self._saved = dict(self._values)

    def end(self, *, committed: bool) -> None:
        """The transaction ended."""
        if not committed and self._saved is not None:
            for name, value in self._saved.items():
                self._put(name, value)
        elif committed:
            for name, value in self._local.items():
                self._put(name, value)
        self._local = {}
        self._saved = None

    def _put(self, name: str, value: str) -> None:
        before = self._values.get(name)
        self._values[name] = value
        parameter = PARAMETERS.get(name)
        if parameter is not None and parameter.reported and before != value:
            self._changed(parameter.reported, value)


def schemas_of(search_path: str, user: str) -> list[str]:
    """The schemas of a `search_path` value, in order, quotes undone and `$user` filled in."""
    found = []
    for part in re.findall(r'"(?:[^"]|"")*"|[^,\s]+', search_path):
        name = part[1:-1].replace('""', '"') if part.startswith('"') else part.strip("'").lower()
        found.append(user if name == "$user" else name)
    return found
