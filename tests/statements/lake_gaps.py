"""What the scripts show that a warehouse stored as a lake does not do: script → the reason, as docs/storage.md gives it.

The scripts run over a lake where `BOATHOUSE_STORAGE_KIND=ducklake` is set; a script that is named here must fail then.
"""

from __future__ import annotations

GAPS = {
    "as_of/native": "tables have a history",
    "as_of/types": "no SUPER, INTERVAL and case-insensitive columns",
    "catalog/asked_by_clients": "no txid_current()",
    "collations/columns": "no columns with a collation",
    "collations/collate": "no columns with a collation",
    "ddl/alter": "ADD COLUMN takes no NOT NULL",
    "ddl/defaults": "UPDATE takes no SET column = DEFAULT",
    **dict.fromkeys(
        ("super/arithmetic", "super/arrays", "super/casts", "super/element_paths", "super/modes", "super/navigation",
         "super/ordering"),
        "no SUPER columns",
    ),
    **dict.fromkeys(
        ("browsing/dbeaver", "browsing/grafana", "browsing/metabase", "browsing/pgadmin", "browsing/powerbi",
         "browsing/tableau", "catalog/information_schema", "ddl/analyze_compression", "metadata/columns"),
        "no SUPER columns, of which the script's table has one",
    ),
    **dict.fromkeys(("types/interval_sums", "types/intervals"), "no INTERVAL columns"),
}  # fmt: skip

ONLY_THERE = {"as_of/lake": "a warehouse in one file keeps no history"}
"""Likewise what a warehouse in one file does not do."""
