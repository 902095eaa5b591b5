"""What capture brings: integrations, their state, and the work that keeps the warehouse like its sources."""

from __future__ import annotations

from boathouse.capture import attend, catalog, statements, views
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
        s.ApplyChanges: apply_changes,
    },
    needs={
        s.CreateIntegration: statements.needs,
        s.AlterIntegration: statements.needs,
        s.DropIntegration: statements.needs,
        s.ApplyChanges: anybody,
    },
    tables=catalog.TABLES,
    macros=(catalog.CAPTURED,),
    system_relations=views.SYSTEM_RELATIONS,
    background=(attend.attend,),
)
