"""COPY's options as values with their defaults filled in.

Receives the checked words of `CopyFrom.options`; handed to every other module of this folder.
Source: Redshift Developer Guide, "COPY": data format, data conversion and data load parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from boathouse.sql.redshift.options import parse_widths
from boathouse.sql.statements import CopyFrom

Format = Literal["text", "csv", "fixedwidth", "json", "avro", "parquet", "orc"]
COLUMNAR = ("parquet", "orc")


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to read.

    Attributes:
        widths: of the fields of FIXEDWIDTH, in characters.
        encoding: of text files, as Redshift names it in lower case.
        json: how objects meet columns, of JSON and Avro: `auto`, `auto ignorecase`, `noshred` or the place of a JSONPaths
            file.
        null: the text that means NULL, beside an empty field of a column that is not text.
        replacement: what invalid UTF-8 bytes become; None refuses them.
        errors_max: the load fails when this many rows are in error; 1 stops at the first.
        ignore_errors: load what can be loaded, however many rows are in error.
    """

    format: Format
    delimiter: str
    quote: str
    compression: str | None
    manifest: bool
    header_lines: int
    null: str
    json: str = "auto"
    widths: tuple[int, ...] = ()
    encoding: str = "utf8"
    escape: bool = False
    remove_quotes: bool = False
    fill_record: bool = False
    ignore_blank_lines: bool = False
    empty_as_null: bool = False
    blanks_as_null: bool = False
    trim_blanks: bool = False
    truncate_columns: bool = False
    accept_any_date: bool = False
    replacement: str | None = None
    round_decimals: bool = False
    explicit_ids: bool = False
    date_format: str | None = None
    time_format: str | None = None
    errors_max: int = 1
    ignore_errors: bool = False
    no_load: bool = False
    serialize_to_json: bool = False


def load_options(statement: CopyFrom) -> LoadOptions:
    """The options of one COPY."""
    given = statement.options

    def on(name: str) -> bool:
        return given.get(name) is True

    def text(name: str) -> str | None:
        value = given.get(name)
        return value if isinstance(value, str) else None

    def number(name: str) -> int:
        value = given.get(name, 0)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    form = str(given.get("FORMAT", "text"))
    replacement = given.get("ACCEPTINVCHARS")
    return LoadOptions(
        format=cast(Format, form),
        delimiter=text("DELIMITER") or ("," if form == "csv" else "|"),
        quote=text("QUOTE") or '"',
        compression=text("COMPRESSION"),
        manifest=on("MANIFEST"),
        header_lines=number("IGNOREHEADER"),
        null=text("NULL") if text("NULL") is not None else "\\N",  # type: ignore[arg-type]
        json=text("AVRO" if form == "avro" else "JSON") or "auto",
        widths=tuple(parse_widths(text("FIXEDWIDTH") or "")) if form == "fixedwidth" else (),
        encoding=text("ENCODING") or "utf8",
        escape=on("ESCAPE"),
        remove_quotes=on("REMOVEQUOTES"),
        fill_record=on("FILLRECORD"),
        ignore_blank_lines=on("IGNOREBLANKLINES"),
        empty_as_null=on("EMPTYASNULL"),
        blanks_as_null=on("BLANKSASNULL"),
        trim_blanks=on("TRIMBLANKS"),
        truncate_columns=on("TRUNCATECOLUMNS"),
        accept_any_date=on("ACCEPTANYDATE"),
        replacement=replacement if isinstance(replacement, str) else "?" if replacement else None,
        round_decimals=on("ROUNDEC"),
        explicit_ids=on("EXPLICIT_IDS"),
        date_format=text("DATEFORMAT"),
        time_format=text("TIMEFORMAT"),
        errors_max=max(1, number("MAXERROR")),
        ignore_errors=on("IGNOREALLERRORS"),
        no_load=on("NOLOAD"),
        serialize_to_json=on("SERIALIZETOJSON"),
    )
