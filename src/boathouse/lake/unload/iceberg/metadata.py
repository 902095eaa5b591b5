"""The metadata that makes Parquet files an Iceberg table, by pyiceberg: loaded only where an UNLOAD asks for it.

Received: staged data files, from `publish`. Handed back: staged manifests, and the text of the metadata file.
pyiceberg sees neither keys nor the network: what it writes is staged, what it reads of a table that stands comes from the
storage. Source: Apache Iceberg's specification, format version 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import FileIO, InputFile, OutputFile
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    pyarrow_to_schema,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionField, PartitionFieldValue, PartitionKey, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata, TableMetadataUtil, new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record

from boathouse.contracts.errors import DatatypeMismatch
from boathouse.lake.storage import Storage
from boathouse.lake.unload.parts import StagedFile


def describe_table(
    storage: Storage,
    prefix: str,
    schema: pa.Schema,
    keys: Sequence[str],
    files: Sequence[StagedFile],
    stands: str | None,
    staging: Path,
) -> tuple[list[tuple[str, Path]], bytes]:
    """The metadata of a table that has the rows of `files` and no others.

    Args:
        prefix: the table's folder, with its slash; the files' names start from there.
        schema: see `iceberg_schema`. keys: the partition columns.
        stands: the metadata file of the table that gets a new version; None for a new table.
        staging: where manifests are written.

    Returns:
        The manifests, each as (final path, staged file), and the metadata file's bytes.

    Raises:
        DatatypeMismatch: the table that stands has other columns or partitions.
    """
    wanted = pyarrow_to_schema(schema)
    spec = PartitionSpec(
        *(
            PartitionField(schema.get_field_index(key) + 1, 1000 + place, IdentityTransform(), key)
            for place, key in enumerate(keys)
        )
    )
    io = _Files(storage, staging)
    metadata = _old(storage, stands) if stands is not None else None
    if metadata is None:
        metadata = new_table_metadata(wanted, spec, UNSORTED_SORT_ORDER, prefix.rstrip("/"), {})
    else:
        _require_same(metadata, wanted, spec)
    transaction = Transaction(Table(("unload",), metadata, "", io, NoopCatalog("unload")))
    current = metadata.current_snapshot()
    changes = transaction.update_snapshot()
    with changes.overwrite() if current is not None else changes.fast_append() as snapshot:
        for manifest in current.manifests(io) if current is not None else ():
            for entry in manifest.fetch_manifest_entry(io, discard_deleted=True):
                snapshot.delete_data_file(entry.data_file)
        for file in files:
            snapshot.append_data_file(_data_file(metadata, prefix, file))
    text = transaction.table_metadata.model_dump_json()
    return io.written, text.encode()


def _old(storage: Storage, stands: str) -> TableMetadata:
    with storage.open(stands) as file:
        return TableMetadataUtil.parse_raw(file.read().decode())


def _require_same(metadata: TableMetadata, wanted: Schema, spec: PartitionSpec) -> None:
    there = [(field.name, str(field.field_type)) for field in metadata.schema().fields]
    asked = [(field.name, str(field.field_type)) for field in wanted.fields]
    if there != asked or [field.name for field in metadata.spec().fields] != [field.name for field in spec.fields]:
        raise DatatypeMismatch(
            "the Iceberg table at the destination has other columns or partitions than the query",
            detail="There: " + ", ".join(f"{name} {kind}" for name, kind in there) + ".",
            hint="CLEANPATH puts a new table in its place.",
        )


def _data_file(metadata: TableMetadata, prefix: str, file: StagedFile) -> DataFile:
    """What a manifest says of a file: its partition, and for each column sizes, counts and bounds."""
    schema, spec = metadata.schema(), metadata.spec()
    statistics = data_file_statistics_from_parquet_metadata(
        pq.read_metadata(file.local),
        compute_statistics_plan(schema, metadata.properties),
        parquet_path_to_id_mapping(schema),
    )
    made = DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=prefix + file.name,
        file_format=FileFormat.PARQUET,
        partition=_partition(schema, spec, file),
        file_size_in_bytes=file.size,
        sort_order_id=None,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )
    made.spec_id = spec.spec_id
    return made


def _partition(schema: Schema, spec: PartitionSpec, file: StagedFile) -> Record:
    """The key's values of a file, which are the same in all of its rows."""
    names = [field.name for field in spec.fields]
    if not names:
        return Record()
    with pq.ParquetFile(file.local) as parquet:
        found = next(parquet.iter_batches(1, columns=names)).to_pylist()[0]
    values = [PartitionFieldValue(field, found[field.name]) for field in spec.fields]
    return PartitionKey(values, spec, schema).partition


class _Files(FileIO):
    """pyiceberg's way to files."""

    def __init__(self, storage: Storage, staging: Path) -> None:
        super().__init__()
        self._storage, self._staging = storage, staging
        self.written: list[tuple[str, Path]] = []

    def new_output(self, location: str) -> OutputFile:
        local = self._staging / location.rpartition("/")[2]
        self.written.append((location, local))
        return _Staged(location, local, self._storage)

    def new_input(self, location: str) -> InputFile:
        return _Stored(location, self._storage)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        raise NotImplementedError("nothing of a table that stands is deleted")


class _Staged(OutputFile):
    def __init__(self, location: str, local: Path, storage: Storage) -> None:
        super().__init__(location)
        self._local, self._storage = local, storage

    def __len__(self) -> int:
        return self._local.stat().st_size

    def exists(self) -> bool:
        return self._local.exists()

    def to_input_file(self) -> InputFile:
        return _Stored(self.location, self._storage)

    def create(self, overwrite: bool = False) -> Any:
        return self._local.open("wb")


class _Stored(InputFile):
    def __init__(self, location: str, storage: Storage) -> None:
        super().__init__(location)
        self._storage = storage

    def __len__(self) -> int:
        found = self._storage.head(self.location)
        return found.size if found is not None else 0

    def exists(self) -> bool:
        return self._storage.head(self.location) is not None

    def open(self, seekable: bool = True) -> Any:
        return self._storage.seekable(self.location)
