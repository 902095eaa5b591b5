"""What the query room brings: the statements that steer a session, local DDL, EXPLAIN, COPY TO STDOUT."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.query import control, copy_out, define, explain
from boathouse.query.settings import QuerySettings
from boathouse.sql import statements as s

room = Room(
    name="query",
    settings=QuerySettings,
    statements={
        s.Begin: control.begin,
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
        s.Drop: define.drop,
        s.Truncate: define.define,
        s.Comment: define.define,
        s.Maintain: define.maintain,
    },
)
