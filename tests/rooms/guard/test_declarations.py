"""Every statement says what it needs: a class that no room declares for is for superusers alone, and stands here."""

from __future__ import annotations

import pytest

from boathouse.app.discover import discover_rooms

ROOMS = discover_rooms()
RUN = sorted({kind for room in ROOMS for kind in room.statements}, key=lambda kind: kind.__name__)
DECLARED = {kind for room in ROOMS for kind in room.needs}


@pytest.mark.parametrize("kind", RUN, ids=lambda kind: kind.__name__)
def test_a_statement_declares_what_its_user_must_be_allowed(kind: type) -> None:
    assert kind in DECLARED, f"no room's needs has {kind.__name__}: ordinary users cannot send it"


def test_one_room_brings_the_gate() -> None:
    assert [room.name for room in ROOMS if room.gate is not None] == ["guard"]
