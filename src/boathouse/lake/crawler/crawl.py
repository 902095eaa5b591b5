"""A crawl, from targets to the data catalog.

Receives a crawler and its run; lists, groups, infers, and writes tables and partitions to `lake.catalog`. A second run
over the same files changes nothing. Tables that users created keep their columns; only their partitions follow the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boathouse.contracts.answers import Notice
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake import attend, catalog
from boathouse.lake.crawler.classifiers import require_classifiers
from boathouse.lake.crawler.crawlers import Crawler
from boathouse.lake.crawler.group_tables import SIMILAR_MIN, FoundTable, Grouping, table_name
from boathouse.lake.crawler.infer_schema import Inspector
from boathouse.lake.crawler.inferred import Inferred
from boathouse.lake.crawler.list_objects import Folder, list_objects
from boathouse.lake.crawler.runs import Run
from boathouse.lake.places import absolute, check_place, folder_of
from boathouse.lake.scans.access import open_for_engine
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.tables import Columns, ExternalTable

OWNER_PROPERTY = "updated_by_crawler"
"""The table property that marks a table as a crawler's own; its value is the crawler that made it."""
DEPRECATED_PROPERTY = "deprecated_by_crawler"
PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class CrawledTable:
    """What a crawl did about one table, folder or file.

    Attributes:
        name: the table's; for a file that was not understood, the file's own.
        action: `created`, `updated`, `unchanged`; `deprecated`, `deleted` or, where the crawler only logs, `changed` and
            `missing`; `skipped` for what was not understood.
        format: `parquet`, `csv`, `json`, a classifier's; for `skipped` the reason.
        partitions, files: how many.
    """

    name: str
    action: str
    location: str
    format: str
    partitions: int
    files: int


class Crawl:
    """One run over a crawler's targets, in the open transaction.

    Args:
        done: filled while the crawl goes on, so that a failed one can be told of.
    """

    def __init__(self, house: House, session: Session, crawler: Crawler, run: Run, done: list[CrawledTable]) -> None:
        self._house = house
        self._session = session
        self._crawler = crawler
        self._options = crawler.options
        self._run = run
        self._done = done
        self._told = house.clock.monotonic()
        classifiers = require_classifiers(session, crawler.options.classifiers)
        self._inspecting = session.engine.sibling()
        self._inspector = Inspector(
            house, self._inspecting, crawler.credentials, classifiers, lambda: run.check(session)
        )

    def go(self) -> None:
        """Bring the data catalog up to date with the files. The database is made where it does not exist."""
        try:
            self._go()
        finally:
            self._inspecting.close()

    def _go(self) -> None:
        crawler = self._crawler
        catalog.ensure_database(self._session, crawler.database)
        catalog.touch_database(self._session, crawler.database)
        known = catalog.tables_in(self._session, crawler.database)
        met: set[str] = set()
        for target in crawler.targets:
            check_place(self._house, target, crawler.credentials)
            root = self._list(target)
            open_for_engine(self._house, self._session, root.place, crawler.credentials)
            for found in self._group(root, known):
                met.add(found.location)
                self._tell(f"looking into {found.location}")
                self._take(found)
        self._miss(known, met)

    def _list(self, target: str) -> Folder:
        crawler = self._crawler
        heard = [""]

        def check() -> None:
            self._run.check(self._session)
            if heard[0]:
                self._tell(heard[0])

        def work() -> Folder:
            return list_objects(
                self._house,
                target,
                crawler.credentials,
                self._options.exclusions,
                lambda: self._run.check(self._session),
                lambda text: heard.__setitem__(0, text),
            )

        root = attend.aside(work, "crawl-list", check)
        folders = list(root.walk())
        files = sum(one.count for one in folders)
        self._run.files += files
        self._run.bytes += sum(one.bytes for one in folders)
        self._session.notify(Notice("INFO", f"{root.place}: {files} file(s) found"))
        return root

    def _group(self, root: Folder, known: Sequence[ExternalTable]) -> list[FoundTable]:
        combine = self._options.grouping == "combine_compatible_schemas"
        keys = {folder_of(one.location): tuple(name for name, _ in one.partitions) for one in known}
        return Grouping(self._inspector.look, 0.0 if combine else SIMILAR_MIN, keys).tables(root)

    # -- one table ---------------------------------------------------------------------------------------

    def _take(self, found: FoundTable) -> None:
        known = catalog.tables_in(self._session, self._crawler.database)
        old = next((table for table in known if folder_of(table.location) == found.location), None)
        if old is not None and self._options.recrawl == "crawl_new_folders_only":
            self._note(old, found, old.property("classification"), changed=False)
            return
        inferred, strange = self._inspector.infer(found.sampled)
        if found.manifest is not None and inferred.columns:
            inferred = self._as_inventory(inferred, found.manifest)
        if inferred.columns:
            self._put(found, inferred, old, {one.name for one in known})
        else:
            strange = strange or [(file, inferred.classification) for file in found.sampled[:1]]
        for file, reason in strange:
            self._skip(file.path, reason, 1)
        for place, count in found.strange:
            is_folder = place.endswith("/")
            self._skip(
                place, "folders do not follow the partition key" if is_folder else "beside the partitions", count
            )

    def _as_inventory(self, inferred: Inferred, manifest: LakeFile) -> Inferred:
        names = self._inspector.inventory_columns(manifest)
        if len(names) != len(inferred.columns):
            return inferred
        columns = tuple((name, kind) for name, (_, kind) in zip(names, inferred.columns, strict=True))
        return replace(inferred, columns=columns, properties=())

    def _skip(self, path: str, reason: str, files: int) -> None:
        name = path.rstrip("/").rpartition("/")[2]
        self._done.append(CrawledTable(name, "skipped", path, reason, 0, files))

    def _put(self, found: FoundTable, inferred: Inferred, old: ExternalTable | None, taken: set[str]) -> None:
        if old is not None and not old.property(OWNER_PROPERTY):
            if [name for name, _ in old.partitions] == [name for name, _ in found.keys]:
                self._note(old, found, inferred.classification, changed=False)
            else:
                self._report(old, "unchanged", found, inferred.classification)
            return
        table = self._proposed(found, inferred, old, taken)
        changed = old is not None and _described(old) != _described(table)
        if changed and self._options.on_update == "log":
            self._note(old or table, found, inferred.classification, changed=False, logged=True)
            return
        if old is None or changed:
            catalog.put_table(self._session, table)
        if old is None:
            catalog.add_partitions(self._session, table, found.partitions)
            self._report(table, "created", found, inferred.classification)
        else:
            self._note(table, found, inferred.classification, changed=changed)

    def _proposed(
        self, found: FoundTable, inferred: Inferred, old: ExternalTable | None, taken: set[str]
    ) -> ExternalTable:
        names = {name for name, _ in found.keys}
        columns = tuple((name, kind) for name, kind in inferred.columns if name not in names)
        if old is not None and self._options.on_update == "merge_new_columns":
            columns = old.columns + _new_columns(old.columns, columns)
        owner = self._crawler.name if old is None else old.property(OWNER_PROPERTY)
        return ExternalTable(
            self._crawler.database,
            old.name if old is not None else _free_name(found, self._crawler.table_prefix, taken),
            columns,
            found.keys,
            inferred.format,
            found.location,
            (
                *inferred.properties,
                ("classification", inferred.classification),
                ("compression_type", inferred.compression),
                (OWNER_PROPERTY, owner),
            ),
        )

    def _note(
        self, table: ExternalTable, found: FoundTable, classification: str, *, changed: bool, logged: bool = False
    ) -> None:
        """Bring a known table's partitions up to date and say what happened."""
        changed |= self._put_partitions(table, found)
        action = "updated" if changed else "changed" if logged else "unchanged"
        self._report(table, action, found, classification)

    def _report(self, table: ExternalTable, action: str, found: FoundTable, classification: str) -> None:
        row = CrawledTable(table.name, action, found.location, classification, len(found.partitions), found.count)
        self._done.append(row)

    def _put_partitions(self, table: ExternalTable, found: FoundTable) -> bool:
        """Add new partitions and drop those whose folder beneath the table is gone; those elsewhere are the user's."""
        if [name for name, _ in table.partitions] != [name for name, _ in found.keys]:
            return False
        old = set(catalog.partitions_of(self._session, table))
        new = set(found.partitions)
        if {folder_of(one.location) for one in old} == {one.location for one in new}:
            return False
        values = {one.values for one in new}
        replaced = [one for one in old - new if one.values in values]
        gone = [one for one in old - new if folder_of(one.location).startswith(found.location)]
        if self._options.on_delete == "log" or self._options.recrawl == "crawl_new_folders_only":
            gone = []
        removed = list(dict.fromkeys(replaced + gone))
        places = {folder_of(one.location) for one in old if one not in removed}
        added = sorted((one for one in new - old if one.location not in places), key=lambda one: one.location)
        catalog.remove_partitions(self._session, table, removed)
        catalog.add_partitions(self._session, table, added)
        return bool(removed or added)

    # -- tables whose files are gone ---------------------------------------------------------------------

    def _miss(self, known: Sequence[ExternalTable], met: set[str]) -> None:
        """Crawled tables beneath the targets that this run did not meet."""
        targets = tuple(folder_of(absolute(self._house, target)) for target in self._crawler.targets)
        for table in known:
            own = table.property(OWNER_PROPERTY) == self._crawler.name
            location = folder_of(table.location)
            if own and location.startswith(targets) and location not in met:
                action = self._lose(table)
                self._done.append(CrawledTable(table.name, action, location, table.property("classification"), 0, 0))

    def _lose(self, table: ExternalTable) -> str:
        policy = self._options.on_delete
        if policy == "log" or self._options.recrawl == "crawl_new_folders_only":
            return "missing"
        if policy == "delete_from_database":
            catalog.remove_table(self._session, table)
            return "deleted"
        if not table.property(DEPRECATED_PROPERTY):
            milliseconds = str(int(self._house.clock.now().timestamp() * 1000))
            marked = (*table.properties, (DEPRECATED_PROPERTY, milliseconds))
            catalog.put_table(self._session, replace(table, properties=marked))
        return "deprecated"

    def _tell(self, text: str) -> None:
        now = self._house.clock.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self._session.notify(Notice("INFO", f"crawler {self._crawler.name}: {text}"))


def _described(table: ExternalTable) -> ExternalTable:
    """A table in the one order of its properties, for comparing."""
    return replace(table, properties=tuple(sorted(table.properties)))


def _new_columns(old: Columns, new: Columns) -> Columns:
    names = {name for name, _ in old}
    return tuple((name, kind) for name, kind in new if name not in names)


def _free_name(found: FoundTable, prefix: str, taken: set[str]) -> str:
    name = prefix.lower() + found.name
    parent = table_name(found.location.rstrip("/").rpartition("/")[0])
    candidates = (name, f"{prefix.lower()}{parent}_{found.name}")
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (*candidates, *numbered) if one not in taken)
