"""The functions that queries of the system catalog call: PostgreSQL's information functions, arrays, sets.

Part of the catalogue in `functions`; see there for the letters. On Redshift these run on the leader node.
Source: PostgreSQL "System Information Functions", "Array Functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boathouse.contracts import types as t

_Returns = t.SqlType | Callable[[Sequence[t.SqlType]], t.SqlType]
_VISIBLE = "type function operator opclass opfamily collation conversion ts_config ts_dict ts_parser ts_template"
_VISIBLE_NAMES = " ".join(f"pg_{kind}_is_visible" for kind in (*_VISIBLE.split(), "statistics_obj"))


def _items(of: Sequence[t.SqlType]) -> t.SqlType:
    return of[0] if of else t.UNKNOWN


def _element(of: Sequence[t.SqlType]) -> t.SqlType:
    return of[0].element if of and of[0].fields else t.UNKNOWN


CATALOG_FUNCTIONS: tuple[tuple[str, str, _Returns, str], ...] = (
    ("format_type", "xx", t.TEXT, "rs.format_type"),
    ("format_encoding", "i", t.TEXT, "rs.format_encoding"),
    ("pg_get_expr", "xx?x", t.TEXT, ""),
    ("pg_table_is_visible", "x", t.BOOLEAN, ""),
    (_VISIBLE_NAMES, "x", t.BOOLEAN, "rs.is_visible"),
    ("pg_get_userbyid", "x", t.NAME, ""),
    ("obj_description", "x?x", t.TEXT, ""),
    ("shobj_description", "xx", t.TEXT, ""),
    ("col_description", "xx", t.TEXT, ""),
    ("pg_get_viewdef pg_get_constraintdef", "x?x", t.TEXT, ""),
    ("pg_get_indexdef", "x?ix", t.TEXT, ""),
    ("pg_get_functiondef", "x", t.TEXT, ""),
    ("pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result", "x", t.TEXT, ""),
    ("oidvectortypes", "x", t.TEXT, ""),
    (
        "pg_get_ruledef pg_get_triggerdef pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_partkeydef "
        "pg_get_partition_constraintdef pg_get_serial_sequence pg_get_function_sqlbody pg_tablespace_location "
        "pg_get_replica_identity_index",
        "x?xx",
        t.TEXT,
        "rs.nothing",
    ),
    (
        "pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size pg_tablespace_size",
        "x?x",
        t.BIGINT,
        "rs.no_size",
    ),
    ("pg_database_size", "x", t.BIGINT, "rs.database_size"),
    ("pg_size_pretty", "x", t.TEXT, "rs.size_text"),
    ("pg_relation_filenode", "x", t.OID, "rs.filenode"),
    ("pg_encoding_to_char", "x", t.NAME, "rs.encoding_name"),
    ("pg_char_to_encoding", "s", t.INTEGER, "rs.encoding_number"),
    ("substring_matching", "ss", t.TEXT, "rs.substring_matching"),
    ("string_to_array", "ss", t.sql_array_of(t.TEXT), "string_split"),
    ("parse_ident", "s", t.sql_array_of(t.TEXT), "rs.parse_ident"),
    ("quote_nullable", "s", t.TEXT, "rs.quote_nullable"),
    ("format", "s?x*", t.TEXT, ""),
    ("pg_client_encoding getdatabaseencoding", "", t.NAME, "rs.utf8"),
    ("pg_is_in_recovery pg_is_wal_replay_paused pg_jit_available", "", t.BOOLEAN, "rs.never"),
    ("pg_is_other_temp_schema pg_relation_is_publishable", "x", t.BOOLEAN, "rs.never"),
    ("pg_my_temp_schema", "", t.OID, "rs.temp_schema"),
    ("pg_advisory_unlock_all", "", t.TEXT, "rs.no_locks"),
    ("pg_cancel_backend", "i", t.INTEGER, "rs.pg_cancel_backend"),
    ("pg_terminate_backend", "i", t.INTEGER, "rs.pg_terminate_backend"),
    ("txid_current", "", t.BIGINT, "txid_current"),
    ("set_config", "xxx", t.TEXT, ""),
    ("to_regclass", "s", t.REGCLASS, ""),
    ("to_regtype", "s", t.REGTYPE, ""),
    ("array_to_string", "xs?s", t.TEXT, ""),
    ("array_upper array_length array_lower", "xi", t.INTEGER, ""),
    ("array_ndims cardinality", "x", t.INTEGER, ""),
    ("array_position", "xx", t.INTEGER, "rs.array_position"),
    ("array_append", "xx", _items, "list_append"),
    ("array_remove", "xx", _items, "rs.array_remove"),
    ("pg_partition_ancestors", "x", t.REGCLASS, ""),
    ("array_cat", "xx", _items, "list_concat"),
    ("unnest explode", "x", _element, ""),
    ("generate_subscripts", "xi", t.INTEGER, ""),
    ("pg_options_to_table", "x", t.struct_of(("option_name", t.TEXT), ("option_value", t.TEXT)), ""),
    ("_pg_expandarray", "x", lambda of: t.struct_of(("x", _element(of)), ("n", t.INTEGER)), ""),
)
"""Rows as `functions` reads them."""
