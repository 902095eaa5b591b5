"""What lies beneath a crawler's target: folders, with some of the files of each.

Receives a place; hands `group_tables` the folder tree through the storage's paged listing. Memory is bounded by the
number of folders, not of files: each keeps a few files, evenly chosen, and how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from boathouse.contracts.house import House
from boathouse.lake.places import absolute, folder_of, is_ignored
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.storage import storage_for
from boathouse.sql.statements import Credentials

KEPT_FILES_MAX = 16
"""Files that a folder keeps; between half of them and all, once it has met more."""
_CHECKED_FILES = 1000
"""Files between two looks at whether the client cancelled."""


@dataclass
class Folder:
    """A folder beneath a target.

    Attributes:
        place: with a closing slash.
        kept: some of the files directly in it, the first and last among them, in order of their paths.
        count, bytes: all files directly in it.
        folders: by name.
    """

    place: str
    kept: list[LakeFile] = field(default_factory=list)
    count: int = 0
    bytes: int = 0
    folders: dict[str, Folder] = field(default_factory=dict)
    _stride: int = 1
    _last: LakeFile | None = None

    def add(self, file: LakeFile) -> None:
        """Meet a file of this folder."""
        if self.count % self._stride == 0:
            self.kept.append(file)
            if len(self.kept) > KEPT_FILES_MAX:
                self.kept = self.kept[::2]
                self._stride *= 2
        self.count += 1
        self.bytes += file.size
        self._last = file

    @property
    def sampled(self) -> list[LakeFile]:
        """The files kept, and the last one met."""
        last = [] if self._last is None or self._last in self.kept else [self._last]
        return self.kept + last

    def walk(self) -> Iterator[Folder]:
        """This folder and all beneath, in order of their places."""
        yield self
        for name in sorted(self.folders):
            yield from self.folders[name].walk()


def spread(files: Sequence[LakeFile], count: int) -> list[LakeFile]:
    """At most so many files: the first, the last and some evenly between."""
    if len(files) <= count:
        return list(files)
    step = (len(files) - 1) / (count - 1)
    return [files[round(place * step)] for place in range(count)]


def list_objects(
    house: House,
    target: str,
    credentials: Credentials,
    exclusions: Sequence[str],
    check: Callable[[], None],
    tell: Callable[[str], None],
) -> Folder:
    """The target's folder tree; empty and hidden files (`_…`, `.…`, `…~`) and excluded ones left out.

    Args:
        exclusions: glob patterns over paths from the target on; see `glob_expression`.
        check: called every so often; raises where the crawl shall end.
        tell: says how far the listing is.
    """
    root = Folder(folder_of(absolute(house, target)))
    excluded = [re.compile(glob_expression(pattern)) for pattern in exclusions]
    count = 0
    for count, file in enumerate(storage_for(house, root.place, credentials).list(root.place), 1):
        if count % _CHECKED_FILES == 0:
            check()
            tell(f"{root.place}: {count} file(s) listed")
        inner = file.path[len(root.place) :]
        if is_ignored(file.path) or file.size == 0 or any(one.fullmatch(inner) for one in excluded):
            continue
        folder = root
        for name in inner.split("/")[:-1]:
            if name not in folder.folders:
                folder.folders[name] = Folder(f"{folder.place}{name}/")
            folder = folder.folders[name]
        folder.add(LakeFile(file.path, file.size))
    check()
    return root


def glob_expression(pattern: str) -> str:
    """A glob as Glue's exclude patterns have them: `*` and `?` inside a folder, `**` across, `[…]`, `{a,b}`.

    Source: AWS Glue Developer Guide, "Include and exclude patterns".
    """
    made = []
    for part in re.findall(r"\*\*|\\.|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL):
        if part == "**":
            made.append(".*")
        elif part in ("*", "?"):
            made.append("[^/]*" if part == "*" else "[^/]")
        elif part.startswith("[") and len(part) > 2:
            inner = part[1:-1]
            negated = inner.startswith("!")
            made.append(f"[{'^' if negated else ''}{re.escape(inner[negated:]).replace(chr(92) + '-', '-')}]")
        elif part in "{},":
            made.append({"{": "(?:", "}": ")", ",": "|"}[part])
        else:
            made.append(re.escape(part[-1]))
    text = "".join(made)
    return text if pattern.count("{") == pattern.count("}") else re.escape(pattern)
