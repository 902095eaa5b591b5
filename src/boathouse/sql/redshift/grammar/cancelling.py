"""CANCEL: another session's statement is stopped.

Source: Redshift Developer Guide, CANCEL.
"""

from __future__ import annotations

from boathouse.sql.statements import Cancel
from boathouse.sql.token_reader import TokenReader


def read_cancel(reader: TokenReader) -> Cancel:
    """CANCEL process_id ['message']."""
    reader.expect("cancel")
    pid = reader.integer("a process number")
    message = None if reader.at_end else reader.string("a message in quotes")
    reader.finish()
    return Cancel(text=reader.text, offset=reader.offset, pid=pid, message=message)
