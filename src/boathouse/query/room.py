"""What the query room brings: the statements that steer a session, local DDL, EXPLAIN, COPY TO STDOUT."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.query import control, copy_out, define, explain
from boathouse.query.history.history import History
from boathouse.query.history.outcome_relations import OUTCOME_RELATIONS
from boathouse.query.history.own_rows import own_rows
from boathouse.query.history.procedure_relations import PROCEDURE_RELATIONS
from boathouse.query.history.profile_relations import PROFILE_RELATIONS
from boathouse.query.history.queue_relations import QUEUE_RELATIONS
from boathouse.query.history.session_relations import SESSION_RELATIONS
from boathouse.query.history.statement_relations import STATEMENT_RELATIONS
from boathouse.query.logs.again import AGAIN_RELATIONS
from boathouse.query.logs.maintenance import MAINTENANCE_RELATIONS
from boathouse.query.logs.metrics import METRIC_RELATIONS
from boathouse.query.logs.steps import STEP_RELATIONS
from boathouse.query.materialized import auto
from boathouse.query.materialized import refresh as mv_refresh
from boathouse.query.materialized import statements as materialized
from boathouse.query.materialized import system as mv_system
from boathouse.query.metadata import (
    columns,
    comments,
    compression,
    definitions,
    late_binding,
    lists,
    relations,
    tables,
)
from boathouse.query.passing import admit
from boathouse.query.past import noted
from boathouse.query.procedures import calls, functions, rights
from boathouse.query.procedures import catalog as procedures
from boathouse.query.procedures import statements as routines
from boathouse.query.settings import QuerySettings
from boathouse.query.snapshots import restores, schedule, upkeep
from boathouse.query.snapshots import statements as snapshots
from boathouse.query.state import ending, marks, needs
from boathouse.sql import statements as s

room = Room(
    name="query",
    settings=QuerySettings,
    statements={
        s.Begin: control.begin,
        s.PassOn: admit.pass_on,
        s.Cancel: ending.cancel,
        s.Commit: control.commit,
        s.Rollback: control.rollback,
        s.Set: control.set_parameter,
        s.Reset: control.reset_parameter,
        s.Show: control.show,
        s.Discard: control.discard,
        s.Prepare: control.prepare,
        s.Execute: control.execute,
        s.DeclareCursor: control.declare,
        s.Fetch: control.fetch,
        s.CloseCursor: control.close_cursor,
        s.Explain: explain.explain,
        s.CopyStdout: copy_out.copy_out,
        s.CreateTable: define.define,
        s.CreateTableAs: define.create_table_as,
        s.CreateView: define.create_view,
        s.CreateSchema: define.define,
        s.AlterTable: define.define,
        s.CreateFunction: functions.create,
        s.DropFunction: functions.drop,
        s.AlterFunction: functions.alter,
        s.CreateProcedure: routines.create,
        s.DropProcedure: routines.drop,
        s.AlterProcedure: routines.alter,
        s.ShowProcedure: routines.show,
        s.Call: calls.call,
        s.CreateMaterializedView: materialized.create,
        s.RefreshMaterializedView: materialized.refresh,
        s.AlterMaterializedView: materialized.alter,
        s.Drop: define.drop,
        s.Truncate: define.define,
        s.Comment: comments.comment,
        s.Maintain: define.maintain,
        s.CreateSnapshot: snapshots.create,
        s.DropSnapshot: snapshots.drop,
        s.RestoreTable: restores.restore_table,
        s.AnalyzeCompression: compression.analyze_compression,
        s.ShowDatabases: lists.show_databases,
        s.ShowSchemas: lists.show_schemas,
        s.ShowTables: lists.show_tables,
        s.ShowColumns: lists.show_columns,
        s.ShowTable: definitions.show_table,
        s.ShowView: definitions.show_view,
    },
    needs={**needs.NEEDS, **rights.NEEDS, **snapshots.NEEDS, s.RestoreTable: restores.needs, s.PassOn: admit.needs},
    describers={s.Call: calls.describe},
    tables=(
        *comments.TABLES,
        *marks.TABLES,
        *mv_refresh.TABLES,
        *procedures.TABLES,
        *functions.TABLES,
        *noted.TABLES,
        *upkeep.TABLES,
    ),
    fields={
        s.ShowProcedure: routines.SHOWN,
        s.ShowDatabases: lists.DATABASES,
        s.ShowSchemas: lists.SCHEMAS,
        s.ShowTables: lists.TABLES,
        s.ShowColumns: lists.COLUMNS,
        **definitions.FIELDS,
        s.AnalyzeCompression: compression.FIELDS,
    },
    system_relations=(
        *STATEMENT_RELATIONS,
        *SESSION_RELATIONS,
        *QUEUE_RELATIONS,
        *mv_system.SYSTEM_RELATIONS,
        *PROCEDURE_RELATIONS,
        *PROFILE_RELATIONS,
        *OUTCOME_RELATIONS,
        *STEP_RELATIONS,
        *METRIC_RELATIONS,
        *MAINTENANCE_RELATIONS,
        *noted.SYSTEM_RELATIONS,
        *upkeep.SYSTEM_RELATIONS,
        *AGAIN_RELATIONS,
        *relations.SYSTEM_RELATIONS,
        *columns.SYSTEM_RELATIONS,
        *tables.SYSTEM_RELATIONS,
        *late_binding.SYSTEM_RELATIONS,
    ),
    interceptors=(late_binding.expand, own_rows),
    observer=History,
    start=noted.sweep,
    background=(auto.refresh_stale, schedule.keep_snapshots, upkeep.keep_in_order),
)
