"""What files hold: their format, compression and columns.

Receives some files of one table; hands `propose` a format and merged columns. Parquet says its types itself; CSV and
JSON are sniffed by the engine on a local copy of their first bytes.
"""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, SqlType, varchar
from boathouse.lake.crawler.merge_types import merge_named, merge_placed, plain
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.values import literal
from boathouse.lake.storage import storage_for
from boathouse.lake.tables import Columns
from boathouse.sql.statements import Credentials, ExternalFormat

SAMPLED_FILES_MAX = 16
SAMPLE_BYTES = 262_144

_MAGIC: tuple[tuple[bytes, str], ...] = ((b"PAR1", "parquet"), (b"ORC", "orc"), (b"Obj\x01", "avro"))
_SNIFFED: dict[str, SqlType] = {
    "BOOLEAN": BOOLEAN,
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
}
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"

_TEXT = ExternalFormat()


@dataclass(frozen=True)
class Inferred:
    """What a file, or a sample of files, holds.

    Attributes:
        classification: `parquet`, `csv`, `json`; or what was seen and is not readable, with no columns.
        compression: `none`, `gzip`, `zstd`.
    """

    classification: str
    columns: Columns = ()
    format: ExternalFormat = _TEXT
    properties: tuple[tuple[str, str], ...] = ()
    compression: str = "none"


def sample(files: Sequence[LakeFile]) -> list[LakeFile]:
    """At most `SAMPLED_FILES_MAX` files, the first, the last and some evenly between."""
    if len(files) <= SAMPLED_FILES_MAX:
        return list(files)
    step = (len(files) - 1) / (SAMPLED_FILES_MAX - 1)
    return [files[round(place * step)] for place in range(SAMPLED_FILES_MAX)]


def infer_schema(
    house: House, session: Session, files: Sequence[LakeFile], credentials: Credentials
) -> tuple[Inferred, list[tuple[LakeFile, str]]]:
    """Format and columns of a table, and the sampled files that do not fit with a reason each.

    The format of the first file that can be read is the table's.
    """
    found: list[Inferred] = []
    strange: list[tuple[LakeFile, str]] = []
    for file in sample(files):
        session.check_cancelled()
        one = _infer(house, session, file, credentials)
        if not one.columns:
            strange.append((file, one.classification))
        elif found and one.classification != found[0].classification:
            strange.append((file, f"{one.classification} among {found[0].classification} files"))
        else:
            found.append(one)
    if not found:
        return Inferred(strange[0][1] if strange else "empty"), strange
    merge = merge_placed if found[0].classification == "csv" else merge_named
    first = found[0]
    columns = merge([one.columns for one in found])
    return Inferred(first.classification, columns, first.format, first.properties, first.compression), strange


def _infer(house: House, session: Session, file: LakeFile, credentials: Credentials) -> Inferred:
    with storage_for(house, file.path, credentials).open(file.path) as source:
        head = source.read(SAMPLE_BYTES)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _infer_parquet(session, file) if name == "parquet" else Inferred(f"{name} files are not supported")
    compression, text = _decompressed(head)
    whole = compression == "none" and file.size <= len(head)
    if not whole:
        text = text[: text.rfind(b"\n") + 1]
    if not text or b"\0" in text:
        return Inferred("unknown format")
    spool = house.home / "tmp" / f"crawl-{uuid.uuid4().hex}"
    spool.write_bytes(text)
    try:
        if text.lstrip()[:1] == b"{":
            return _infer_json(session, spool, compression)
        return _infer_csv(session, spool, text, compression)
    except BoathouseError:
        return Inferred("unknown format")
    finally:
        spool.unlink()


def _decompressed(head: bytes) -> tuple[str, bytes]:
    """The first bytes as text; a cut compressed stream gives what it has."""
    if head.startswith(b"\x1f\x8b"):
        try:
            return "gzip", zlib.decompressobj(31).decompress(head, SAMPLE_BYTES)
        except zlib.error:
            return "gzip", b""
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        text = b""
        with pa.CompressedInputStream(pa.BufferReader(head), "zstd") as stream:
            try:
                while len(text) < SAMPLE_BYTES and (part := stream.read(4096)):
                    text += part
            except OSError:
                return "zstd", text
        return "zstd", text
    return "none", head


def _infer_parquet(session: Session, file: LakeFile) -> Inferred:
    try:
        fields = session.engine.describe(f"SELECT * FROM read_parquet({literal(file.path)}, hive_partitioning = false)")
    except BoathouseError:
        return Inferred("damaged parquet file")
    columns = tuple((field.name.lower(), plain(field.type)) for field in fields)
    return Inferred("parquet", columns, ExternalFormat(stored_as="parquet"))


def _infer_json(session: Session, spool: Path, compression: str) -> Inferred:
    fields = session.engine.describe(
        f"SELECT * FROM read_json({literal(str(spool))}, format = 'newline_delimited', sample_size = -1)"
    )
    columns = tuple((field.name.lower(), plain(field.type)) for field in fields)
    return Inferred("json", columns, ExternalFormat(serde=OPENX_JSON), compression=compression)


def _infer_csv(session: Session, spool: Path, text: bytes, compression: str) -> Inferred:
    rows = session.engine.fetch(
        "SELECT Delimiter, Quote, HasHeader, DateFormat, TimestampFormat, "
        "list_transform(Columns, lambda c: c.name), list_transform(Columns, lambda c: c.type) "
        f"FROM sniff_csv({literal(str(spool))}, sample_size = -1)"
    )
    delimiter, quote, has_header, date_format, timestamp_format, names, kinds = rows[0]
    delimiter, quote = str(delimiter), str(quote) if len(str(quote)) == 1 and str(quote) != "\0" else '"'
    columns = []
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):  # type: ignore[call-overload]
        found = _SNIFFED.get(str(kind), varchar(65535))
        # Scans read ISO dates; other spellings stay text rather than become NULL.
        if found is DATE and str(date_format or "%Y-%m-%d") != "%Y-%m-%d":
            found = varchar(65535)
        if found is TIMESTAMP and not str(timestamp_format or "%Y-%m-%d").startswith("%Y-%m-%d"):
            found = varchar(65535)
        columns.append((_column_name(str(name)) if has_header else f"col{place}", found))
    properties = (("skip.header.line.count", "1"),) if has_header else ()
    if delimiter != "," and quote.encode() not in text:
        made = ExternalFormat(field_delimiter=delimiter)
    else:
        made = ExternalFormat(serde=OPEN_CSV, serde_properties=(("separatorChar", delimiter), ("quoteChar", quote)))
    return Inferred("csv", _distinct(columns), made, properties, compression)


def _column_name(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip().lower()).strip("_") or "col"


def _distinct(columns: list[tuple[str, SqlType]]) -> Columns:
    seen: set[str] = set()
    made = []
    for name, kind in columns:
        free = next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(columns) + 2))) if one not in seen)
        seen.add(free)
        made.append((free, kind))
    return tuple(made)
