"""What a user with privileges on single tables may use of another PostgreSQL: functions that compute from their arguments or
read the open part of the catalog, catalog tables without anybody's data, and settings that change no name's meaning.

A list of what is harmless, not of what is not: whatever is missing here is refused. Source: PostgreSQL documentation,
chapters "Functions and Operators", "System Catalogs" and "Server Configuration".
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """
abs acos acosd acosh age array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims
array_position array_positions array_prepend array_remove array_replace array_to_json array_to_string array_upper
ascii asin asind asinh atan atan2 atan2d atand atanh avg bit_and bit_count bit_length bit_or bit_xor bool_and bool_or
btrim cardinality cbrt ceil ceiling char_length character_length chr clock_timestamp coalesce col_description concat
concat_ws convert_from convert_to corr cos cosd cosh cot cotd count covar_pop covar_samp cume_dist current_database
current_schema current_schemas date_bin date_part date_trunc decode degrees dense_rank div encode erf erfc every exp
extract factorial first_value floor format format_type gamma gcd gen_random_uuid generate_series generate_subscripts
get_bit get_byte greatest grouping has_any_column_privilege has_column_privilege has_database_privilege
has_function_privilege has_schema_privilege has_table_privilege initcap isfinite json_agg json_array_elements
json_array_elements_text json_array_length json_build_array json_build_object json_each json_each_text
json_extract_path json_extract_path_text json_object json_object_agg json_object_keys json_strip_nulls json_to_record
json_to_recordset json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length
jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text
jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record
jsonb_to_recordset jsonb_typeof justify_days justify_hours justify_interval lag last_value lcm lead least left length
ln localtime localtimestamp log log10 lower lower_inc lower_inf lpad ltrim make_date make_interval make_time
make_timestamp make_timestamptz max md5 min mod mode normalize now nth_value ntile nullif num_nonnulls num_nulls
obj_description octet_length overlay percent_rank percentile_cont percentile_disc pg_backend_pid
pg_collation_is_visible pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr
pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_indexdef pg_get_partkeydef
pg_get_ruledef pg_get_statisticsobjdef_columns pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_is_in_recovery
pg_my_temp_schema pg_opclass_is_visible pg_operator_is_visible pg_partition_ancestors pg_relation_is_publishable
pg_table_is_visible pg_type_is_visible pg_typeof pi position power quote_ident quote_literal quote_nullable radians
random range_agg range_merge rank regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
regexp_split_to_array regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2
regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round row_number row_to_json rpad rtrim scale
set_bit set_byte sha224 sha256 sha384 sha512 shobj_description sign sin sind sinh split_part sqrt starts_with
statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array string_to_table strpos substr substring
sum tan tand tanh timeofday timezone to_char to_date to_hex to_json to_jsonb to_number to_regclass to_regtype
to_timestamp transaction_timestamp translate trim trim_array trim_scale trunc txid_current_if_assigned unnest upper
upper_inc upper_inf var_pop var_samp variance version width_bucket
    """
)

FORMS = _words(
    """
all and any array as between bit bpchar by case char character collate conflict cross cube dec decimal distinct do
else end except exists fetch filter first float from full group grouping having ilike in inner intersect interval into
is join key lateral left like limit materialized next not nothing null numeric offset on operator or outer over
overlaps partition precision recursive returning right rollup row rows select set sets similar some then time
timestamp timestamptz timetz union unique update using values varbit varchar varying when where window with within
zone
    """
)
"""Words and types that a parenthesis follows without a call."""

CATALOG = _words(
    """
pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members pg_cast pg_class pg_collation pg_constraint
pg_conversion pg_database pg_depend pg_description pg_enum pg_event_trigger pg_extension pg_foreign_data_wrapper pg_foreign_server
pg_foreign_table pg_index pg_indexes pg_inherits pg_language pg_matviews pg_namespace pg_opclass pg_operator
pg_opfamily pg_partitioned_table pg_policies pg_policy pg_proc pg_publication pg_publication_namespace
pg_publication_rel pg_publication_tables pg_range pg_rewrite pg_roles pg_rules pg_sequence pg_sequences
pg_shdescription pg_statistic_ext pg_tables pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_trigger
pg_ts_config pg_ts_dict pg_type pg_user pg_views
    """
)
"""Tables of pg_catalog that describe and hold nobody's values; `information_schema` is open as a whole."""

SETTINGS = _words(
    """
application_name bytea_output client_encoding client_min_messages datestyle default_transaction_deferrable
default_transaction_isolation default_transaction_read_only extra_float_digits geqo
idle_in_transaction_session_timeout intervalstyle jit lock_timeout statement_timeout timezone transaction_isolation
transaction_read_only work_mem
    """
)
"""Settings that may be set at start and later. `client_encoding` to UTF-8 alone."""
