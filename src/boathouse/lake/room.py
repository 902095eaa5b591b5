"""What the lake brings: COPY and UNLOAD, external schemas and tables, crawlers, and their system tables."""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.house import House
from boathouse.contracts.needs import anybody
from boathouse.contracts.rooms import Room
from boathouse.lake import catalog, external, needs, scan, show, system
from boathouse.lake.copy.load import copy_from
from boathouse.lake.copy.logs import tables as load_tables
from boathouse.lake.copy.stdin import copy_stdin
from boathouse.lake.crawler import classifiers, crawlers, runs, schedule
from boathouse.lake.crawler import statements as crawl
from boathouse.lake.federated import idle, schemas
from boathouse.lake.federated import scan as federated_scan
from boathouse.lake.insert import append
from boathouse.lake.insert.write import insert_rows
from boathouse.lake.jobs import catalog as job_tables
from boathouse.lake.jobs import poll, run
from boathouse.lake.jobs import statements as jobs
from boathouse.lake.scans import history as scan_history
from boathouse.lake.settings import LakeSettings
from boathouse.lake.unload import journal
from boathouse.lake.unload import log as unload_log
from boathouse.lake.unload.write import unload
from boathouse.sql import statements as s

_EVERYWHERE = ("svl_s3query_summary", "svl_s3list", "svl_s3partition_summary")


def _sweep(house: House) -> None:
    """At start: what the end of the last process cut off."""
    append.sweep(house)  # before the marks of committed writes are forgotten
    journal.sweep(house)
    if not house.engine.is_shared:  # else what is still running may be another server's
        unload_log.sweep(house)
        runs.sweep(house)


room = Room(
    name="lake",
    settings=LakeSettings,
    statements={
        **external.STATEMENTS,
        **crawl.STATEMENTS,
        s.CopyFrom: copy_from,
        s.CopyStdin: copy_stdin,
        s.Unload: unload,
        s.CreateCopyJob: jobs.create_copy_job,
        s.AlterCopyJob: jobs.alter_copy_job,
        s.DropCopyJob: jobs.drop_copy_job,
        s.ListCopyJobs: jobs.list_copy_jobs,
        s.ShowCopyJob: jobs.show_copy_job,
        s.RunCopyJob: run.run_copy_job,
        s.ShowExternalTable: show.show_external_table,
    },
    needs={
        **needs.NEEDS,
        **dict.fromkeys(crawl.STATEMENTS, crawl.needs),
        s.CreateCopyJob: jobs.create_needs,
        s.AlterCopyJob: jobs.owner_needs,
        s.DropCopyJob: jobs.owner_needs,
        s.ListCopyJobs: anybody,
        s.ShowCopyJob: jobs.owner_needs,
        s.RunCopyJob: run.run_needs,
    },
    fields={
        s.StartCrawler: crawl.CRAWL_FIELDS,
        s.ShowCrawlers: crawl.SHOW_FIELDS,
        s.ShowExternalTable: show.FIELDS,
        s.ListCopyJobs: jobs.LIST_FIELDS,
        s.ShowCopyJob: jobs.SHOW_FIELDS,
    },
    interceptors=(federated_scan.expand, scan.expand),
    explain=external.explain,
    schemas=catalog.has_schema,
    relations=external.find_relation,
    insert=insert_rows,
    tables=(
        *catalog.TABLES,
        *schemas.TABLES,
        *crawlers.TABLES,
        *classifiers.TABLES,
        *runs.TABLES,
        *load_tables.TABLES,
        *job_tables.TABLES,
        *unload_log.TABLES,
        *journal.TABLES,
    ),
    in_memory=load_tables.IN_MEMORY,
    system_relations=(
        *system.SYSTEM_RELATIONS,
        *scan_history.SYSTEM_RELATIONS,
        *load_tables.SYSTEM_RELATIONS,
        *job_tables.SYSTEM_RELATIONS,
        *unload_log.SYSTEM_RELATIONS,
        *runs.SYSTEM_RELATIONS,
        # The same for all clusters together: there is one.
        *(
            replace(one, name=f"svcs_{one.name[4:]}")
            for one in scan_history.SYSTEM_RELATIONS
            if one.name in _EVERYWHERE
        ),
        *(replace(one, name="svcs_unload_log") for one in unload_log.SYSTEM_RELATIONS if one.name == "stl_unload_log"),
    ),
    observer=external.observe,
    start=_sweep,
    background=(poll.poll, schedule.watch),
    own_background=(idle.close_idle,),
)
