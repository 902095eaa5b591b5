"""What capture brings: integrations, their state, and the work that keeps the warehouse like its sources."""

from __future__ import annotations

from boathouse.capture import attend, catalog, statements, views
from boathouse.capture.databases import names
from boathouse.capture.databases import statements as databases
from boathouse.capture.outputs.warehouse import apply_changes
from boathouse.capture.settings import CaptureSettings
from boathouse.contracts.needs import anybody
from boathouse.contracts.rooms import Room
from boathouse.sql import statements as s

room = Room(
    name="capture",
    settings=CaptureSettings,
    statements={
        s.CreateIntegration: statements.create_integration,
        s.AlterIntegration: statements.alter_integration,
        s.DropIntegration: statements.drop_integration,
        s.CreateDatabase: databases.create_database,
        s.AlterDatabase: databases.alter_database,
        s.DropDatabase: databases.drop_database,
        s.ApplyChanges: apply_changes,
    },
    needs={
        s.CreateIntegration: statements.needs,
        s.AlterIntegration: statements.needs,
        s.DropIntegration: statements.needs,
        s.CreateDatabase: databases.need_create,
        s.AlterDatabase: databases.need_alter,
        s.DropDatabase: databases.need_drop,
        s.ApplyChanges: anybody,
    },
    interceptors=(names.require_readable,),
    databases=names.tables_of,
    tables=(*catalog.TABLES, *names.TABLES),
    macros=(catalog.CAPTURED, *names.MACROS),
    system_relations=views.SYSTEM_RELATIONS,
    start=names.require_apart,
    background=(attend.attend,),
)
