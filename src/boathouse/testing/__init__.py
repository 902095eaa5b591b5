"""Public suites for whoever adds to the house: subclass one, give it what its fixtures ask for, and pytest runs it.

Our own outputs, formats and sources pass the same suites, in tests/suites.
"""

from boathouse.testing.changes import some_changes
from boathouse.testing.formatters import FormatterSuite
from boathouse.testing.outputs import OutputSuite
from boathouse.testing.sources import SourceSuite

__all__ = ["FormatterSuite", "OutputSuite", "SourceSuite", "some_changes"]
