"""redshift_connector, Amazon's own driver: its digest, its TLS defaults, its binary results, its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running

redshift_connector = pytest.importorskip("redshift_connector")


def connect(server: Running, **keywords: Any) -> Any:
    return redshift_connector.connect(
        host="127.0.0.1",
        port=server.port,
        database=DATABASE,
        user=USER,
        password=keywords.pop("password", PASSWORD),
        **({"ssl": False} | keywords),
    )


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    found = connect(server)
    yield found
    found.close()


def fresh(connection: Any, name: str) -> str:
    cursor = connection.cursor()
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TABLE {name} (id integer, name varchar(64), price numeric(10,2))")
    connection.commit()
    return name


def test_values_come_back_as_their_types(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "SELECT 7::smallint, 70000::integer, 1099511627776::bigint, 1.50::numeric(10,2), 0.5::double precision, true, "
        "'text'::varchar(10), date '2024-02-29', timestamp '2024-02-29 12:30:15.25', NULL::integer"
    )
    assert tuple(cursor.fetchone()) == (
        7,
        70000,
        2**40,
        Decimal("1.50"),
        0.5,
        True,
        "text",
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12, 30, 15, 250000),
        None,
    )


def test_parameters_are_taken_in_every_style_of_the_driver(connection: Any) -> None:
    name = fresh(connection, "rs_parameters")
    cursor = connection.cursor()
    cursor.execute(f"INSERT INTO {name} VALUES (%s, %s, %s)", (1, "it's", Decimal("9.99")))
    cursor.execute(f"INSERT INTO {name} VALUES (%s, %s, %s)", (100_000, None, None))
    cursor.execute(f"SELECT id, name, price FROM {name} WHERE id >= %s ORDER BY id", (1,))
    assert [tuple(row) for row in cursor.fetchall()] == [(1, "it's", Decimal("9.99")), (100_000, None, None)]
    cursor.paramstyle = "named"
    cursor.execute(f"SELECT name FROM {name} WHERE id = :wanted", {"wanted": 1})
    assert cursor.fetchone()[0] == "it's"


def test_executemany_binds_one_statement_again_and_again(connection: Any) -> None:
    name = fresh(connection, "rs_many")
    cursor = connection.cursor()
    cursor.executemany(f"INSERT INTO {name} (id, name) VALUES (%s, %s)", [(n, f"n{n}") for n in range(25)])
    connection.commit()
    cursor.execute(f"SELECT count(*), max(id) FROM {name}")
    assert tuple(cursor.fetchone()) == (25, 24)


def test_without_autocommit_work_is_kept_or_undone_as_told(server: Running, connection: Any) -> None:
    name = fresh(connection, "rs_transactions")
    cursor = connection.cursor()
    cursor.execute(f"INSERT INTO {name} (id) VALUES (1)")
    connection.rollback()
    cursor.execute(f"INSERT INTO {name} (id) VALUES (2)")
    connection.commit()
    other = connect(server)
    found = other.cursor().execute(f"SELECT id FROM {name}").fetchall()
    other.close()
    assert [tuple(row) for row in found] == [(2,)]


def test_with_autocommit_each_statement_stands_alone(server: Running, connection: Any) -> None:
    name = fresh(connection, "rs_autocommit")
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"INSERT INTO {name} (id) VALUES (1)")
    with pytest.raises(redshift_connector.ProgrammingError):
        cursor.execute("SELECT nope")
    other = connect(server)
    assert other.cursor().execute(f"SELECT id FROM {name}").fetchall() == ([1],)
    other.close()


def test_an_error_carries_its_class_and_rollback_mends_the_block(connection: Any) -> None:
    cursor = connection.cursor()
    with pytest.raises(redshift_connector.ProgrammingError) as failed:
        cursor.execute("SELECT * FROM no_such_table")
    assert failed.value.args[0]["C"] == "42P01"
    with pytest.raises(redshift_connector.ProgrammingError) as refused:
        cursor.execute("SELECT 1")
    assert refused.value.args[0]["C"] == "25P02"
    connection.rollback()
    assert cursor.execute("SELECT 1").fetchone() == [1]


def test_a_wrong_password_is_refused(server: Running) -> None:
    with pytest.raises(redshift_connector.Error) as refused:
        connect(server, password="wrong")
    assert "28P01" in str(refused.value)


def test_its_default_tls_trusts_the_houses_certificate_when_told_where_it_is(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    for mode in ("verify-ca", "verify-full"):
        found = connect(server, ssl=True, sslmode=mode)
        assert found.cursor().execute("SELECT 1").fetchone() == [1]
        found.close()


def test_its_default_tls_refuses_a_certificate_that_nobody_vouches_for(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(Exception, match="certificate"):
        connect(server, ssl=True)


def test_rows_arrive_as_a_data_frame_sized_result(connection: Any) -> None:
    name = fresh(connection, "rs_rows")
    cursor = connection.cursor()
    cursor.execute(f"INSERT INTO {name} (id) VALUES (0)")
    for step in range(12):
        cursor.execute(f"INSERT INTO {name} (id) SELECT id + {2**step} FROM {name}")
    cursor.execute(f"SELECT id FROM {name} ORDER BY id")
    assert [row[0] for row in cursor.fetchall()] == list(range(4096))


def test_shapes_are_read_and_sent_as_text(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE drawn (id integer, shape geometry, spot geography)")
    cursor.execute("INSERT INTO drawn VALUES (1, %s, 'POINT(3 4)')", ("SRID=4326;POINT(1 2)",))
    cursor.execute("SELECT shape, spot, ST_AsEWKT(shape) FROM drawn")
    shape, spot, shown = cursor.fetchone()
    assert shape.upper() == "0101000020E6100000000000000000F03F0000000000000040"
    assert spot.upper() == "0101000020E610000000000000000008400000000000001040"
    assert shown == "SRID=4326;POINT(1 2)"
