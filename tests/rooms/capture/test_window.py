"""The watermark machine against a source whose log and whose reads do not agree on the order of things."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from tests.rooms.capture.simulated import PATH, Capture, Change, SimulatedSource, Snapshot, WentBackwards

from boathouse.capture.changes import Mark
from boathouse.capture.window import KEYS_MAX, Closed, WatermarkError, Window

KEYS = range(1, 9)
keys = st.integers(KEYS[0], KEYS[-1])
changes = st.one_of(
    st.builds(Change, st.just("put"), keys),
    st.builds(Change, st.just("delete"), keys),
    st.builds(Change, st.just("move"), keys, keys),
)
transactions = st.one_of(
    st.lists(changes, min_size=1, max_size=4),
    st.lists(changes, max_size=2).map(lambda some: [*some, Change("truncate")]),
    st.just([Change("reshape"), Change("put", 1)]),
)
workload = st.one_of(
    st.tuples(st.just("commit"), transactions),
    st.tuples(st.just("show"), st.integers(0, 3)),
)
steps = st.one_of(
    workload,
    workload,
    st.tuples(st.just("pump"), st.integers(1, 6)),
    st.tuples(st.just("chunk"), st.integers(1, 4)),
    st.tuples(st.just("durable"), st.none()),
    st.tuples(st.just("crash"), st.none()),
    st.tuples(st.just("rest"), st.none()),
)
scripts = st.lists(steps, max_size=40)


def play(script: list[tuple[str, object]], *, classic: bool, keys_max: int = KEYS_MAX) -> Capture:
    """Run a script to its end; raises where the sink differs from the source or a key went backwards."""
    source = SimulatedSource()
    source.preload(KEYS[::2])
    capture = Capture(source, KEYS[-1], classic=classic, keys_max=keys_max)
    script = list(script)

    def work(step: tuple[str, object]) -> None:
        verb, value = step
        if verb == "commit":
            source.commit(value)  # type: ignore[arg-type]
        elif verb == "show" and source.unseen:
            source.show(sorted(source.unseen)[int(value) % len(source.unseen)])  # type: ignore[call-overload]

    def between() -> Iterator[None]:
        while script and script[0][0] in ("commit", "show"):
            work(script.pop(0))
            yield

    while script:
        verb, value = script.pop(0)
        if verb == "pump":
            capture.pump(value)  # type: ignore[arg-type]
        elif verb == "chunk":
            capture.read_chunk(value, between())  # type: ignore[arg-type]
        elif verb == "durable":
            capture.make_durable()
        elif verb == "crash":
            capture.crash()
        elif verb == "rest":
            capture.window.rest()
        else:
            work((verb, value))
    capture.finish(3)
    assert capture.sink.rows == source.visible, "the sink differs from the source"
    return capture


EXAMPLES = int(os.environ.get("BOATHOUSE_CAPTURE_EXAMPLES", "150"))


@given(scripts, st.sampled_from([0, 1, 3, KEYS_MAX]))
@settings(max_examples=EXAMPLES)
def test_the_sink_is_the_source_whatever_the_orders(script: list[tuple[str, object]], keys_max: int) -> None:
    """However few keys are remembered."""
    play(script, classic=False, keys_max=keys_max)


def _goes_wrong(script: list[tuple[str, object]]) -> bool:
    try:
        play(script, classic=True)
    except AssertionError:
        return True
    return False


def test_the_published_algorithm_alone_is_found_wrong() -> None:
    try:
        script = find(scripts, _goes_wrong, settings=settings(max_examples=20_000, database=None))
    except NoSuchExample:
        pytest.fail("the simulation does not show the race that the machine exists for")
    play(script, classic=False)


def test_a_row_that_the_chunk_read_too_early_is_dropped() -> None:
    """The race in its plainest form: logged and handed on before the low watermark, seen only after the read."""
    script: list[tuple[str, object]] = [("commit", [Change("put", 1)]), ("pump", 9), ("durable", None), ("chunk", 4)]
    with pytest.raises(WentBackwards):
        play(script, classic=True)
    play(script, classic=False)


def test_what_was_handed_on_before_a_restart_counts_too() -> None:
    script: list[tuple[str, object]] = [
        ("commit", [Change("put", 1)]), ("pump", 9), ("durable", None), ("crash", None), ("chunk", 4), ("pump", 9),
    ]  # fmt: skip
    with pytest.raises(WentBackwards):
        play(script, classic=True)
    play(script, classic=False)


def test_a_later_snapshot_forgets_nothing_that_an_open_window_needs() -> None:
    script: list[tuple[str, object]] = [
        ("commit", [Change("put", 1)]), ("pump", 9), ("chunk", 4), ("show", 0), ("durable", None), ("pump", 9),
    ]  # fmt: skip
    play(script, classic=False)


def test_memory_holds_only_what_no_snapshot_has_seen() -> None:
    source = SimulatedSource()
    source.preload(KEYS)
    capture = Capture(source, KEYS[-1], classic=False)
    capture.read_chunk(2, iter(()))
    for key in KEYS:
        source.commit([Change("put", key)])
    capture.pump(len(source.log))
    assert capture.window.remembered == len(KEYS)
    capture.window.settle(source.snapshot())
    assert capture.window.remembered == len(KEYS)
    source.show_all()
    capture.window.settle(source.snapshot())
    assert capture.window.remembered == 0
    assert not capture.window.unsettled


def test_a_dump_that_rests_has_nothing_remembered_for_it() -> None:
    source = SimulatedSource()
    source.preload(KEYS)
    capture = Capture(source, KEYS[-1], classic=False)
    capture.read_chunk(2, iter(()))
    capture.pump(len(source.log))
    capture.window.rest()
    for key in KEYS:
        source.commit([Change("put", key)])
    capture.pump(len(source.log))
    assert capture.window.remembered == 0 and capture.window.unsettled
    capture.finish(3)
    assert capture.sink.rows == source.visible


def test_watermarks_of_other_runs_mean_nothing_and_ours_come_in_order() -> None:
    source = SimulatedSource()
    source.preload(KEYS)
    window = Window()
    assert window.feed(Mark("somebody's")) == []
    window.open(PATH, "low", "high")
    with pytest.raises(WatermarkError):
        window.feed(Mark("high"))
    window = Window()
    window.open(PATH, "low", "high")
    window.offer(source.read(0, 9, 99, Snapshot(frozenset(), 999)))
    window.feed(Mark("low"))
    with pytest.raises(WatermarkError):
        window.feed(Mark("low"))
    rows, closed = window.feed(Mark("high"))
    assert isinstance(closed, Closed) and closed.kept == len(KEYS)
    assert len(rows) == len(KEYS)  # type: ignore[arg-type]


def test_a_change_between_the_watermarks_overtakes_the_chunk() -> None:
    source = SimulatedSource()
    source.preload(KEYS)
    window = Window()
    window.open(PATH, "low", "high")
    window.offer(source.read(0, 9, 99, Snapshot(frozenset(), 10**6)))
    window.feed(Mark("low"))
    source.commit([Change("put", 3), Change("delete", 4)])
    window.feed(source.log[0])
    closed = window.feed(Mark("high"))[-1]
    assert isinstance(closed, Closed)
    assert (closed.kept, closed.overtaken, closed.unseen) == (len(KEYS) - 2, 2, 0)
