"""System tables of Redshift about what this house has not: relations without rows, so that what asks for them gets the
true answer, none.

There are no further nodes, no datashares, models, masking or row-level policies, no users of identity providers, no
streams, no compiled segments. Columns: Redshift Developer Guide, the pages of the relations' names.
"""

from __future__ import annotations

from boathouse.engines.duckdb.system.empty import relation_without_rows

_STEP = (
    "userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, "
    "tasknum integer, rows bigint"
)
_POLICY = "policy_db text, policy_name text"
_GRANTEE = "identity_id integer, identity_name text, identity_type text"
_PRODUCED = (
    "share_id integer, share_name varchar(128), request_id varchar(50), request_type varchar(25), object_type varchar(64), "
    "object_oid integer, object_name varchar(128), consumer_account varchar(16), consumer_namespace varchar(64), "
    "consumer_transaction_uid varchar(50)"
)
_COLUMNS: dict[str, str] = {
    # Steps of which the engine's plans know none, or which are part of others (a hash table is its join's).
    "stl_hash": f"{_STEP}, bytes bigint, slots integer, occupied integer, maxlength integer, tbl integer, "
    "is_diskbased char(1), workmem bigint, num_parts integer, est_rows bigint, num_blocks_permitted integer, resizes integer, "
    "checksum bigint, runtime_filter_size integer, max_runtime_filter_size integer",
    "stl_merge": _STEP,
    "stl_parse": _STEP,
    "stl_save": f"{_STEP}, bytes bigint, tbl integer, is_diskbased char(1), workmem bigint",
    "stl_unique": f"{_STEP}, is_diskbased char(1), slots integer, workmem bigint, max_buffers_used bigint, type char(6)",
    # What only a cluster does.
    "stl_bcast": f"{_STEP}, bytes bigint, packets integer",
    "stl_dist": f"{_STEP}, bytes bigint, packets integer",
    "stl_stream_segs": "userid integer, query integer, stream integer, segment integer",
    "stl_usage_control": "eventtime timestamp, query integer, xid bigint, pid integer, usage_limit_id varchar(128), "
    "feature_type varchar(128)",
    "stl_sshclient_error": "userid integer, query integer, slice integer, recordtime timestamp, pid integer, "
    "ssh_username char(1024), endpoint char(1024), command char(4096), error char(1024)",
    "stv_startup_recovery_state": "db_id integer, table_id integer, table_name char(137)",
    "svl_compile": "userid integer, xid bigint, pid integer, query integer, segment integer, locus integer, "
    "starttime timestamp, endtime timestamp, compile integer",
    "svcs_compile": "userid integer, xid bigint, pid integer, query integer, segment integer, locus integer, "
    "starttime timestamp, endtime timestamp, compile integer",
    "svcs_stream_segs": "userid integer, query integer, stream integer, segment integer",
    "stv_blocklist": "slice integer, col integer, tbl integer, blocknum integer, num_values integer, extended_limits integer, "
    "minvalue bigint, maxvalue bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, "
    "hdr_modified integer, unsorted integer, tombstone integer, preferred_diskno integer, temporary integer, newblock integer, "
    "num_readers integer, flags integer",
    "stv_partitions": "owner integer, host integer, diskno integer, part_begin bigint, part_end bigint, used integer, "
    "tossed integer, capacity integer, reads bigint, writes bigint, seek_forward integer, seek_back integer, is_san integer, "
    "failed integer, mbps integer, mount char(256)",
    "stv_node_storage_capacity": "node integer, used integer, capacity integer",
    "svv_diskusage": "db_id integer, name char(72), slice integer, col integer, tbl integer, blocknum integer, "
    "num_values integer, minvalue bigint, maxvalue bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, "
    "hdr_modified integer, unsorted integer, tombstone integer, preferred_diskno integer, temporary integer, newblock integer",
    "svl_datashare_change_log": "userid integer, username varchar(128), pid integer, xid bigint, share_id integer, "
    "share_name varchar(128), source_database_id integer, source_database_name varchar(128), recordtime timestamp, "
    "action varchar(128), status integer",
    "sys_datashare_change_log": "user_id integer, user_name varchar(128), session_id integer, transaction_id bigint, "
    "share_id integer, share_name varchar(128), source_database_id integer, source_database_name varchar(128), "
    "record_time timestamp, action varchar(128), status integer",
    "svl_auto_worker_action": "table_id integer, type char(32), status char(128), eventtime timestamp, sequence integer, "
    "previous_state char(200)",
    "svv_alter_table_recommendations": "type char(30), database char(128), table_id integer, group_id integer, ddl char(1024), "
    "auto_eligible char(1)",
    "sys_serverless_usage": "start_time timestamp, end_time timestamp, compute_seconds double precision, "
    "compute_capacity double precision, data_storage bigint, cross_region_transferred_data bigint, charged_seconds bigint",
    # A query's share of the disk, and its state while it runs, are not told.
    "stl_disk_full_diag": "currenttime bigint, node_num bigint, query_id bigint, temp_blocks bigint",
    "stl_restarted_sessions": "currenttime timestamp, dbname char(50), newpid integer, oldpid integer, username char(50), "
    "remotehost char(50), remoteport char(32), parkedtime timestamp, session_vars char(2000)",
    "stl_mv_state": "userid bigint, starttime timestamp, xid bigint, event_desc char(500), db_name char(128), "
    "base_table_schema char(128), base_table_name char(128), mv_schema char(128), mv_name char(128), state char(32)",
    "sys_mv_state": "user_id bigint, transaction_id bigint, database_name char(128), event_desc char(500), "
    "start_time timestamp, base_table_database_name char(128), base_table_schema char(128), base_table_name char(128), "
    "mv_schema char(128), mv_name char(128), state char(32)",
    "stl_wlm_error": "userid integer, recordtime timestamp, pid integer, error_string char(256)",
    "svl_udf_log": "query bigint, message char(4096), created timestamp, traceback char(4096), funcname char(256), node integer, "
    "slice integer, seq integer",
    "svl_multi_statement_violations": "userid integer, database char(32), cmdname char(20), xid bigint, pid integer, "
    "label char(320), starttime timestamp, endtime timestamp, sequence integer, type varchar(10), text char(200)",
    # The advice of ANALYZE COMPRESSION is its answer; COPY changes no encoding.
    "stl_analyze_compression": "userid integer, start_time timestamp, xid bigint, tbl integer, tablename char(128), "
    "col integer, old_encoding char(15), new_encoding char(15), mode char(14), best_compression_encoding char(15), "
    "recommended_bytes char(15), best_compression_bytes char(15), ndv bigint",
    # What other databases are asked holds the values of parameters, which are not kept; EXPLAIN shows it.
    "svl_federated_query": "userid integer, xid bigint, pid integer, query integer, sourcetype char(32), "
    "recordtime timestamp, querytext char(4000), num_rows bigint, num_bytes bigint, duration bigint",
    # Quotas of schemas and SIMPLIFY of shapefiles are refused; intermediate rows are the engine's own.
    "stl_schema_quota_violations": "ownerid integer, xid bigint, pid integer, userid integer, schema_id integer, "
    "schema_name char(128), quota integer, disk_usage integer, disk_usage_pct double precision, timestamp timestamp",
    "svv_schema_quota_state": "schema_id integer, schema_name char(128), schema_owner integer, quota integer, "
    "disk_usage integer, disk_usage_pct double precision",
    "svl_spatial_simplify": "query integer, line_number integer, maximum_tolerance double precision, initial_size integer, "
    "simplified char(1), final_size integer, final_tolerance double precision",
    "stv_tbl_trans": "slice integer, id integer, rows bigint, size bigint, query_id bigint, ref_cnt integer, "
    "from_suspended integer, prep_swap integer",
    # Requests to S3 are tried again by the client, which does not say how often.
    "stl_s3client_error": "userid integer, query integer, sliceid integer, recordtime timestamp, pid integer, "
    "http_method char(64), bucket char(64), key char(256), error char(1024), is_partial integer, start_offset bigint",
    "svl_s3retries": "query integer, segment integer, node integer, slice integer, eventtime timestamp, retries integer, "
    "successes integer, avg_retry_time bigint",
    "svl_spectrum_scan_error": "userid integer, query integer, location char(256), rowid char(2100), colname char(127), "
    "original_value char(1024), modified_value char(1024), trigger char(100), action char(100), action_value char(127), "
    "error_code integer",
    # Datashares, models, policies, identity providers, streams.
    "svv_datashares": "share_name varchar(16), share_id integer, share_owner integer, source_database varchar, "
    "consumer_database varchar, share_type varchar(8), createdate timestamp, is_publicaccessible boolean, "
    "share_acl varchar(256), producer_account varchar(16), producer_namespace varchar(64), managed_by varchar(64)",
    "svv_datashare_objects": "share_type varchar(8), share_name varchar(64), object_type varchar(64), object_name varchar(64), "
    "producer_account varchar(16), producer_namespace varchar(64), include_new boolean",
    "svv_datashare_consumers": "share_name varchar(64), consumer_account varchar(16), consumer_namespace varchar(64), "
    "share_date timestamp",
    "svv_datashare_privileges": f"datashare_name text, privilege_type text, {_GRANTEE}, admin_option boolean",
    "svl_datashare_cross_region_usage": "query integer, segment bigint, start_time time, end_time time, "
    "transferred_data bigint, source_region char(25), recordtime timestamp",
    "svl_datashare_usage_consumer": "userid integer, pid integer, xid bigint, request_id varchar(50), "
    "request_type varchar(25), transaction_uid varchar(50), recordtime timestamp, status integer, error varchar(512)",
    "svl_datashare_usage_producer": f"{_PRODUCED}, recordtime timestamp, status integer, error varchar(512), "
    "consumer_region char(64)",
    "sys_datashare_usage_consumer": "user_id integer, session_id integer, transaction_id bigint, request_id varchar(50), "
    "request_type varchar(25), transaction_uid varchar(50), record_time timestamp, status integer, "
    "error_message varchar(512)",
    "sys_datashare_usage_producer": f"{_PRODUCED}, record_time timestamp, status integer, error_message varchar(512), "
    "consumer_region char(64)",
    "svv_ml_model_info": "user_name char(128), schema_name char(128), database_name char(128), model_name char(128), "
    "life_cycle char(20), is_refreshable integer, model_state char(128)",
    "stv_ml_model_info": "schema_name char(128), user_name char(128), model_name char(128), life_cycle char(20), "
    "is_refreshable integer, model_state char(128)",
    "svv_ml_model_privileges": f"namespace_name text, model_name text, model_version integer, privilege_type text, {_GRANTEE}, "
    "admin_option boolean",
    "svv_masking_policy": f"{_POLICY}, input_columns text, policy_expression text, policy_modified_by text, "
    "policy_modified_time timestamp",
    "svv_attached_masking_policy": "policy_name text, schema_name text, table_name text, table_type text, grantor text, "
    "grantee text, grantee_type text, priority integer, input_columns text, output_columns text",
    "svv_rls_policy": "poldb text, polname text, polalias text, polatts text, polqual text, polenabled boolean, "
    "polmodifiedby text, polmodifiedtime timestamp",
    "svv_rls_attached_policy": "relschema text, relname text, relkind text, polname text, grantor text, grantee text, "
    "granteekind text, is_pol_on boolean, is_rls_on boolean",
    "svv_rls_applied_policy": "username text, query integer, xid bigint, pid integer, recordtime timestamp, command char(1), "
    "datname text, relschema text, relname text, polname text, poldefault char(1)",
    "svv_rls_relation": "datname text, relschema text, relname text, relkind text, is_rls_on boolean, "
    "is_rls_datashare_on boolean",
    "svv_identity_providers": "uid integer, name text, type text, instanceid text, namespc text, params text, enabled boolean",
    "svv_iam_privileges": f"iam_arn text, command_type text, {_GRANTEE}",
    "sys_stream_scan_states": "external_schema_name char(128), stream_name char(255), mv_name char(128), transaction_id bigint, "
    "query_id bigint, record_time timestamp, partition_id char(128), latest_position char(128), scanned_rows bigint, "
    "skipped_rows bigint, scanned_bytes bigint",
    "sys_stream_scan_errors": "external_schema_name char(128), stream_name char(255), mv_name char(128), transaction_id bigint, "
    "query_id bigint, record_time timestamp, partition_id char(128), position char(128), error_code integer, "
    "error_reason char(128)",
}  # fmt: skip

ABSENT = tuple(relation_without_rows(name, listed) for name, listed in _COLUMNS.items())
