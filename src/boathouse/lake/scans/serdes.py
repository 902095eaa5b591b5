"""What a table's declaration says of its files: the format, and the SerDe's and the table's properties.

Receives a table of the catalog; tells `formats`, `streams` and `lake.insert` how its files are read. Everything that is
known but not readable, and every property of a SerDe that nothing here heeds, is refused by its name.

Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE" (ROW FORMAT, STORED AS, TABLE PROPERTIES); Amazon Athena User
Guide, "SerDe reference", for the SerDes' own properties.
"""

from __future__ import annotations

from typing import Literal

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.lake.tables import ExternalTable

Kind = Literal["parquet", "orc", "avro", "text", "csv", "json", "regex", "delta", "iceberg"]

FILE_COLUMN = "__file"
"""The readers' column with the file's path."""

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.parquethiveserde"
_ORC = "org.apache.hadoop.hive.ql.io.orc.orcserde"
_AVRO = "org.apache.hadoop.hive.serde2.avro.avroserde"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.lazysimpleserde"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.opencsvserde"
_OPENX = "org.openx.data.jsonserde.jsonserde"
_HCATALOG = "org.apache.hive.hcatalog.data.jsonserde"
_HIVE_JSON = "org.apache.hadoop.hive.serde2.jsonserde"
_REGEX = "org.apache.hadoop.hive.serde2.regexserde"

_SERDES: dict[str, Kind] = {
    _PARQUET: "parquet",
    _ORC: "orc",
    _AVRO: "avro",
    _LAZY: "text",
    _OPEN_CSV: "csv",
    "com.bizo.hive.serde.csv.csvserde": "csv",
    _OPENX: "json",
    _HCATALOG: "json",
    _HIVE_JSON: "json",
    _REGEX: "regex",
    "com.amazonaws.glue.serde.regexserde": "regex",
}
_IGNORED_PROPERTIES = {"serialization.format", "paths"}
"""Hive writes the first, crawlers the second; neither says anything that the files do not."""
_KNOWN_PROPERTIES: dict[Kind, set[str]] = {
    "parquet": set(),
    "orc": set(),
    "avro": {"avro.schema.literal", "avro.schema.url"},  # each file brings its own
    "text": {"field.delim", "line.delim", "escape.delim", "serialization.null.format"},
    "csv": {"separatorchar", "quotechar", "escapechar", "wholefile"},
    "json": {"strip.outer.array", "case.insensitive", "dots.in.keys", "ignore.malformed.json"},
    "regex": {"input.regex", "input.regex.case.insensitive", "output.format.string"},
    "delta": {"path"},  # Spark repeats the location there
    "iceberg": set(),
}
_INPUT_FORMATS: dict[str, Kind] = {
    "org.apache.hadoop.mapred.textinputformat": "text",
    "org.apache.hadoop.hive.ql.io.symlinktextinputformat": "text",
    "org.apache.hadoop.hive.ql.io.parquet.mapredparquetinputformat": "parquet",
    "org.apache.hadoop.hive.ql.io.orc.orcinputformat": "orc",
    "org.apache.hadoop.hive.ql.io.avro.avrocontainerinputformat": "avro",
}
_STORED_AS: dict[str, Kind] = {
    "parquet": "parquet",
    "orc": "orc",
    "avro": "avro",
    "json": "json",
    "textfile": "text",
    "delta": "delta",
    "iceberg": "iceberg",
}
_COMPRESSIONS = {"none", "gzip", "zstd", "snappy"}
_SURPLUS = {"SET_TO_NULL", "TRUNCATE", "DISABLED", "FAIL"}
_OVERFLOWS = {"SET_TO_NULL", "DISABLED", "FAIL"}


def kind_of(table: ExternalTable) -> Kind:
    """How the table's files are read.

    Raises:
        FeatureNotSupported: a format, SerDe or input format that nothing here reads, by its name.
    """
    file_format = table.format
    for name in ("table_type", "spark.sql.sources.provider"):
        told = table.property(name).lower()
        if told in ("delta", "iceberg") and not is_symlinked(table):
            return "delta" if told == "delta" else "iceberg"
    if file_format.serde is not None:
        found = _SERDES.get(file_format.serde.lower())
        if found is None:
            raise FeatureNotSupported(f"SerDe {file_format.serde} is not supported")
        return found
    if file_format.input_format is not None:
        found = _INPUT_FORMATS.get(file_format.input_format.lower())
        if found is None:
            raise FeatureNotSupported(f"input format {file_format.input_format} is not supported")
        return found
    found = _STORED_AS.get(file_format.stored_as)
    if found is None:
        raise FeatureNotSupported(f"STORED AS {file_format.stored_as.upper()} is not supported")
    return found


def is_symlinked(table: ExternalTable) -> bool:
    """True where the files at the table's location only name the files with rows, one a line."""
    return "symlinktextinputformat" in (table.format.input_format or "").lower()


def serde_properties(table: ExternalTable) -> dict[str, str]:
    """The SerDe's properties, names folded."""
    return {key.lower(): value for key, value in table.format.serde_properties}


def check_properties(table: ExternalTable, kind: Kind) -> None:
    """Refuse what nothing heeds, and values that mean nothing.

    Raises:
        FeatureNotSupported, InvalidParameterValue: naming the property.
    """
    for name, _ in table.format.serde_properties:
        known = name.lower() in _KNOWN_PROPERTIES[kind] | _IGNORED_PROPERTIES
        if not known and not (kind == "json" and name.lower().startswith("mapping.")):
            raise FeatureNotSupported(f"SerDe property {name} is not supported")
    skipped_lines(table)
    rows = table.property("numrows", "0")
    if not rows.lstrip("-").isdigit():
        raise InvalidParameterValue(f"numRows must be a number, not {rows}")
    compression = table.property("compression_type", "none").lower()
    if compression not in _COMPRESSIONS or (compression == "snappy" and kind in ("text", "csv", "json", "regex")):
        raise FeatureNotSupported(f"compression_type {compression} is not supported")
    _check_word(table, "surplus_char_handling", _SURPLUS)
    _check_word(table, "numeric_overflow_handling", _OVERFLOWS)
    _check_word(table, "invalid_char_handling", {"DISABLED", "FAIL"})
    resolution = table.property("column_count_mismatch_handling", "DISABLED").upper()
    if resolution != "DISABLED":
        raise FeatureNotSupported(f"column_count_mismatch_handling {resolution} is not supported")


def _check_word(table: ExternalTable, name: str, known: set[str]) -> None:
    found = table.property(name, "DISABLED").upper()
    if found not in known:
        raise FeatureNotSupported(f"{name} {found} is not supported")


def skipped_lines(table: ExternalTable) -> int:
    """How many lines each file begins with that are no rows."""
    text = table.property("skip.header.line.count", "0")
    if not text.isdigit():
        raise InvalidParameterValue(f"skip.header.line.count must be a number, not {text}")
    return int(text)


def cleansing(table: ExternalTable, name: str, default: str) -> str:
    """What a property of data handling asks for; `default` where data handling is off."""
    if table.property("data_cleansing_enabled").lower() != "true":
        return default
    return table.property(name, "SET_TO_NULL").upper()
