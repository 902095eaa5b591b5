"""Public suites for whoever adds to the house: subclass one, give it what its fixtures ask for, and pytest runs it.

Our own outputs, formats, sources, states and elections pass the same suites, in tests/suites.
"""

from boathouse.testing.changes import some_changes
from boathouse.testing.elections import ElectionSuite
from boathouse.testing.formatters import FormatterSuite
from boathouse.testing.outputs import OutputSuite
from boathouse.testing.sources import SourceSuite
from boathouse.testing.states import StateSuite

__all__ = ["ElectionSuite", "FormatterSuite", "OutputSuite", "SourceSuite", "StateSuite", "some_changes"]
