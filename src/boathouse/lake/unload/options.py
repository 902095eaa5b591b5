"""UNLOAD's options as values with their defaults filled in.

Received: the checked words of the statement (`sql.statements.Unload.options`). Handed on: `UnloadOptions`, to every
other module of this folder. Source: Redshift Database Developer Guide, "UNLOAD".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from boathouse.contracts.errors import InvalidParameterValue, SqlSyntaxError
from boathouse.sql.redshift.options import parse_widths
from boathouse.sql.statements import Unload

UnloadFormat = Literal["text", "csv", "json", "parquet", "iceberg"]

MEGABYTE = 1024 * 1024
FILE_BYTES_MIN = 5 * MEGABYTE
FILE_BYTES_MAX = int(6.2 * 1024 * MEGABYTE)
ROW_GROUP_BYTES_MIN = 32 * MEGABYTE
ROW_GROUP_BYTES_MAX = 128 * MEGABYTE

_SUFFIXES = {"gzip": ".gz", "bzip2": ".bz2", "zstd": ".zst"}


@dataclass(frozen=True, slots=True)
class UnloadOptions:
    """How to write.

    Attributes:
        null: the text of NULL in text and CSV.
        widths: of FIXEDWIDTH's fields, in characters; empty for any other format.
        compression: `gzip`, `bzip2`, `zstd` or None; Parquet compresses by itself (Snappy).
        partition_by: key columns, folded; empty for none. `include` keeps them in the files too.
        parallel: several slices at once; off means one stream in the query's order.
        file_bytes_max: a further file is begun before this size is passed.
        row_group_bytes: Parquet only, measured in memory before encoding.
        extension: replaces the suffix that the format and the compression would give.
    """

    format: UnloadFormat
    delimiter: str
    header: bool = False
    add_quotes: bool = False
    escape: bool = False
    null: str = ""
    widths: tuple[int, ...] = ()
    compression: str | None = None
    partition_by: tuple[str, ...] = ()
    include: bool = False
    manifest: bool = False
    verbose: bool = False
    allow_overwrite: bool = False
    clean_path: bool = False
    parallel: bool = True
    file_bytes_max: int = FILE_BYTES_MAX
    row_group_bytes: int = ROW_GROUP_BYTES_MIN
    extension: str | None = None

    @property
    def suffix(self) -> str:
        """What file names end in: nothing for plain text and CSV, as Redshift names them."""
        if self.extension is not None:
            return self.extension if self.extension.startswith(".") else "." + self.extension
        if self.format == "parquet":
            return ".parquet"
        return (".json" if self.format == "json" else "") + _SUFFIXES.get(self.compression or "", "")


def read_options(statement: Unload) -> UnloadOptions:
    """Fill in the defaults and check what only the values themselves tell.

    Raises:
        InvalidParameterValue: a size outside its documented range.
        SqlSyntaxError: CLEANPATH together with ALLOWOVERWRITE.
    """
    given = statement.options
    kind = cast(UnloadFormat, str(given.get("FORMAT", "text")).lower())
    keys = given.get("PARTITION BY", ())
    if given.get("CLEANPATH") and given.get("ALLOWOVERWRITE"):
        raise SqlSyntaxError("CLEANPATH and ALLOWOVERWRITE cannot be used together", hint="Choose one of the two.")
    extension = given.get("EXTENSION")
    return UnloadOptions(
        format=kind,
        delimiter=str(given.get("DELIMITER", "," if kind == "csv" else "|")),
        header=bool(given.get("HEADER", False)),
        add_quotes=bool(given.get("ADDQUOTES", False)),
        escape=bool(given.get("ESCAPE", False)),
        null=str(given.get("NULL", "")),
        widths=tuple(parse_widths(str(given["FIXEDWIDTH"]))) if "FIXEDWIDTH" in given else (),
        compression=_compression(given.get("COMPRESSION")),
        partition_by=tuple(keys) if isinstance(keys, tuple) else (),
        include=bool(given.get("INCLUDE", False)) or kind == "iceberg",
        manifest=bool(given.get("MANIFEST", False)),
        verbose=bool(given.get("VERBOSE", False)),
        allow_overwrite=bool(given.get("ALLOWOVERWRITE", False)),
        clean_path=bool(given.get("CLEANPATH", False)),
        parallel=str(given.get("PARALLEL", True)).lower() not in ("off", "false"),
        file_bytes_max=_file_bytes(given.get("MAXFILESIZE"), kind),
        row_group_bytes=_sized(
            given.get("ROWGROUPSIZE"), "ROWGROUPSIZE", ROW_GROUP_BYTES_MIN, ROW_GROUP_BYTES_MAX, ROW_GROUP_BYTES_MIN
        ),
        extension=None if extension is None else str(extension),
    )


def _compression(value: object) -> str | None:
    if value is None or value is False:
        return None
    return str(value).lower()


def _sized(value: object, name: str, least: int, most: int, default: int) -> int:
    if value is None:
        return default
    size = int(str(value))
    if not least <= size <= most:
        raise InvalidParameterValue(
            f"{name} must be between {least // MEGABYTE} MB and {most / MEGABYTE:.0f} MB, not {size / MEGABYTE:.1f} MB"
        )
    return size


def _file_bytes(value: object, kind: UnloadFormat) -> int:
    """MAXFILESIZE; for Parquet rounded down to whole 32 MB row groups where it holds one."""
    size = _sized(value, "MAXFILESIZE", FILE_BYTES_MIN, FILE_BYTES_MAX, FILE_BYTES_MAX)
    if kind in ("parquet", "iceberg") and size > ROW_GROUP_BYTES_MIN:
        size -= size % ROW_GROUP_BYTES_MIN
    return size
