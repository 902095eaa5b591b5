"""Finds the rooms: ours enter by the same door as anybody's, the entry-point group `boathouse.rooms`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from boathouse.contracts.errors import InternalError
from boathouse.contracts.rooms import Room


@cache
def discover_rooms() -> tuple[Room, ...]:
    """Every installed room, by name.

    Raises:
        InternalError: an entry point that is not a `Room`, or two rooms of one name.
    """
    rooms: dict[str, Room] = {}
    for entry in sorted(entry_points(group="boathouse.rooms"), key=lambda entry: entry.name):
        room = entry.load()
        if not isinstance(room, Room):
            raise InternalError(f"the entry point {entry.name!r} ({entry.value}) is not a Room")
        if room.name in rooms:
            raise InternalError(f"two rooms are called {room.name!r}")
        rooms[room.name] = room
    return tuple(rooms.values())
