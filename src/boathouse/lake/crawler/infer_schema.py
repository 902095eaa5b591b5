"""What files hold: their format, compression and columns.

Receives some files of one table; hands the grouping and `crawl` a format and merged columns. Parquet says its types
itself; CSV and JSON are sniffed by the engine on a local copy of their first bytes, other text is tried with classifiers.
"""

from __future__ import annotations

import json
import re
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, QueryCanceled, StorageError, StorageUnavailable
from boathouse.contracts.house import House
from boathouse.contracts.types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, SqlType, varchar
from boathouse.lake.crawler.classifiers import Classifier, CsvRules, built_in
from boathouse.lake.crawler.infer_records import avro_columns, orc_columns
from boathouse.lake.crawler.inferred import Inferred
from boathouse.lake.crawler.merge_types import merge_named, merge_placed, plain
from boathouse.lake.places import absolute
from boathouse.lake.scans.formats import file_list
from boathouse.lake.scans.list_files import LakeFile
from boathouse.lake.scans.values import literal
from boathouse.lake.storage import storage_for
from boathouse.lake.tables import Columns
from boathouse.sql.statements import Credentials, ExternalFormat

SAMPLE_BYTES = 262_144
"""Of each file; Parquet files are asked for their footers instead."""
LOOKED_AT_MAX = 3
"""Files of a folder that are tried to see what it holds."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "parquet"),
    (b"ORC", "orc"),
    (b"Obj\x01", "avro"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"SEQ", "sequencefile"),
    (b"RCF", "rcfile"),
)
_SNIFFED: dict[str, SqlType] = {
    "BOOLEAN": BOOLEAN,
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
}
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
SYMLINKS = "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
KEYLESS_TEXT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_SERDES = {
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "orc": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "avro": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
}


class Inspector:
    """Looks into files, each once in a crawl.

    Args:
        engine: a session outside any transaction: a file that it cannot read must not end the crawl's.
        classifiers: the crawler's own, tried before what is known here.
        check: called before each file; raises where the crawl shall end.
    """

    def __init__(
        self,
        house: House,
        engine: EngineSession,
        credentials: Credentials,
        classifiers: Sequence[Classifier],
        check: Callable[[], None],
    ) -> None:
        self._house = house
        self._engine = engine
        self._credentials = credentials
        self._classifiers = tuple(classifiers)
        self._check = check
        self._seen: dict[str, Inferred] = {}

    def look(self, files: Sequence[LakeFile]) -> Inferred:
        """What the first of these files that can be read holds; without columns where none can."""
        for file in files[:LOOKED_AT_MAX]:
            found = self._infer(file)
            if found.columns:
                return found
        return Inferred("empty")

    def inventory_columns(self, manifest: LakeFile) -> tuple[str, ...]:
        """The names of the columns of an S3 inventory's CSV files, as its manifest says them; empty for other formats."""
        with storage_for(self._house, manifest.path, self._credentials).open(manifest.path) as source:
            found = json.loads(source.read())
        if str(found.get("fileFormat")).upper() != "CSV":
            return ()
        return tuple(_column_name(name) for name in str(found["fileSchema"]).split(","))

    def infer(self, files: Sequence[LakeFile]) -> tuple[Inferred, list[tuple[LakeFile, str]]]:
        """Format and columns of a table, and the files that do not fit with a reason each.

        The format of the first file that can be read is the table's.
        """
        found: list[Inferred] = []
        strange: list[tuple[LakeFile, str]] = []
        for file in files:
            one = self._infer(file)
            if not one.columns:
                strange.append((file, one.classification))
            elif found and one.classification != found[0].classification:
                strange.append((file, f"{one.classification} among {found[0].classification} files"))
            else:
                found.append(one)
        if not found:
            return Inferred(strange[0][1] if strange else "empty"), strange
        merge = merge_placed if found[0].classification == "csv" else merge_named
        columns = merge([one.columns for one in found])
        return replace(found[0], columns=columns), strange

    def _infer(self, file: LakeFile) -> Inferred:
        if file.path not in self._seen:
            self._check()
            self._seen[file.path] = self._inferred(file)
        return self._seen[file.path]

    def _inferred(self, file: LakeFile) -> Inferred:
        try:
            with storage_for(self._house, file.path, self._credentials).open(file.path) as source:
                head = source.read(SAMPLE_BYTES)
        except StorageUnavailable:
            raise
        except StorageError:
            return Inferred("unreadable file")
        for magic, name in _MAGIC:
            if head.startswith(magic):
                return self._described(file, name)
        compression, text = _decompressed(head)
        if not (compression == "none" and file.size <= len(head)):
            text = text[: text.rfind(b"\n") + 1]
        if not text or b"\0" in text:
            return Inferred("unknown format")
        found = self._classified(text, self._classifiers) or self._sniffed(text)
        return replace(found, compression=compression)

    def _described(self, file: LakeFile, kind: str) -> Inferred:
        """A file of a format that says its columns itself, or that nothing here reads."""
        if kind == "parquet":
            return _infer_parquet(self._engine, file)
        if kind not in ("orc", "avro"):
            return Inferred(f"{kind} is not supported")
        try:
            with storage_for(self._house, file.path, self._credentials).seekable(file.path) as source:
                columns = orc_columns(self._engine, source) if kind == "orc" else avro_columns(source)
        except (
            OSError,
            ValueError,
            EOFError,
            KeyError,
            IndexError,
            TypeError,
            pa.ArrowException,
        ):
            return Inferred(f"damaged {kind} file")
        return Inferred(kind, columns, ExternalFormat(stored_as=kind))

    def _linked(self, text: bytes) -> Inferred:
        """What the first of the files that a list of links names holds."""
        try:
            path = absolute(self._house, text.split(b"\n", 1)[0].decode().strip())
            file = storage_for(self._house, path, self._credentials).head(path)
        except (BoathouseError, UnicodeDecodeError):
            file = None
        if file is None:
            return Inferred("links to files that cannot be read")
        found = self._infer(LakeFile(file.path, file.size))
        if not found.columns or found.format.input_format is not None:
            return Inferred(f"links to files: {found.classification}")
        serde = found.format.serde or _SERDES.get(found.format.stored_as)
        return replace(
            found, format=replace(found.format, serde=serde, input_format=SYMLINKS, output_format=KEYLESS_TEXT)
        )

    def _classified(self, text: bytes, classifiers: Sequence[Classifier]) -> Inferred | None:
        lines = text.decode(errors="replace").splitlines()
        for one in classifiers:
            if one.csv is not None:
                found: Inferred | None = self._delimited(text, one.csv)
            else:
                found = one.inferred(self._engine, lines)
            if found is not None and found.columns:
                return found
        return None

    def _sniffed(self, text: bytes) -> Inferred:
        start = text.lstrip()[:1]
        if start == b"[" and _is_json(text):
            return Inferred("JSON that is not one object a line")
        if start == b"{":
            metadata = _metadata(text)
            if metadata is not None:
                return Inferred(metadata)
            return self._spooled(text, lambda path: _infer_json(self._engine, path))
        if all(line.startswith((b"s3://", b"/")) for line in text.splitlines() if line):
            return self._linked(text)
        return self._classified(text, built_in()) or self._delimited(text, CsvRules())

    def _delimited(self, text: bytes, rules: CsvRules) -> Inferred:
        found = self._spooled(text, lambda path: _infer_csv(self._engine, path, text, rules))
        if rules.columns and len(rules.columns) != len(found.columns):
            return Inferred("another number of columns than the classifier's")
        return found

    def _spooled(self, text: bytes, infer: Callable[[Path], Inferred]) -> Inferred:
        spool = self._house.home / "tmp" / f"crawl-{uuid.uuid4().hex}"
        spool.write_bytes(text)
        try:
            return infer(spool)
        except QueryCanceled:
            raise
        except BoathouseError:
            return Inferred("unknown format")
        finally:
            spool.unlink()


def _is_json(text: bytes) -> bool:
    """True for an array; log lines may begin with a bracket as well."""
    return text.lstrip()[1:].lstrip()[:1] in (b"{", b"[", b'"')


def _metadata(text: bytes) -> str | None:
    """What a JSON document that says things about other files is; None for data."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if isinstance(found.get("entries"), list) and all(
        "url" in one for one in found["entries"] if isinstance(one, dict)
    ):
        return "manifest of files"
    if "fileSchema" in found and "sourceBucket" in found:
        return "S3 inventory manifest"
    return None


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


def _infer_parquet(engine: EngineSession, file: LakeFile) -> Inferred:
    try:
        fields = engine.describe(f"SELECT * FROM read_parquet({file_list([file.path])}, hive_partitioning = false)")
    except BoathouseError:
        return Inferred("damaged parquet file")
    columns = tuple((field.name.lower(), plain(field.type)) for field in fields)
    return Inferred("parquet", columns, ExternalFormat(stored_as="parquet"))


def _infer_json(engine: EngineSession, spool: Path) -> Inferred:
    fields = engine.describe(
        f"SELECT * FROM read_json({literal(str(spool))}, format = 'newline_delimited', sample_size = -1)"
    )
    columns = tuple((field.name.lower(), plain(field.type)) for field in fields)
    return Inferred("json", columns, ExternalFormat(serde=OPENX_JSON))


def _infer_csv(engine: EngineSession, spool: Path, text: bytes, rules: CsvRules) -> Inferred:
    given = {"delim": rules.delimiter, "quote": rules.quote}
    options = "".join(f", {name} = {literal(value)}" for name, value in given.items() if value)
    if rules.header is not None:
        options += f", header = {str(rules.header).lower()}"
    rows = engine.fetch(
        "SELECT Delimiter, Quote, HasHeader, DateFormat, TimestampFormat, "
        "list_transform(Columns, lambda c: c.name), list_transform(Columns, lambda c: c.type) "
        f"FROM sniff_csv({literal(str(spool))}, sample_size = -1{options})"
    )
    delimiter, quote, has_header, date_format, timestamp_format, names, kinds = rows[0]
    delimiter, quote = str(delimiter), str(quote) if len(str(quote)) == 1 and str(quote) != "\0" else '"'
    if rules.delimiter and len(names) < 2:  # type: ignore[arg-type]
        return Inferred("text without the classifier's delimiter")
    columns = []
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):  # type: ignore[call-overload]
        found = _SNIFFED.get(str(kind), varchar(65535))
        # Scans read ISO dates; other spellings stay text rather than become NULL.
        if found is DATE and str(date_format or "%Y-%m-%d") != "%Y-%m-%d":
            found = varchar(65535)
        if found is TIMESTAMP and not str(timestamp_format or "%Y-%m-%d").startswith("%Y-%m-%d"):
            found = varchar(65535)
        own = rules.columns[place] if place < len(rules.columns) else ""
        columns.append((own or (_column_name(str(name)) if has_header else f"col{place}"), found))
    properties = (("skip.header.line.count", "1"),) if has_header else ()
    if delimiter != "," and quote.encode() not in text:
        made = ExternalFormat(field_delimiter=delimiter)
    else:
        made = ExternalFormat(serde=OPEN_CSV, serde_properties=(("separatorChar", delimiter), ("quoteChar", quote)))
    return Inferred("csv", _distinct(columns), made, properties)


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
