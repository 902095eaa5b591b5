"""SQLAlchemy 2 over three drivers and two dialects: its own for PostgreSQL, and sqlalchemy-redshift.

Redshift has no savepoints, inside which SQLAlchemy's own dialects look for hstore: `use_native_hstore=False`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.clients.conftest import PASSWORD, USER, Running

sa = pytest.importorskip("sqlalchemy")
orm = pytest.importorskip("sqlalchemy.orm")
pytest.importorskip("sqlalchemy_redshift")

DIALECTS = ("postgresql+psycopg", "postgresql+psycopg2", "redshift+psycopg2", "redshift+redshift_connector")


@pytest.fixture(scope="module", params=DIALECTS)
def engine(server: Running, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An engine, and in a schema of its own a table, a view over it, and comments."""
    keywords: dict[str, Any] = {"connect_args": {"sslmode": "prefer"}, "use_native_hstore": False}
    if "redshift_connector" in request.param:
        keywords = {"connect_args": {"ssl": False}}
    found = sa.create_engine(f"{request.param}://{USER}:{PASSWORD}@127.0.0.1:{server.port}/dev", **keywords)
    schema = schema_of(found)
    with found.begin() as connection:
        for sql in (
            f"CREATE SCHEMA {schema}",
            f"CREATE TABLE {schema}.orders (id integer NOT NULL DISTKEY SORTKEY, name varchar(20) DEFAULT 'x', "
            "price numeric(10,2))",
            f"CREATE VIEW {schema}.ids AS SELECT id FROM {schema}.orders",
            f"COMMENT ON TABLE {schema}.orders IS 'what was ordered'",
        ):
            connection.exec_driver_sql(sql)
    yield found
    found.dispose()


def schema_of(engine: Any) -> str:
    return f"sa_{engine.dialect.name}_{engine.driver}"


def test_the_session_is_what_the_dialect_expects(engine: Any) -> None:
    with engine.connect() as connection:
        assert connection.dialect.server_version_info[:2] == (8, 0)
        assert connection.dialect.default_schema_name == "public"
        assert connection.execute(sa.text("SELECT :one + 1"), {"one": 1}).scalar_one() == 2


def test_objects_go_out_and_come_back(engine: Any) -> None:
    class Base(orm.DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = f"items_{engine.dialect.name}_{engine.driver}"
        id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
        name = sa.Column(sa.String(20))
        price = sa.Column(sa.Numeric(10, 2))
        day = sa.Column(sa.Date)
        at = sa.Column(sa.DateTime)
        good = sa.Column(sa.Boolean)

    Base.metadata.create_all(engine, checkfirst=False)
    with orm.Session(engine) as session:
        moment = datetime(2024, 2, 29, 12, 30)
        session.add_all(
            Item(id=n, name=f"n{n}", price=Decimal(n) / 4, day=date(2024, 1, n + 1), at=moment, good=bool(n % 2))
            for n in range(4)
        )
        session.commit()
        session.get(Item, 1).name = "changed"
        session.delete(session.get(Item, 2))
        session.commit()
        found = session.scalars(sa.select(Item).where(Item.id.in_([0, 1, 2])).order_by(Item.id)).all()
        assert [(one.id, one.name, one.price, one.day, one.at, one.good) for one in found] == [
            (0, "n0", Decimal("0.00"), date(2024, 1, 1), moment, False),
            (1, "changed", Decimal("0.25"), date(2024, 1, 2), moment, True),
        ]
        total = sa.select(sa.func.count(), sa.func.sum(Item.price))
        assert tuple(session.execute(total).one()) == (3, Decimal("1.00"))
    Base.metadata.drop_all(engine, checkfirst=False)


def test_what_fails_is_undone_and_the_pool_goes_on(engine: Any) -> None:
    schema = schema_of(engine)
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO {schema}.orders VALUES (99)")
        connection.exec_driver_sql("SELECT * FROM no_such_table")
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.orders WHERE id = 99").scalar() == 0
