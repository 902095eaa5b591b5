"""The manifest of an UNLOAD: which files, how large, and with VERBOSE the schema and the counts.

Received: published paths with their staged files. Handed on: JSON bytes, to `write`. Pure.
Source: Redshift Database Developer Guide, "UNLOAD", MANIFEST.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from boathouse.contracts.answers import Field
from boathouse.contracts.types import SqlType
from boathouse.lake.unload.parts import StagedFile


def manifest_bytes(files: Sequence[tuple[str, StagedFile]], fields: tuple[Field, ...], verbose: bool) -> bytes:
    """The manifest's text.

    Args:
        files: (url, file) in order. Lengths are always given, as COPY of Parquet asks for them.
    """
    entries = []
    for url, file in files:
        meta = {"content_length": file.size} | ({"record_count": file.lines} if verbose else {})
        entries.append({"url": url, "meta": meta})
    document: dict[str, Any] = {"entries": entries}
    if verbose:
        document["schema"] = {"elements": [{"name": f.name, "type": _type(f.type)} for f in fields]}
        document["meta"] = {
            "content_length": sum(file.size for _, file in files),
            "record_count": sum(file.lines for _, file in files),
        }
        document["author"] = {"name": "Boathouse", "version": "1.0.0"}
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _type(sql_type: SqlType) -> dict[str, Any]:
    described: dict[str, Any] = {"base": sql_type.name}
    if sql_type.name in ("character", "character varying", "varbyte") and sql_type.length is not None:
        described["max_length"] = sql_type.length
    if sql_type.name == "numeric":
        described |= {"precision": sql_type.precision or 38, "scale": sql_type.scale or 0}
    return described
