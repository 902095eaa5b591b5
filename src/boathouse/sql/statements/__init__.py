"""Our own statement nodes: what `sql.parse` makes of one statement's text.

Queries and DML keep sqlglot's tree; everything that sqlglot leaves opaque or misreads (COPY, UNLOAD, external
tables, DDL attributes, session and transaction statements) has a node of its own here. Names in nodes are folded:
lower case unless quoted and case-sensitive. Handed to `query`, which finds the room that claims the node's class.
"""

from boathouse.sql.statements.copies import CopyFrom, CopyStdin, CopyStdout, Credentials, Unload
from boathouse.sql.statements.copy_jobs import (
    AlterCopyJob,
    CreateCopyJob,
    DropCopyJob,
    ListCopyJobs,
    RunCopyJob,
    ShowCopyJob,
)
from boathouse.sql.statements.cursors import CloseCursor, DeclareCursor, Fetch
from boathouse.sql.statements.lake import (
    AddPartitions,
    CreateCrawler,
    CreateExternalSchema,
    CreateExternalTable,
    DropCrawler,
    DropPartition,
    ExternalFormat,
    SetLocation,
    StartCrawler,
)
from boathouse.sql.statements.materialized import (
    AlterMaterializedView,
    CreateMaterializedView,
    RefreshMaterializedView,
)
from boathouse.sql.statements.relational import Explain, QualifiedName, Relational, Statement, Verb
from boathouse.sql.statements.sessions import Begin, Commit, Discard, Execute, Prepare, Reset, Rollback, Set, Show
from boathouse.sql.statements.shows import (
    ShowColumns,
    ShowDatabases,
    ShowExternalTable,
    ShowSchemas,
    ShowTable,
    ShowTables,
    ShowView,
)
from boathouse.sql.statements.tables import (
    AlterTable,
    ColumnDefinition,
    Comment,
    CreateSchema,
    CreateTable,
    CreateTableAs,
    CreateView,
    Drop,
    Maintain,
    TableAttributes,
    Truncate,
)

__all__ = [
    "AddPartitions",
    "AlterCopyJob",
    "AlterMaterializedView",
    "AlterTable",
    "Begin",
    "CloseCursor",
    "ColumnDefinition",
    "Comment",
    "Commit",
    "CopyFrom",
    "CopyStdin",
    "CopyStdout",
    "CreateCopyJob",
    "CreateCrawler",
    "CreateExternalSchema",
    "CreateExternalTable",
    "CreateMaterializedView",
    "CreateSchema",
    "CreateTable",
    "CreateTableAs",
    "CreateView",
    "Credentials",
    "DeclareCursor",
    "Discard",
    "Drop",
    "DropCopyJob",
    "DropCrawler",
    "DropPartition",
    "Execute",
    "Explain",
    "ExternalFormat",
    "Fetch",
    "ListCopyJobs",
    "Maintain",
    "Prepare",
    "QualifiedName",
    "RefreshMaterializedView",
    "Relational",
    "Reset",
    "Rollback",
    "RunCopyJob",
    "Set",
    "SetLocation",
    "Show",
    "ShowColumns",
    "ShowCopyJob",
    "ShowDatabases",
    "ShowExternalTable",
    "ShowSchemas",
    "ShowTable",
    "ShowTables",
    "ShowView",
    "StartCrawler",
    "Statement",
    "TableAttributes",
    "Truncate",
    "Unload",
    "Verb",
]
