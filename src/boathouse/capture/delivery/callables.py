"""Captured changes to a Python function of one's own: `TO 'python:module:function'`.

The function is called with a `Delivery`, in the server, by a thread of the output's own. Functions that may be called stand in
`[capture] callables` of the home's settings: who may write statements cannot name others.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable

from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.output import Declared
from boathouse.contracts.errors import InsufficientPrivilege, InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable

log = logging.getLogger(__name__)


class CallableDestination:
    """See `Destination`."""

    def __init__(self, opening: Opening) -> None:
        check(opening.house, opening.declared)
        self._declared = opening.declared
        self._function = _load(_name(opening.declared))

    def deliver(self, delivery: Delivery) -> None:
        """See `Destination`."""
        try:
            self._function(delivery)
        except Exception as failure:
            # Its text may hold values of rows: users read the type, whoever runs the server the rest.
            log.exception("the function %s failed", _name(self._declared))
            raise OutputUnavailable(f"the function raised {type(failure).__name__}") from failure

    def close(self) -> None:
        """See `Destination`."""


def check(house: House, declared: Declared) -> None:
    """The function may be called.

    Raises:
        InsufficientPrivilege: it does not stand in the settings. InvalidParameterValue: there is none of that name.
    """
    name = _name(declared)
    if name not in house.settings["capture"].callables:
        raise InsufficientPrivilege(
            f'the function "{name}" may not be called',
            hint=f'Add it to the home\'s settings: callables = ["{name}"] in [capture].',
        )
    _load(name)


def _name(declared: Declared) -> str:
    return declared.place.partition(":")[2].removeprefix("//")


def _load(name: str) -> Callable[[Delivery], object]:
    module, _, function = name.partition(":")
    try:
        found: Callable[[Delivery], object] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as failure:
        raise InvalidParameterValue(
            f'there is no function "{name}"',
            hint="It is module:function, and the server must be able to import the module.",
        ) from failure
    return found


PYTHON = OutputKind(
    CallableDestination,
    guarantee="once by key or place",
    same_batches=True,
    options={"batch_rows": 10_000},
    rows=10_000,
    check=check,
)
