"""What SQLAlchemy's inspector finds, by its own PostgreSQL dialect and by sqlalchemy-redshift over both of its drivers.

One schema is reflected by all of them; what sqlalchemy-redshift adds (distribution, sort keys, encodings, COPY, UNLOAD,
materialized views) is asked of its own dialect alone.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from tests.clients.conftest import PASSWORD, USER, Running

sa = pytest.importorskip("sqlalchemy")
redshift = pytest.importorskip("sqlalchemy_redshift.dialect")
commands = pytest.importorskip("sqlalchemy_redshift.commands")

DIALECTS = ("postgresql+psycopg", "redshift+psycopg2", "redshift+redshift_connector")
MADE = """
CREATE SCHEMA seen;
CREATE TABLE seen.customers (id integer NOT NULL, code varchar(8) UNIQUE, region integer, zone integer,
    CONSTRAINT customers_pk PRIMARY KEY (id), CONSTRAINT customers_place UNIQUE (region, zone));
CREATE TABLE seen.orders (id bigint IDENTITY(5, 2) PRIMARY KEY, customer integer NOT NULL DISTKEY
    REFERENCES seen.customers (id), at timestamp DEFAULT getdate(), stamp timestamptz, day date ENCODE az64 SORTKEY,
    name varchar(20) DEFAULT 'x', fixed char(3), price numeric(10,2), good boolean, ratio real, exact float8,
    small smallint, body super, hour time);
CREATE TABLE seen.places (region integer, zone integer, CONSTRAINT place_of FOREIGN KEY (region, zone)
    REFERENCES seen.customers (region, zone)) DISTSTYLE ALL;
CREATE VIEW seen.names AS SELECT id, name FROM seen.orders;
CREATE VIEW seen.late AS SELECT id, name FROM seen.orders WITH NO SCHEMA BINDING;
CREATE MATERIALIZED VIEW seen.counted AS SELECT count(*) AS n FROM seen.orders;
COMMENT ON TABLE seen.orders IS 'what was ordered';
COMMENT ON COLUMN seen.orders.price IS 'in euros';
"""


@pytest.fixture(scope="module", params=DIALECTS)
def engine(server: Running, request: pytest.FixtureRequest) -> Iterator[Any]:
    keywords: dict[str, Any] = {"connect_args": {"sslmode": "prefer"}, "use_native_hstore": False}
    if "redshift_connector" in request.param:
        keywords = {"connect_args": {"ssl": False}}
    found = sa.create_engine(f"{request.param}://{USER}:{PASSWORD}@127.0.0.1:{server.port}/dev", **keywords)
    with found.connect() as connection:
        if not connection.exec_driver_sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'seen'").scalar():
            for sql in MADE.strip().split(";\n"):
                connection.exec_driver_sql(sql.rstrip(";"))
            connection.commit()
    yield found
    found.dispose()


@pytest.fixture(scope="module")
def inspector(engine: Any) -> Any:
    return sa.inspect(engine)


@pytest.fixture(scope="module")
def reflected(engine: Any) -> Any:
    """The schema's tables, read in one go."""
    found = sa.MetaData(schema="seen")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type 'super'")  # unknown to PostgreSQL's dialect
        found.reflect(engine)
    return found


def test_relations_are_told_apart(inspector: Any) -> None:
    assert {"seen", "public"} <= set(inspector.get_schema_names())
    assert sorted(inspector.get_table_names(schema="seen")) == ["customers", "orders", "places"]
    assert sorted(inspector.get_view_names(schema="seen")) == ["counted", "late", "names"]
    assert inspector.get_temp_table_names() == []
    assert inspector.get_sequence_names(schema="seen") == []
    assert inspector.has_table("orders", schema="seen")
    assert not inspector.has_table("nothing", schema="seen")
    assert "orders" not in inspector.get_table_names()


def test_columns_have_their_types_and_defaults(engine: Any, reflected: Any) -> None:
    columns = reflected.tables["seen.orders"].columns
    types = {column.name: str(column.type) for column in columns if column.name != "body"}
    zoned = "TIMESTAMPTZ" if engine.dialect.name == "redshift" else "TIMESTAMP"
    assert types == {
        "id": "BIGINT", "customer": "INTEGER", "at": "TIMESTAMP", "stamp": zoned, "day": "DATE",
        "name": "VARCHAR(20)", "fixed": "CHAR(3)", "price": "NUMERIC(10, 2)", "good": "BOOLEAN", "ratio": "REAL",
        "exact": "DOUBLE PRECISION", "small": "SMALLINT", "hour": "TIME",
    }  # fmt: skip
    assert columns["stamp"].type.timezone
    assert [column.name for column in columns if not column.nullable] == ["id", "customer"]
    defaults = {column.name: column.server_default.arg.text for column in columns if column.server_default is not None}
    assert defaults.pop("id").startswith('"identity"(')
    assert defaults == {"at": "getdate()", "name": "'x'"}
    assert columns["price"].comment == "in euros"
    if engine.dialect.name == "redshift":
        assert isinstance(columns["body"].type, redshift.SUPER)
        assert columns["day"].info == {"encode": "az64"}


def test_keys_are_found_and_joined_over(reflected: Any) -> None:
    customers, orders, places = (reflected.tables[f"seen.{name}"] for name in ("customers", "orders", "places"))
    assert (customers.primary_key.name, list(customers.primary_key.columns.keys())) == ("customers_pk", ["id"])
    assert (orders.primary_key.name, list(orders.primary_key.columns.keys())) == ("orders_pkey", ["id"])
    (foreign,) = orders.foreign_key_constraints
    assert (foreign.name, foreign.column_keys, foreign.elements[0].column) == (
        "orders_customer_fkey",
        ["customer"],
        customers.c.id,
    )
    (wide,) = places.foreign_key_constraints
    assert (wide.name, wide.column_keys) == ("place_of", ["region", "zone"])
    assert [element.column for element in wide.elements] == [customers.c.region, customers.c.zone]
    assert set(str(sa.join(orders, customers).onclause).split(" = ")) == {"seen.orders.customer", "seen.customers.id"}
    unique = [one for one in customers.constraints if isinstance(one, sa.UniqueConstraint)]
    assert {one.name: list(one.columns.keys()) for one in unique} == {
        "customers_place": ["region", "zone"],
        "customers_code_key": ["code"],
    }


def test_nothing_else_is_made_up(engine: Any, inspector: Any) -> None:
    assert inspector.get_check_constraints("customers", schema="seen") == []
    assert inspector.get_pk_constraint("places", schema="seen")["constrained_columns"] == []
    indexes = {one["name"] for one in inspector.get_indexes("customers", schema="seen")}
    # A unique key has an index in name to PostgreSQL; Redshift's dialect knows of none.
    assert indexes == (set() if engine.dialect.name == "redshift" else {"customers_place", "customers_code_key"})


def test_views_have_columns_and_definitions(engine: Any, inspector: Any) -> None:
    columns = {one["name"]: str(one["type"]) for one in inspector.get_columns("names", schema="seen")}
    assert columns == {"id": "BIGINT", "name": "VARCHAR(20)"}
    assert [one["name"] for one in inspector.get_columns("counted", schema="seen")] == ["n"]
    late = {one["name"]: str(one["type"]) for one in inspector.get_columns("late", schema="seen")}
    # Views without schema binding have no rows in pg_attribute, and no dialect but Redshift's asks elsewhere.
    assert late == (columns if engine.dialect.name == "redshift" else {})
    for name in ("names", "late"):
        assert "SELECT id, name FROM seen.orders" in inspector.get_view_definition(name, schema="seen")


def test_comments_are_found(inspector: Any) -> None:
    assert inspector.get_table_comment("orders", schema="seen") == {"text": "what was ordered"}
    assert inspector.get_table_comment("places", schema="seen") == {"text": None}


@pytest.mark.parametrize("engine", DIALECTS[1:], indirect=True)
def test_a_reflected_table_is_made_again_as_it_was(engine: Any, reflected: Any) -> None:
    table = reflected.tables["seen.orders"]
    assert {name: table.dialect_options["redshift"][name] for name in ("diststyle", "distkey", "sortkey")} == {
        "diststyle": "KEY",
        "distkey": "customer",
        "sortkey": ("day",),
    }
    assert reflected.tables["seen.places"].dialect_options["redshift"]["diststyle"] == "ALL"
    made = str(sa.schema.CreateTable(table).compile(engine))
    assert "id BIGINT IDENTITY(5,2) NOT NULL" in made
    with engine.begin() as connection:
        again = f"again_{engine.driver}"
        connection.exec_driver_sql(made.replace("seen.orders", f"seen.{again}").replace("orders_pkey", f"{again}_pkey"))
        shown = [connection.exec_driver_sql(f"SHOW TABLE seen.{name}").scalar() for name in ("orders", again)]
        # The dialect is told of encodings but makes none; it names every key.
        plain = [re.sub(r"CONSTRAINT \w+|ENCODE az64|COMPOUND|\s", "", text.replace(again, "orders")) for text in shown]
        assert plain[0] == plain[1]
        connection.exec_driver_sql(f"DROP TABLE seen.{again}")


@pytest.mark.parametrize("engine", DIALECTS[1:2], indirect=True)
def test_copy_unload_and_materialized_views_of_the_dialect_run(engine: Any, server: Running) -> None:
    table = sa.Table("loaded", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("name", sa.String(20)),
                     redshift_diststyle="KEY", redshift_distkey="id", redshift_sortkey=["id", "name"])  # fmt: skip
    keys = {"access_key_id": "A" * 20, "secret_access_key": "s" * 40}
    folder = server.home / "lake" / "sqlalchemy"
    folder.mkdir(parents=True)
    (folder / "rows.csv").write_text('id,name\n1,"one, and more"\n2,\n')
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.schema.CreateTable(table))
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
        given = str(folder / "rows.csv")
        connection.execute(
            commands.CopyCommand(
                table, data_location=given, format=commands.Format.csv, ignore_header=1, empty_as_null=True, **keys
            )
        )
        assert connection.execute(sa.select(table).order_by(table.c.id)).all() == [(1, "one, and more"), (2, None)]
        some = sa.select(table).where(table.c.name == "one, and more")
        connection.execute(
            commands.UnloadFromSelect(
                some, str(folder / "left_"), format=commands.Format.csv, header=True, parallel=False, **keys
            )
        )
        (left,) = folder.glob("left_*")
        assert left.read_text() == 'id,name\n1,"one, and more"\n'
        connection.execute(redshift.CreateMaterializedView("loaded_names", sa.select(table.c.name)))
        connection.execute(table.insert(), [{"id": 3, "name": "three"}])
        connection.execute(commands.RefreshMaterializedView("loaded_names"))
        assert connection.exec_driver_sql("SELECT count(*) FROM loaded_names").scalar() == 3
        connection.execute(redshift.DropMaterializedView("loaded_names"))
        connection.execute(sa.schema.DropTable(table))
