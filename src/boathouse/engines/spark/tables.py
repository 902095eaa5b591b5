"""Files under names in a Spark session, in the types that the house has declared.

Received: the tables of a request. Left in the session: a view for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.relations import Lines, SparkTable, StoredFiles
from boathouse.engines.spark.lines import LINE, layers
from boathouse.engines.spark.nested import fitted
from boathouse.engines.spark.objects import reach

_NESTED = ("STRUCT<", "ARRAY<", "MAP<")
_WHOLE = ("tinyint", "smallint", "int", "bigint")
_S3 = "s3://"
_FOLDER = "regexp_replace(regexp_extract(_metadata.file_path, '^(.*)/[^/]*$', 1), '^file:/+', '/') AS `__folder`"
_COST, _PARTS = "spark.sql.files.openCostInBytes", "spark.sql.files.maxPartitionNum"
_NUMBERED = (
    "_metadata.file_block_start AS `__start`",
    "monotonically_increasing_id() & ((1L << 33) - 1) AS `__line_number`",
)
"""Where a part of a file begins, and which of its lines a line is."""
_NUMBER = "parquet.field.id"
_TYPES = {"SMALLINT": "short", "INT": "integer", "BIGINT": "long"}
"""As schemas in JSON spell them, where SQL spells them otherwise."""
_FLOATS = ("FLOAT", "DOUBLE")
"""The lake writes their bytes apart, which one of Spark's two readers of Parquet does not know."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./=:+,@~% -]*")


def define(session: Any, table: SparkTable) -> None:
    """A view of the table's files, in the declared types.

    Raises:
        FeatureNotSupported: a file's column has a type that would not be read as the house reads it.
    """
    if not table.files and (table.stored is None or not table.stored.files):
        nothing = [f"CAST(NULL AS {kind}) AS {_name(name)}" for name, kind, _ in table.columns]
        nothing += [f"CAST(NULL AS {kind}) AS {_name(name)}" for name, kind in table.partitions]
        session.sql(f"SELECT {', '.join(nothing)} WHERE false").createOrReplaceTempView(table.name)
        return
    for path, _ in table.files:
        ending = path.rpartition("/")[2]
        if ending.startswith(("_", ".")) or ending.endswith("._COPYING_"):
            raise FeatureNotSupported(f"files such as {path} are not supported on the engine spark")
    scheme, options = reach(session, table.keys)
    paths = [_url(scheme + path.removeprefix(_S3)) for path, _ in table.files]
    reader = session.read.options(**options)
    if table.stored is not None:
        _of_warehouse(session, reader, table, table.stored, scheme).createOrReplaceTempView(table.name)
        return
    if table.lines is not None:
        read = _rows_of_lines(session, reader.option("recursiveFileLookup", "true").text(paths), table, table.lines)
        _shown(session, read, list(map(_name, [name for name, _, _ in table.columns])), table, scheme)
        return
    read = reader.orc(paths) if table.format == "orc" else reader.parquet(*paths)
    by_name = {field.name.lower(): field for field in read.schema.fields}
    if len(by_name) != len(read.schema.fields):
        raise FeatureNotSupported(
            "files whose columns differ in nothing but case are not supported on the engine spark"
        )
    items = [_column(session, by_name.get(name.lower()), name, kind, cut) for name, kind, cut in table.columns]
    _shown(session, read, items, table, scheme)


def _of_warehouse(session: Any, reader: Any, table: SparkTable, stored: StoredFiles, scheme: str) -> Any:
    """A table of a lake: columns by the numbers that its files know them by, less the rows that are gone.

    Names of its files are nobody else's, so that they alone tell files apart.
    """
    from pyspark.sql.types import StructType

    shape: list[dict[str, Any]] = [
        {"name": name, "type": _TYPES.get(kind, kind.lower()), "nullable": True,
         "metadata": {_NUMBER: stored.columns[name][0]}} for name, kind, _ in table.columns
    ]  # fmt: skip
    paths = [_url(scheme + path.removeprefix(_S3)) for path, _ in stored.files]
    read = reader.schema(StructType.fromJson({"type": "struct", "fields": shape})).parquet(*paths)
    items = [_or_value(_name(name), kind, *stored.columns[name], stored.lacking) for name, kind, _ in table.columns]
    if not stored.deletes:
        return read.selectExpr(*items)
    found = read.selectExpr(*items, "_metadata.file_name AS `__name`", "_metadata.row_index AS `__pos`")
    found.createOrReplaceTempView(f"{table.name}_files")
    gone = [_url(scheme + path.removeprefix(_S3)) for path in stored.deletes]
    names = "regexp_extract(file_path, '[^/]*$', 0) AS `__name`"
    reader.schema("file_path STRING, pos BIGINT").parquet(*gone).selectExpr(names, "pos").createOrReplaceTempView(
        f"{table.name}_gone"
    )
    shown = ", ".join(f"f.{_name(name)}" for name, _, _ in table.columns)
    return session.sql(
        f"SELECT {shown} FROM `{table.name}_files` AS f LEFT ANTI JOIN `{table.name}_gone` AS g "
        f"ON g.`__name` = f.`__name` AND g.pos = f.`__pos`"
    )


def _or_value(name: str, kind: str, number: int, value: str | None, lacking: Mapping[int, tuple[str, ...]]) -> str:
    """A column; in the files that have not got it, the value that stands for it."""
    files = lacking.get(number, ())
    if value is None or not files:
        return name
    listed = ", ".join(map(_text, files))
    return f"CASE WHEN _metadata.file_name IN ({listed}) THEN CAST({_text(value)} AS {kind}) ELSE {name} END AS {name}"


def _rows_of_lines(session: Any, read: Any, table: SparkTable, lines: Lines) -> Any:
    """The columns, their texts cut; beside them the folder where there are partitions."""
    folder = [_FOLDER] if table.partitions else []
    found = read.selectExpr(f"value AS {LINE}", *folder, *_NUMBERED[: 2 if lines.skipped else 0])
    if lines.skipped:
        found = found.where(f"NOT (`__start` = 0 AND `__line_number` < {lines.skipped})")
    found = found.where(f"{LINE} <> ''")
    passed = ["`__folder`"] if table.partitions else []
    for items in layers(lines, [(name, kind) for name, kind, _ in table.columns]):
        found = found.selectExpr(*items, *passed)
    cuts = [
        f"{cut.replace('{0}', _name(name)) if cut else _name(name)} AS {_name(name)}" for name, _, cut in table.columns
    ]
    return found.selectExpr(*cuts, *passed)


def _shown(session: Any, read: Any, items: list[str], table: SparkTable, scheme: str) -> None:
    """The view; values of partitions stand beside the rows of each folder."""
    if not table.partitions:
        read.selectExpr(*items).createOrReplaceTempView(table.name)
        return
    folders = _folders(table, scheme)
    folder = "`__folder`" if table.lines is not None else _FOLDER
    read.selectExpr(*items, folder).createOrReplaceTempView(f"{table.name}_files")
    rows = ", ".join(f"({', '.join(map(_text, (folder, *values)))})" for folder, values in folders.items())
    keys = ", ".join(f"`__{place}`" for place in range(len(table.partitions)))
    shown = [f"f.{_name(name)}" for name, _, _ in table.columns]
    shown += [
        f"TRY_CAST(p.`__{place}` AS {kind}) AS {_name(name)}" for place, (name, kind) in enumerate(table.partitions)
    ]
    session.sql(
        f"SELECT /*+ BROADCAST(p) */ {', '.join(shown)} FROM `{table.name}_files` AS f LEFT JOIN "
        f"(SELECT * FROM VALUES {rows} AS v(`__place`, {keys})) AS p ON p.`__place` = f.`__folder` WHERE CASE WHEN p.`__place` "
        f"IS NULL THEN CAST(raise_error('boathouse-elsewhere: a file of no partition') AS BOOLEAN) ELSE true END"
    ).createOrReplaceTempView(table.name)


@contextmanager
def laid_out(session: Any, tables: Sequence[SparkTable]) -> Iterator[None]:
    """How a query's files are read: where lines are skipped each task reads a part of one file, whose first line is then the
    file's; columns are known by numbers where a table of the warehouse is read.
    """
    told: dict[str, str] = {}
    if any(one.lines is not None and one.lines.skipped for one in tables):
        told = {_COST: session.conf.get("spark.sql.files.maxPartitionBytes"), _PARTS: str(2**31 - 1)}
    if any(one.stored is not None for one in tables):  # not while others are described: their columns go by names
        told["spark.sql.parquet.fieldId.read.enabled"] = "true"
    if any(kind in _FLOATS for one in tables if one.stored is not None for _, kind, _ in one.columns):
        told["spark.sql.parquet.enableVectorizedReader"] = "false"
    before = {name: session.conf.get(name, None) for name in told}
    for name, value in told.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name, old in before.items():
            with suppress(Exception):  # a session that is broken is ended by the house
                session.conf.unset(name) if old is None else session.conf.set(name, old)


def _folders(table: SparkTable, scheme: str) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    for path, values in table.files:
        folder = scheme + path.rpartition("/")[0].removeprefix(_S3)
        written = folder.replace("%", "%25").replace(" ", "%20")  # as Spark tells it
        if _PLAIN_PATH.fullmatch(folder) is None or found.setdefault(written, values) != values:
            raise FeatureNotSupported(f"partitions in folders such as {folder} are not supported on the engine spark")
    return found


def _column(session: Any, field: Any, name: str, wanted: str, cut: str) -> str:
    """SQL for one column of the files as it is declared."""
    if field is None:
        return f"CAST(NULL AS {wanted}) AS {_name(name)}"
    value = _name(field.name)
    if wanted.startswith(_NESTED):
        declared = session.sql(f"SELECT CAST(NULL AS {wanted}) AS v").schema["v"].dataType
        return f"{fitted(value, field.dataType, declared, _scalar)} AS {_name(name)}"
    made = _scalar(value, field.dataType.simpleString(), wanted.lower())
    return f"{cut.replace('{0}', made) if cut else made} AS {_name(name)}"


def _scalar(value: str, given: str, target: str) -> str:
    """A value of a file's type as the declared one, where it is the same or holds all of it."""
    same = given == target
    widened = (given in _WHOLE or given.startswith("decimal")) and target.startswith("decimal")
    known = (
        widened
        or (given in _WHOLE and target in _WHOLE)
        or (given, target)
        in (("float", "double"), ("timestamp", "timestamp_ntz"), ("binary", "string"), ("void", target))
    )
    if not same and not known:
        raise FeatureNotSupported(f"a file's column of type {given} as {target} is not supported on the engine spark")
    return value if same else f"CAST({value} AS {target})"


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _text(value: str | None) -> str:
    if value is None:
        return "CAST(NULL AS STRING)"
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _url(path: str) -> str:
    """A path as Spark takes it for one file, whatever its letters: they are no pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)
