"""What the lake brings: COPY and UNLOAD, external schemas and tables, crawlers, and their system tables."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.lake import catalog, external, needs, scan, show, system
from boathouse.lake.copy.load import copy_from
from boathouse.lake.copy.logs import tables as load_tables
from boathouse.lake.copy.stdin import copy_stdin
from boathouse.lake.crawler import propose
from boathouse.lake.insert.write import insert_rows
from boathouse.lake.settings import LakeSettings
from boathouse.lake.unload import journal
from boathouse.lake.unload import log as unload_log
from boathouse.lake.unload.write import unload
from boathouse.sql import statements as s

room = Room(
    name="lake",
    settings=LakeSettings,
    statements={
        **external.STATEMENTS,
        s.CopyFrom: copy_from,
        s.CopyStdin: copy_stdin,
        s.Unload: unload,
        s.ShowExternalTable: show.show_external_table,
    },
    needs=needs.NEEDS,
    fields={s.StartCrawler: propose.CRAWL_FIELDS, s.ShowExternalTable: show.FIELDS},
    interceptors=(scan.expand,),
    explain=scan.explain,
    schemas=catalog.has_schema,
    relations=catalog.find_relation,
    insert=insert_rows,
    tables=(
        *catalog.TABLES,
        *load_tables.TABLES,
        *unload_log.TABLES,
        *journal.TABLES,
    ),
    system_relations=(*system.SYSTEM_RELATIONS, *load_tables.SYSTEM_RELATIONS, *unload_log.SYSTEM_RELATIONS),
    start=journal.sweep,
)
