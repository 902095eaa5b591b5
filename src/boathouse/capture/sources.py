"""Which kinds of database are captured, by name.

Receives an integration; hands on its source, opened with the secret that it names.
"""

from __future__ import annotations

from boathouse.capture.catalog import Integration
from boathouse.capture.source import Source
from boathouse.contracts.errors import FeatureNotSupported, UndefinedObject
from boathouse.contracts.house import House


def open_source(house: House, integration: Integration) -> Source:
    """The source; it connects when it is first asked something.

    Raises:
        UndefinedObject: there is no such secret.
    """
    secret = house.secrets.get(integration.secret)
    if secret is None:
        raise UndefinedObject(
            f'secret "{integration.secret}" does not exist', hint="Secrets stand in the home's secrets.toml."
        )
    if integration.kind == "postgres":
        from boathouse.capture.postgres.source import PostgresSource  # here: servers without integrations start faster

        return PostgresSource(integration.slot, secret, integration.tables)
    if integration.kind == "mysql":
        from boathouse.capture.mysql.source import MySqlSource

        return MySqlSource(integration.slot, secret, integration.tables)
    raise FeatureNotSupported(f'capturing from "{integration.kind}" is not supported')
