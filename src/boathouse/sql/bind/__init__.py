"""Binding: names and types of one statement. `bind` is the way in; `bound` holds what comes out."""

from boathouse.sql.bind.bound import Bound
from boathouse.sql.bind.statement import bind

__all__ = ["Bound", "bind"]
