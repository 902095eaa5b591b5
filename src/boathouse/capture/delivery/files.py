"""Captured changes as files of a lake: every change a row, in the log's order, by table and day, Parquet or JSON Lines.

Receives an entry at a time. Its files are written into the house first, then put into their place under names that begin with
the entry's number; the same entry always makes the same files, so that one that comes again after a crash replaces what there
is of it, and each change stands in the place once.
"""

from __future__ import annotations

import shutil

from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.delivery.spooled import Format, Spool
from boathouse.capture.output import Declared
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable
from boathouse.lake.places import absolute, check_place, folder_of
from boathouse.lake.storage import storage_for
from boathouse.sql.statements import Credentials


class FilesDestination:
    """See `Destination`."""

    def __init__(self, opening: Opening) -> None:
        self._house, declared = opening.house, opening.declared
        self._place = folder_of(absolute(self._house, declared.place))
        self._credentials = _credentials(declared)
        self._format = Format(declared.format or Format.PARQUET.value)
        self._folder = self._house.home / "tmp" / f"output-{opening.identity}"

    def deliver(self, delivery: Delivery) -> None:
        """See `Destination`."""
        spool = Spool(self._folder, self._format)
        for changes in delivery.changes:
            spool.write(changes)
        spool.close()
        try:
            storage = storage_for(self._house, self._place, self._credentials)
            for file in spool.files:
                storage.write_file(file, self._place + file.relative_to(self._folder).as_posix())
        except BoathouseError as failure:
            raise OutputUnavailable(failure.message) from failure
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """See `Destination`."""
        shutil.rmtree(self._folder, ignore_errors=True)


def check(house: House, declared: Declared) -> None:
    """The place may be written."""
    check_place(house, declared.place, _credentials(declared))


def _credentials(declared: Declared) -> Credentials:
    return Credentials(secret=declared.secret or None)


FILES = OutputKind(
    FilesDestination,
    guarantee="once",
    formats=tuple(one.value for one in Format),
    rows=None,
    check=check,
)
