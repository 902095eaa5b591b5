"""Which kinds of database are captured, by name.

Receives an integration; hands on its source, opened with the secret that it names.
"""

from __future__ import annotations

from boathouse.capture.catalog import Integration
from boathouse.capture.delivery.registered import registered
from boathouse.capture.formats.fitting import STRICT
from boathouse.capture.source import Source
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.house import House

SOURCES = "boathouse.capture.sources"
"""An entry point's value is called with the slot's name, the secret, the tables or None, and `memory_bytes_max=`, a number, and
`lenient=`, a `Lenient`, where its owner wants that; it returns a `Source`. Loaded where it is needed: servers without
integrations start faster."""


def open_source(house: House, integration: Integration) -> Source:
    """The source; it connects when it is first asked something.

    Raises:
        UndefinedObject: there is no such secret. FeatureNotSupported: there is no such kind.
    """
    secret = house.secrets.get(integration.secret)
    if secret is None:
        raise UndefinedObject(
            f'secret "{integration.secret}" does not exist', hint="Secrets stand in the home's secrets.toml."
        )
    more = {} if integration.lenient == STRICT else {"lenient": integration.lenient}
    source: Source = registered(SOURCES, integration.kind, "capturing from")(
        integration.slot,
        secret,
        integration.tables,
        memory_bytes_max=house.settings["capture"].memory_bytes_max,
        **more,
    )
    return source
