"""What a look into files found: a format and columns. Handed from `classifiers` and `infer_schema` to the grouping."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.lake.tables import Columns
from boathouse.sql.statements import ExternalFormat

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
