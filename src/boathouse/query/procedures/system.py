"""Procedures in the system catalog: `pg_proc_info`.

`boathouse.procedures` is the source for everything else that lists them; `arguments` there is a JSON list of
[name, type, mode, is a refcursor]. Columns: Redshift Developer Guide, "PG_PROC_INFO".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "pg_proc_info",
        (
            ("prooid", "oid"),
            ("proname", "varchar(128)"),
            ("pronamespace", "oid"),
            ("prolang", "oid"),
            ("prokind", "char(1)"),
            ("pronargs", "smallint"),
            ("prosecdef", "boolean"),
            ("proargnames", "varchar"),
            ("proargmodes", "varchar"),
            ("prosrc", "varchar"),
        ),
        "SELECT p.prooid, p.name AS proname, n.oid::BIGINT AS pronamespace, 100125::BIGINT AS prolang, "
        "'p' AS prokind, "
        "len(list_filter(CAST(p.arguments AS JSON[]), lambda a: (a ->> 2) <> 'OUT'))::SMALLINT AS pronargs, "
        "p.definer AS prosecdef, "
        "'{' || list_aggregate(list_transform(CAST(p.arguments AS JSON[]), lambda a: a ->> 0), 'string_agg', ',') "
        "|| '}' AS proargnames, "
        "'{' || list_aggregate(list_transform(CAST(p.arguments AS JSON[]), "
        "lambda a: CASE a ->> 2 WHEN 'IN' THEN 'i' WHEN 'OUT' THEN 'o' ELSE 'b' END), 'string_agg', ',') || '}' "
        "AS proargmodes, p.body AS prosrc FROM boathouse.procedures p LEFT JOIN duckdb_schemas() n "
        "ON n.schema_name = p.schema_name AND n.database_name = current_database()",
    ),
)
