"""What lies beneath a crawler's target: files by folder.

Receives a place; hands `group_partitions` every file worth looking at, through the storage's paged listing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.places import absolute, folder_of, is_ignored
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.storage import storage_for
from boathouse.sql.statements import Credentials

_CHECKED_FILES = 1000
"""Files between two looks at whether the client cancelled."""


@dataclass
class Folder:
    """A folder beneath a target.

    Attributes:
        place: with a closing slash.
        files: directly in it.
        folders: by name.
    """

    place: str
    files: list[LakeFile] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    def beneath(self) -> list[LakeFile]:
        """All files here and deeper, in order of their paths."""
        found = list(self.files)
        for name in sorted(self.folders):
            found += self.folders[name].beneath()
        return found


def list_objects(house: House, session: Session, target: str, credentials: Credentials) -> Folder:
    """The target's folder tree; empty and hidden files (`_…`, `.…`, `…~`) left out."""
    root = Folder(folder_of(absolute(house, target)))
    for count, file in enumerate(storage_for(house, root.place, credentials).list(root.place)):
        if count % _CHECKED_FILES == 0:
            session.check_cancelled()
        if is_ignored(file.path) or file.size == 0:
            continue
        folder = root
        for name in file.path[len(root.place) :].split("/")[:-1]:
            if name not in folder.folders:
                folder.folders[name] = Folder(f"{folder.place}{name}/")
            folder = folder.folders[name]
        folder.files.append(LakeFile(file.path, file.size))
    return root
