"""Shapes: their forms go round, their measures agree with an independent library, the extension comes when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from pyproj import Geod

from boathouse.contracts.errors import DataError, FeatureNotSupported
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.spatial import geodesy, shapes, wkt
from boathouse.engines.duckdb.spatial.outlines import convex_hull, turns
from boathouse.engines.duckdb.spatial.point_distances import distances
from boathouse.engines.duckdb.spatial.shapes import Shape

numbers = some.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
HALF = "CASE WHEN memory.rs.is_visible(1) THEN 1 END"


@some.composite
def drawn(draw: some.DrawFn) -> Shape:
    has_z, has_m = draw(some.booleans()), draw(some.booleans())
    point = some.tuples(*[numbers] * (2 + has_z + has_m))
    run = some.lists(point, min_size=1, max_size=4).map(tuple)
    rings = some.lists(run, min_size=1, max_size=2).map(tuple)

    def of(kind: int, parts: some.SearchStrategy) -> some.SearchStrategy:
        return some.builds(lambda one: Shape(kind, one, has_z, has_m), parts | some.just(()))

    leaves = [of(shapes.POINT, point), of(shapes.LINESTRING, run), of(shapes.POLYGON, rings)]
    several = [of(4 + place, some.lists(leaf, max_size=3).map(tuple)) for place, leaf in enumerate(leaves)]
    any_shape = some.recursive(
        some.one_of(*leaves, *several), lambda inner: of(7, some.lists(inner, max_size=2).map(tuple)), max_leaves=4
    )
    found = draw(any_shape)
    return Shape(found.kind, found.parts, has_z, has_m, draw(some.integers(0, 999_999)))


@given(drawn())
@settings(max_examples=60)
def test_binary_and_text_go_round(shape: Shape) -> None:
    assert shapes.read(shapes.write(shape)) == shape
    assert wkt.read_text(wkt.write_extended(shape, 17)) == shape
    assert shapes.read(shapes.write_standard(shape, with_srid=True)) == shape


@given(some.binary(max_size=60))
@settings(max_examples=60)
def test_any_bytes_are_a_shape_or_an_error_of_ours(data: bytes) -> None:
    for given_bytes in (data, b"\x01" + data, b"\x01\x03\0\0\0" + data):
        try:
            shapes.write(shapes.read(given_bytes))
        except DataError as failure:
            assert failure.sqlstate == "22023"


@given(some.tuples(*[some.floats(-179, 179), some.floats(-89, 89)] * 2))
@settings(max_examples=100)
@example((9.0, 39.6, 9.0 + 1e-9, 39.6))  # a tenth of a millimetre
@example((9.0, 39.6, 9.0, 39.60001))
def test_distances_are_the_geodesics_within_their_formula(ends: tuple[float, float, float, float]) -> None:
    exact = Geod(ellps="WGS84").inv(*ends)[2]
    if exact < 19_000_000:  # the formula fails where the points lie opposite to each other
        found = geodesy.distance(ends[:2], ends[2:], *geodesy.spheroid(4326))
        assert found == pytest.approx(exact, rel=1e-4, abs=1e-6)
        one, other = (np.radians([ends[place : place + 2]]) for place in (0, 2))
        assert distances(one, other)[0] == pytest.approx(found, rel=1e-9, abs=1e-6)


@given(
    some.lists(some.tuples(some.integers(-9, 9).map(float), some.integers(-9, 9).map(float)), min_size=1, max_size=12)
)
@settings(max_examples=60)
def test_a_hull_turns_clockwise_and_is_its_own_hull(points: list[tuple[float, float]]) -> None:
    hull = convex_hull(Shape(shapes.LINESTRING, tuple(points)))
    assert convex_hull(hull) == hull
    assert turns(hull, -1)
    assert set(hull.coordinates()) <= set(points)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    found = DuckEngine(tmp_path / "w.duckdb", "dev", tmp_path, EngineSettings())
    yield found
    found.close()


def test_without_the_extra_the_error_says_what_to_install(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb_extension_spatial", None)
    with pytest.raises(FeatureNotSupported, match="spatial is not installed") as told:
        engine.load_extension("spatial")
    assert told.value.hint == "pip install 'boathouse[spatial]'"


def test_an_open_transaction_sees_what_was_loaded_since(engine: DuckEngine) -> None:
    session = engine.session()
    session.begin()
    session.execute("CREATE TABLE t AS SELECT 1 AS x")
    assert session.fetch(f"SELECT {HALF}") == [(1,)]
    engine.load_extension("spatial")
    assert session.fetch("SELECT memory_spatial.sp.area(bh_geo_read('POLYGON((0 0,1 0,1 1,0 0))'))") == [(0.5,)]
    session.commit()
    session.close()
