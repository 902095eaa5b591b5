"""Public suites for whoever adds to the house: subclass one, give it what its fixtures ask for, and pytest runs it.

Our own outputs, formats and sources pass the same suites, in tests/suites.
"""

from boathouse.testing.elections import ElectionSuite
from boathouse.testing.states import StateSuite

__all__ = ["ElectionSuite", "StateSuite"]
