"""How rows are written into an external table: its declared format as UNLOAD's options, and what it cannot hold.

Received: a table of the catalog. Handed on, to `write`: options, and a query that fails on values which the format
would give back as something else. Pure.
"""

from __future__ import annotations

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.contracts.session import Translated
from boathouse.lake.scans.formats import csv_style, text_style
from boathouse.lake.scans.projection import is_projected
from boathouse.lake.scans.serdes import kind_of
from boathouse.lake.scans.values import literal, quoted
from boathouse.lake.tables import ExternalTable
from boathouse.lake.unload.options import FILE_BYTES_MAX, FILE_BYTES_MIN, MEGABYTE, UnloadOptions

_COMPRESSIONS = {"gzip": "gzip", "zstd": "zstd"}


def insert_options(table: ExternalTable, *, one_file: bool = False) -> UnloadOptions:
    """The table's format as options.

    Args:
        one_file: the rows go to the end of the file that is the table.

    Raises:
        FeatureNotSupported: a format, property or column type that can be read but not written.
    """
    kind = kind_of(table)
    if kind not in ("parquet", "text", "csv"):
        raise FeatureNotSupported(
            f'external table "{table.name}" cannot be written: its format is only read',
            hint="Tables STORED AS PARQUET, delimited text and CSV can be written.",
        )
    nested = next((name for name, of in table.columns if of.is_nested), None)
    if nested is not None:
        raise FeatureNotSupported(f'external table "{table.name}" cannot be written: column "{nested}" is nested')
    if is_projected(table) and table.property("storage.location.template"):
        raise FeatureNotSupported(f'external table "{table.name}" cannot be written: a template places its partitions')
    if one_file and (table.location.startswith("s3://") or kind == "parquet" or _compression(table, kind)):
        raise FeatureNotSupported(
            f'external table "{table.name}" cannot be written: only plain text on a local disk is appended to',
            hint="Use a folder as LOCATION.",
        )
    if not table.location.endswith("/") and not one_file:
        raise FeatureNotSupported(f'external table "{table.name}" cannot be written: its location is no folder')
    style = text_style(table) if kind == "text" else csv_style(table) if kind == "csv" else None
    if kind == "csv" and style is not None and (style.quote != '"' or style.escape != '"'):
        raise FeatureNotSupported("CSV with another quotation mark or an escape character is read, not written")
    if style is not None and style.escape not in ("", "\\", '"'):
        raise FeatureNotSupported("text with an escape character other than a backslash is read, not written")
    return UnloadOptions(
        format="parquet" if kind == "parquet" else "csv" if kind == "csv" else "text",
        delimiter=style.delimiter if style is not None else "|",
        header=_header(table),
        escape=kind == "text" and style is not None and style.escape == "\\",
        null=style.null if style is not None else "",
        compression=_compression(table, kind),
        partition_by=tuple(name for name, _ in table.partitions),
        parallel=_parallel(table) and not one_file,
        file_bytes_max=_file_bytes(table),
    )


def check_rows(rows: Translated, kept: tuple[Field, ...], options: UnloadOptions) -> str:
    """The query, failing on text that would be read back as something else: NULL's own sign, or, where nothing marks
    them, delimiters and line ends.
    """
    if options.format == "parquet":
        return rows.sql
    wrong = [f"{{0}} = {literal(options.null)}"]
    if options.format == "text" and not options.escape:
        wrong += [f"contains({{0}}, {literal(one)})" for one in (options.delimiter, "\n", "\r")]
    items = []
    for place, field in enumerate(rows.fields):
        name = f"c{place}"
        if not field.type.is_text or field not in kept:
            items.append(name)
            continue
        failure = f'BH22P04|a value of column "{field.name}" would not be read back as it is: '
        test = " OR ".join(one.format(name) for one in wrong)
        if options.escape and field is kept[-1]:
            # A carriage return before the line's end would be read as one line end with it, escaped or not.
            test += f" OR suffix({name}, chr(13))"
        items.append(f"CASE WHEN {test} THEN error({literal(failure)} || {name}) ELSE {name} END AS {quoted(name)}")
    names = ", ".join(f"c{place}" for place in range(len(rows.fields)))
    return f"SELECT {', '.join(items)} FROM ({rows.sql}) AS rows_in({names})"


def _header(table: ExternalTable) -> bool:
    lines = table.property("skip.header.line.count", "0")
    if lines not in ("0", "1"):
        raise FeatureNotSupported("a table that skips several lines of each file is read, not written")
    return lines == "1"


def _compression(table: ExternalTable, kind: str) -> str | None:
    found = table.property("compression_type", "").lower()
    if kind == "parquet":
        if found not in ("", "snappy"):
            raise FeatureNotSupported(f"Parquet with compression_type {found} is read, not written")
        return None
    if found not in ("", "none", *_COMPRESSIONS):
        raise FeatureNotSupported(f"text with compression_type {found} is read, not written")
    return _COMPRESSIONS.get(found)


def _parallel(table: ExternalTable) -> bool:
    found = table.property("write.parallel", "on").lower()
    if found not in ("on", "off", "true", "false"):
        raise InvalidParameterValue(f"write.parallel is on or off, not {found}")
    return found in ("on", "true")


def _file_bytes(table: ExternalTable) -> int:
    found = table.property("write.maxfilesize.mb", "")
    if not found:
        return FILE_BYTES_MAX
    size = int(found) * MEGABYTE if found.isdigit() else 0
    if not FILE_BYTES_MIN <= size <= FILE_BYTES_MAX:
        raise InvalidParameterValue(f"write.maxfilesize.mb must be between 5 and 6348, not {found}")
    return size
