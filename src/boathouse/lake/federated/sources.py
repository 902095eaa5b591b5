"""The databases that can be asked, by what they speak: tables described, queries read.

Asked by the catalog's look-ups and by `scan`. Two implementations: `postgres` and `mysql`, imported when the first question
goes there: their drivers would take a tenth of the time in which a server starts.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping

from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake.federated import schemas
from boathouse.lake.federated.remote import Moment, Reading
from boathouse.lake.federated.schemas import FederatedSchema


def find_relation(house: House, session: Session, schema: str, name: str) -> Relation | None:
    """The table of another database that a schema shows under a name; asked anew each time, None where there is none."""
    found = schemas.find(session, schema)
    if found is None:
        return None
    login = schemas.login(house, found)
    if found.engine == "postgres":
        from boathouse.lake.federated import postgres

        table = postgres.describe(found, login, name)
    else:
        from boathouse.lake.federated import mysql

        table = mysql.describe(found, login, name)
    return None if table is None else table.relation(name)


Parts = tuple[str, int]
"""A table's name in a question, and how many blocks it has."""


class Asked:
    """What one statement asks of other databases. Where it asks one of them more than once, all is of one moment.

    Args:
        is_repeated: a question may be asked more than once.
    """

    def __init__(self, house: House, session: Session, *, is_repeated: bool) -> None:
        self._house = house
        self._session = session
        self._version = session.data_version
        self._is_repeated = is_repeated
        self._questions: Counter[object] = Counter()
        self._moments: dict[object, Moment] = {}
        self._lock = threading.Lock()
        session.until_end(self._close)

    def sees_the_same(self) -> bool:
        """True where the running query sees the local data that were seen when this was made."""
        is_known = self._version is not None and self._session.data_version == self._version
        return is_known or self._session.engine.in_transaction

    def question(
        self, schema: FederatedSchema, text: str, otherwise: str, parts: Parts | None = None
    ) -> Callable[[], Reading]:
        """What begins a reading, once all questions of the statement are known.

        Args:
            otherwise: asked where the running query sees later local data than those that `text` speaks of.
            parts: it may be asked in parts.
        """
        self._questions[_source(schema)] += 1
        return lambda: self._begin(schema, text if text == otherwise or self.sees_the_same() else otherwise, parts)

    def _begin(self, schema: FederatedSchema, text: str, parts: Parts | None) -> Reading:
        login = schemas.login(self._house, schema)
        source = _source(schema)
        if parts is not None or self._is_repeated or self._questions[source] > 1:
            with self._lock:
                if source not in self._moments:
                    self._moments[source] = _moment(self._house, schema, login)
            moment = self._moments[source]
            if parts is None:
                return moment.reading(schema, text)
            from boathouse.lake.federated.parts import PartsReading

            return PartsReading(moment, schema, text, *parts)
        if schema.engine == "postgres":
            from boathouse.lake.federated import postgres

            return postgres.PostgresReading(schema, login, text)
        from boathouse.lake.federated import mysql

        return mysql.MysqlReading(schema, login, text)

    def _close(self) -> None:
        with self._lock:
            moments, self._moments = self._moments, {}
        for moment in moments.values():
            moment.close()


def _source(schema: FederatedSchema) -> object:
    """The same for schemas that are read over one kind of connection."""
    return schema.engine, schema.uri, schema.port, schema.database, schema.secret


def _moment(house: House, schema: FederatedSchema, login: Mapping[str, str]) -> Moment:
    if schema.engine == "postgres":
        from boathouse.lake.federated import postgres

        return postgres.PostgresMoment(schema, login)
    from boathouse.lake.federated import mysql

    return mysql.MysqlMoment(schema, login, house.home / "tmp")
