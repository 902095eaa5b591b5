"""Queues as `wlm_json_configuration` describes them: JSON text in, checked and frozen queues out.

Received from `[workload]` of `boathouse.toml`; handed to the machine in `queues`. What Redshift knows and this house
cannot do is refused by name, so that a configuration means here what it means there, or is not taken at all.

Source: Redshift Management Guide, "Workload management" (properties of `wlm_json_configuration`); Redshift Developer
Guide, "Implementing manual WLM", "WLM query monitoring rules".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.workload.rules import Rule, read_rules

SUPERUSER_CLASS = 5
SUPERUSER_NAME = "Service class for super user"
FIRST_CLASS = 6
"""Service classes as Redshift numbers them: 1 to 4 its own, 5 the superusers', from 6 those of the configuration."""
QUEUES_MAX = 8
SLOTS_MAX = 50
"""Of all queues but the superusers' together."""
SLOTS_DEFAULT = 5
RULES_MAX = 25

_KNOWN = frozenset(
    {
        "name", "query_concurrency", "memory_percent_to_use", "max_execution_time", "rules", "queue_type", "auto_wlm",
        "priority", "concurrency_scaling", "engine", "short_query_queue", "user_group", "user_group_wild_card", "query_group",
        "query_group_wild_card", "user_role", "user_role_wild_card",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Groups, query groups or roles that a queue is for; with `wild`, `*` and `?` in them stand for any letters.

    Case does not count. Source: "Implementing manual WLM", Wildcards.
    """

    names: tuple[str, ...] = ()
    wild: bool = False

    def match(self, given: str) -> bool:
        """True where one of them is meant by what was given."""
        return any(self._one(name, given) for name in self.names)

    def _one(self, name: str, given: str) -> bool:
        if not self.wild:
            return name.casefold() == given.casefold()
        pattern = re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(pattern, given, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue.

    Attributes:
        slots: statements at once, each as many as its `wlm_query_slot_count`.
        memory_percent: of the engine's memory, for all its slots; None where memory is not divided.
        timeout_seconds: of running, not of waiting; 0 for none.
        scales: what would wait and may burst does.
        engine: the engine beside the house that runs what it can; empty for none.
    """

    service_class: int
    name: str
    slots: int
    memory_percent: float | None = None
    user_groups: Names = Names()
    query_groups: Names = Names()
    user_roles: Names = Names()
    timeout_seconds: float = 0.0
    rules: tuple[Rule, ...] = ()
    scales: bool = False
    engine: str = ""

    @property
    def slot_share(self) -> float:
        """The part of the engine's memory that one slot stands for, 0 to 1; 0 where memory is not divided."""
        return 0.0 if self.memory_percent is None else self.memory_percent / 100 / self.slots


@dataclass(frozen=True, slots=True)
class Configuration:
    """All queues, in the order in which they are asked; the last is the default queue.

    Attributes:
        unallocated_percent: memory that no queue was given.
        text: the JSON that was read; empty without a configuration.
    """

    queues: tuple[Queue, ...]
    unallocated_percent: float = 100.0
    superuser: Queue = Queue(SUPERUSER_CLASS, SUPERUSER_NAME, 1)
    text: str = ""

    @property
    def default(self) -> Queue:
        """Where everything goes that no other queue is for."""
        return self.queues[-1]

    @property
    def divides_memory(self) -> bool:
        """True where queues have shares of the memory."""
        return self.default.memory_percent is not None


def undivided(slots: int) -> Configuration:
    """Without a configuration: one queue in which nothing waits, and memory that is everybody's."""
    return Configuration((Queue(FIRST_CLASS, "Default queue", slots),))


def read(text: str) -> Configuration:
    """The queues of a JSON text.

    Raises:
        InvalidParameterValue: no such JSON, or values out of bounds; names the queue and the property.
        FeatureNotSupported: known to Redshift, not here.
    """
    try:
        found = json.loads(text)
    except ValueError as failure:
        raise InvalidParameterValue(f"wlm_json_configuration is not JSON: {failure}") from failure
    given = [found] if isinstance(found, dict) else found
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _wrong("it must be a list of queues, each an object")
    for one in given:
        _refuse(one)
    given = [one for one in given if set(one) != {"short_query_queue"}] or [{}]
    if len(given) > QUEUES_MAX:
        raise _wrong(f"{len(given)} queues, of which there may be {QUEUES_MAX}")
    shares = _shares(given)
    queues = tuple(
        _queue(one, place, share, place == len(given) - 1)
        for place, (one, share) in enumerate(zip(given, shares, strict=True))
    )
    _check_together(queues)
    return Configuration(queues, 100.0 - sum(shares), text=text)


def _refuse(given: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        raise _wrong(f'unknown property "{unknown[0]}"', hint=f"Properties: {', '.join(sorted(_KNOWN))}.")
    for name, values, what in (
        ("auto_wlm", (False,), "automatic workload management"),
        ("queue_type", ("manual",), "automatic workload management"),
        ("short_query_queue", (False,), "short query acceleration"),
        ("priority", ("normal",), "query priority, which is of automatic workload management,"),
    ):
        if name in given and given[name] not in values:
            raise FeatureNotSupported(
                f"wlm_json_configuration: {what} is not supported", hint=f"Leave {name} out, or {_shown(values[0])}."
            )


def _shown(value: object) -> str:
    return f"set it to {json.dumps(value)}"


def _shares(given: Sequence[Mapping[str, Any]]) -> list[float]:
    """Percents of the memory: as asked for, and the rest in equal parts to those that ask for none."""
    asked = [_whole(one, "memory_percent_to_use", 1, 100, None) for one in given]
    total = sum(one for one in asked if one is not None)
    silent = asked.count(None)
    if total > 100 or (silent and total == 100):
        raise _wrong(f"memory_percent_to_use adds up to {total}" + (", which leaves nothing" if total == 100 else ""))
    return [(100 - total) / silent if one is None else float(one) for one in asked]


def _queue(given: Mapping[str, Any], place: int, share: float, is_last: bool) -> Queue:
    name = given.get("name", "Default queue" if is_last else f"Queue {place + 1}")
    if not isinstance(name, str) or not 0 < len(name) <= 64:
        raise _wrong("name must be a text of 1 to 64 characters")
    scaling = given.get("concurrency_scaling", "off")
    if scaling not in ("auto", "off"):
        raise _wrong("concurrency_scaling must be auto or off")
    engine = given.get("engine", "duckdb")
    if engine not in ("duckdb", "spark"):
        raise _wrong("engine must be duckdb or spark")
    names = {kind: _names(given, kind) for kind in ("user_group", "query_group", "user_role")}
    is_for_some = any(one.names for one in names.values())
    if is_last and is_for_some:
        raise _wrong(
            "the last queue is the default queue and takes no user_group, query_group or user_role",
            hint="Add a queue without them at the end.",
        )
    if not is_last and not is_for_some:
        raise _wrong(f'queue "{name}" would never be used', hint="Give it a user_group, query_group or user_role.")
    return Queue(
        FIRST_CLASS + place,
        name,
        _whole(given, "query_concurrency", 1, SLOTS_MAX, SLOTS_DEFAULT) or SLOTS_DEFAULT,
        share,
        names["user_group"],
        names["query_group"],
        names["user_role"],
        (_whole(given, "max_execution_time", 0, 2**53, 0) or 0) / 1000,
        read_rules(given.get("rules", [])),
        scaling == "auto",
        "" if engine == "duckdb" else engine,
    )


def _check_together(queues: Sequence[Queue]) -> None:
    slots = sum(one.slots for one in queues)
    if slots > SLOTS_MAX:
        raise _wrong(f"query_concurrency adds up to {slots}, of which there may be {SLOTS_MAX}")
    named = [SUPERUSER_NAME.casefold(), *(one.name.casefold() for one in queues)]
    ruled = [rule.name.casefold() for one in queues for rule in one.rules]
    for what, found in (("queue", named), ("rule", ruled)):
        twice = next((name for name in found if found.count(name) > 1), None)
        if twice is not None:
            raise _wrong(f'two {what}s have the name "{twice}"')
    if len(ruled) > RULES_MAX:
        raise _wrong(f"{len(ruled)} rules, of which there may be {RULES_MAX}")


def _names(given: Mapping[str, Any], kind: str) -> Names:
    found = given.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise _wrong(f"{kind} must be a list of names")
    wild = given.get(f"{kind}_wild_card", 0)
    if wild not in (0, 1):
        raise _wrong(f"{kind}_wild_card must be 0 or 1")
    return Names(tuple(found), bool(wild))


def _whole(given: Mapping[str, Any], name: str, least: int, most: int, default: int | None) -> int | None:
    if name not in given:
        return default
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _wrong(f"{name} must be a whole number from {least} to {most}")
    return value


def _wrong(what: str, hint: str | None = None) -> InvalidParameterValue:
    return InvalidParameterValue(f"wlm_json_configuration: {what}", hint=hint)


Kind = Literal["read", "ctas", "write", "load", "maintenance", "other"]
"""What a statement is to timeouts and rules: SELECT; CREATE TABLE AS; INSERT and its like and UNLOAD; COPY; ANALYZE and
VACUUM; CALL and FETCH."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Whose statement it is, as far as queues ask."""

    superuser: bool = False
    query_group: str = ""
    user_groups: frozenset[str] = frozenset()
    user_roles: frozenset[str] = frozenset()


def assign(configuration: Configuration, claimant: Claimant) -> Queue:
    """The queue of a statement. Source: "WLM queue assignment rules"."""
    if claimant.superuser and claimant.query_group.casefold() == "superuser":
        return configuration.superuser
    return next(_matching(configuration.queues[:-1], claimant), configuration.default)


def assign_next(configuration: Configuration, claimant: Claimant, queue: Queue) -> Queue | None:
    """The next queue that is for the statement; never the default one. Source: "WLM query queue hopping"."""
    place = next((place for place, one in enumerate(configuration.queues) if one.name == queue.name), None)
    return None if place is None else next(_matching(configuration.queues[place + 1 : -1], claimant), None)


def _matching(queues: Sequence[Queue], claimant: Claimant) -> Any:
    for one in queues:
        if (
            one.query_groups.match(claimant.query_group)
            or any(map(one.user_groups.match, claimant.user_groups))
            or any(map(one.user_roles.match, claimant.user_roles))
        ):
            yield one
