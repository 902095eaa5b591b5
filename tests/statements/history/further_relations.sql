-- The remaining system relations: their columns as a superuser reads them, what they say, and what an ordinary user sees.
-- source: r_STL_QUERY_METRICS, r_STV_QUERY_METRICS, r_SVL_QUERY_METRICS, r_STL_PLAN_INFO, r_STV_EXEC_STATE, r_SVV_QUERY_STATE, r_SVV_QUERY_INFLIGHT, r_STL_COMMIT_STATS, r_STV_CURSOR_CONFIGURATION, r_STV_DB_ISOLATION_LEVEL, r_SVL_S3LOG, SYS_EXTERNAL_QUERY_DETAIL, r_STL_S3CLIENT, r_SVV_REDSHIFT_FUNCTIONS, r_PG_DATABASE_INFO, pg_user_info, r_PG_STATISTIC_INDICATOR

SELECT * FROM stl_analyze_compression WHERE 1 = 0;
--> userid:int4 | start_time:timestamp | xid:int8 | tbl:int4 | tablename:char(128) | col:int4 | old_encoding:char(15) | new_encoding:char(15) | mode:char(14) | best_compression_encoding:char(15) | recommended_bytes:char(15) | best_compression_bytes:char(15) | ndv:int8
SELECT * FROM stl_commit_stats WHERE 1 = 0;
--> xid:int8 | node:int4 | startqueue:timestamp | startwork:timestamp | endflush:timestamp | endstage:timestamp | endlocal:timestamp | startglobal:timestamp | endtime:timestamp | queuelen:int8 | permblocks:int8 | newblocks:int8 | dirtyblocks:int8 | headers:int8 | numxids:int4 | oldestxid:int8 | extwritelatency:int8 | metadatawritten:int4 | tombstonedblocks:int8 | tossedblocks:int8 | batched_by:int8
SELECT * FROM stl_plan_info WHERE 1 = 0;
--> userid:int4 | query:int4 | nodeid:int4 | segment:int4 | step:int4 | locus:int4 | plannode:int4 | startupcost:float8 | totalcost:float8 | rows:int8 | bytes:int8
SELECT * FROM svcs_plan_info WHERE 1 = 0;
--> userid:int4 | query:int4 | nodeid:int4 | segment:int4 | step:int4 | locus:int4 | plannode:int4 | startupcost:float8 | totalcost:float8 | rows:int8 | bytes:int8
SELECT * FROM stl_query_metrics WHERE 1 = 0;
--> userid:int4 | service_class:int4 | query:int4 | segment:int4 | step_type:int4 | starttime:timestamp | slices:int4 | max_rows:int8 | rows:int8 | max_cpu_time:int8 | cpu_time:int8 | max_blocks_read:int4 | blocks_read:int8 | max_run_time:int8 | run_time:int8 | max_blocks_to_disk:int8 | blocks_to_disk:int8 | step:int4 | max_query_scan_size:int8 | query_scan_size:int8 | query_priority:int4 | query_queue_time:int8 | service_class_name:char(64)
SELECT * FROM stv_query_metrics WHERE 1 = 0;
--> userid:int4 | service_class:int4 | query:int4 | starttime:timestamp | slices:int4 | segment:int4 | step_type:int4 | rows:int8 | max_rows:int8 | cpu_time:int8 | max_cpu_time:int8 | blocks_read:int8 | max_blocks_read:int8 | run_time:int8 | max_run_time:int8 | max_blocks_to_disk:int8 | blocks_to_disk:int8 | step:int4 | max_query_scan_size:int8 | query_scan_size:int8 | query_priority:int4 | query_queue_time:int8
SELECT * FROM svl_query_metrics WHERE 1 = 0;
--> userid:int4 | query:int4 | service_class:int4 | dimension:varchar(24) | segment:int4 | step:int4 | step_label:varchar(30) | query_cpu_time:int8 | query_blocks_read:int8 | query_execution_time:int8 | query_cpu_usage_percent:int8 | query_temp_blocks_to_disk:int8 | segment_execution_time:int8 | cpu_skew:numeric(38,2) | io_skew:numeric(38,2) | scan_row_count:int8 | join_row_count:int8 | nested_loop_join_row_count:int8 | return_row_count:int8 | spectrum_scan_row_count:int8 | spectrum_scan_size_mb:int8 | query_queue_time:int8
SELECT * FROM stl_s3client WHERE 1 = 0;
--> userid:int4 | query:int4 | slice:int4 | recordtime:timestamp | pid:int4 | http_method:char(64) | bucket:char(64) | key:char(256) | transfer_size:int8 | data_size:int8 | start_time:int8 | end_time:int8 | transfer_time:int8 | compression_time:int8 | connect_time:int8 | app_connect_time:int8 | retries:int8 | request_id:char(32) | extended_request_id:char(128) | ip_address:char(64) | is_partial:int4 | start_offset:int8
SELECT * FROM svl_s3log WHERE 1 = 0;
--> pid:int4 | query:int4 | segment:int4 | step:int4 | node:int4 | slice:int4 | eventtime:timestamp | message:text
SELECT * FROM svcs_s3log WHERE 1 = 0;
--> pid:int4 | query:int4 | segment:int4 | step:int4 | node:int4 | eventtime:timestamp | message:char(512)
SELECT * FROM stl_schema_quota_violations WHERE 1 = 0;
--> ownerid:int4 | xid:int8 | pid:int4 | userid:int4 | schema_id:int4 | schema_name:char(128) | quota:int4 | disk_usage:int4 | disk_usage_pct:float8 | timestamp:timestamp
SELECT * FROM svv_schema_quota_state WHERE 1 = 0;
--> schema_id:int4 | schema_name:char(128) | schema_owner:int4 | quota:int4 | disk_usage:int4 | disk_usage_pct:float8
SELECT * FROM stv_cursor_configuration WHERE 1 = 0;
--> current_cursor_count:int4 | max_diskspace_usable:int4 | current_diskspace_used:int4
SELECT * FROM stv_db_isolation_level WHERE 1 = 0;
--> db_name:char(128) | isolation_level:char(20)
SELECT * FROM stv_exec_state WHERE 1 = 0;
--> userid:int4 | query:int4 | slice:int4 | segment:int4 | step:int4 | starttime:timestamp | currenttime:timestamp | tasknum:int4 | rows:int8 | bytes:int8 | label:char(256) | is_diskbased:char(1) | workmem:int8 | num_parts:int4 | is_rrscan:char(1) | is_delayed_scan:char(1)
SELECT * FROM stv_tbl_trans WHERE 1 = 0;
--> slice:int4 | id:int4 | rows:int8 | size:int8 | query_id:int8 | ref_cnt:int4 | from_suspended:int4 | prep_swap:int4
SELECT * FROM svl_federated_query WHERE 1 = 0;
--> userid:int4 | xid:int8 | pid:int4 | query:int4 | sourcetype:char(32) | recordtime:timestamp | querytext:char(4000) | num_rows:int8 | num_bytes:int8 | duration:int8
SELECT * FROM svl_spatial_simplify WHERE 1 = 0;
--> query:int4 | line_number:int4 | maximum_tolerance:float8 | initial_size:int4 | simplified:char(1) | final_size:int4 | final_tolerance:float8
SELECT * FROM svl_datashare_cross_region_usage WHERE 1 = 0;
--> query:int4 | segment:int8 | start_time:time | end_time:time | transferred_data:int8 | source_region:char(25) | recordtime:timestamp
SELECT * FROM svl_datashare_usage_consumer WHERE 1 = 0;
--> userid:int4 | pid:int4 | xid:int8 | request_id:varchar(50) | request_type:varchar(25) | transaction_uid:varchar(50) | recordtime:timestamp | status:int4 | error:varchar(512)
SELECT * FROM svl_datashare_usage_producer WHERE 1 = 0;
--> share_id:int4 | share_name:varchar(128) | request_id:varchar(50) | request_type:varchar(25) | object_type:varchar(64) | object_oid:int4 | object_name:varchar(128) | consumer_account:varchar(16) | consumer_namespace:varchar(64) | consumer_transaction_uid:varchar(50) | recordtime:timestamp | status:int4 | error:varchar(512) | consumer_region:char(64)
SELECT * FROM sys_datashare_usage_consumer WHERE 1 = 0;
--> user_id:int4 | session_id:int4 | transaction_id:int8 | request_id:varchar(50) | request_type:varchar(25) | transaction_uid:varchar(50) | record_time:timestamp | status:int4 | error_message:varchar(512)
SELECT * FROM sys_datashare_usage_producer WHERE 1 = 0;
--> share_id:int4 | share_name:varchar(128) | request_id:varchar(50) | request_type:varchar(25) | object_type:varchar(64) | object_oid:int4 | object_name:varchar(128) | consumer_account:varchar(16) | consumer_namespace:varchar(64) | consumer_transaction_uid:varchar(50) | record_time:timestamp | status:int4 | error_message:varchar(512) | consumer_region:char(64)
SELECT * FROM sys_external_query_detail WHERE 1 = 0;
--> user_id:int4 | query_id:int8 | transaction_id:int8 | child_query_sequence:int4 | segment_id:int4 | source_type:char(32) | start_time:timestamp | end_time:timestamp | duration:int8 | total_partitions:int4 | qualified_partitions:int4 | scanned_files:int8 | returned_rows:int8 | returned_bytes:int8 | file_format:text | file_location:text | external_query_text:text | warning_message:char(4000) | table_name:char(136) | is_recursive:char(1) | is_nested:char(1) | s3list_time:int8 | get_partition_time:int8
SELECT * FROM svv_query_inflight WHERE 1 = 0;
--> userid:int4 | slice:int4 | query:int4 | pid:int4 | starttime:timestamp | suspended:int4 | text:char(200) | sequence:int4
SELECT * FROM svv_query_state WHERE 1 = 0;
--> userid:int4 | query:int4 | seg:int4 | step:int4 | maxtime:interval | avgtime:interval | rows:int8 | bytes:int8 | cpu:int8 | memory:int8 | rate_row:float8 | rate_byte:float8 | label:char(25) | is_diskbased:char(1) | workmem:int8 | num_parts:int4 | is_rrscan:char(1) | is_delayed_scan:char(1)
SELECT * FROM pg_database_info WHERE 1 = 0;
--> datid:oid | datname:name | datdba:oid | encoding:int4 | datistemplate:bool | datallowconn:bool | datlastsysoid:oid | datvacuumxid:28 | datfrozenxid:28 | dattablespace:oid | datconfig:text[] | datacl:1034 | datconnlimit:text
SELECT * FROM pg_user_info WHERE 1 = 0;
--> usename:name | usesysid:int4 | usecreatedb:bool | usesuper:bool | usecatupd:bool | passwd:text | valuntil:timestamptz | useconfig:text[] | useconnlimit:text
SELECT * FROM pg_statistic_indicator WHERE 1 = 0;
--> stairelid:oid | stairows:float8 | staiins:float8 | staidels:float8
SELECT * FROM svl_qerror;
--> ERROR 42P01 at 15: relation "svl_qerror" does not exist

CREATE USER onlooker PASSWORD 'Onlooker1Pass';
CREATE TABLE measured (id integer, city varchar(10));
INSERT INTO measured VALUES (1, 'Ulm'), (2, 'Bonn'), (3, 'Bonn');
SELECT city, count(*) FROM measured WHERE id > 1 GROUP BY 1;
--> city:varchar(10) | count:int8
--> Bonn | 2
CREATE TEMP TABLE shown AS SELECT pg_last_query_id() AS query;
SELECT dimension, trim(step_label) AS label, scan_row_count, return_row_count FROM svl_query_metrics WHERE query = (SELECT query FROM shown) AND (dimension = 'query' OR step_label IN ('scan', 'aggr')) ORDER BY 1, 2;
--> dimension:varchar(24) | label:varchar | scan_row_count:int8 | return_row_count:int8
--> query | NULL | 3 | 1
--> step | aggr | NULL | NULL
--> step | scan | 3 | NULL
SELECT segment, step_type, step, max_rows, run_time > 0 AS ran, cpu_time >= max_cpu_time AS summed, slices FROM stl_query_metrics WHERE query = (SELECT query FROM shown) AND (segment = -1 OR step_type IN (1, 3)) ORDER BY 1, 2;
--> segment:int4 | step_type:int4 | step:int4 | max_rows:int8 | ran:bool | summed:bool | slices:int4
--> -1 | -1 | -1 | 2 | t | t | 1
--> 0 | 1 | 0 | 2 | NULL | t | 1
--> 0 | 3 | 3 | 1 | NULL | t | 1
SELECT count(DISTINCT nodeid) = count(*) AS told, min(nodeid) AS first, max(plannode) AS scan, max(locus) AS locus FROM stl_plan_info WHERE query = (SELECT query FROM shown);
--> told:bool | first:int4 | scan:int4 | locus:int4
--> t | 1 | 104 | 0
SELECT trim(text) AS text, sequence, suspended FROM svv_query_inflight WHERE pid = pg_backend_pid();
--> text:varchar | sequence:int4 | suspended:int4
--> SELECT trim(text) AS text, sequence, suspended FROM svv_query_inflight WHERE pid = pg_backend_pid() | 0 | 0
SELECT s.seg, s.maxtime >= INTERVAL '0 s' AS runs, e.currenttime >= e.starttime AS timed, m.segment, m.run_time >= 0 AS taken FROM svv_query_state s JOIN stv_exec_state e ON e.query = s.query JOIN stv_query_metrics m ON m.query = s.query JOIN stv_inflight i ON i.query = s.query WHERE i.pid = pg_backend_pid();
--> seg:int4 | runs:bool | timed:bool | segment:int4 | taken:bool
--> NULL | t | t | -1 | t
BEGIN;
INSERT INTO measured VALUES (4, 'Kiel');
DECLARE looked CURSOR FOR SELECT id FROM measured;
SELECT current_cursor_count > 0 AS counted, max_diskspace_usable, current_diskspace_used FROM stv_cursor_configuration;
--> counted:bool | max_diskspace_usable:int4 | current_diskspace_used:int4
--> t | NULL | 0
COMMIT;
SELECT node, endtime >= startwork AS ended FROM stl_commit_stats WHERE xid = (SELECT max(xid) FROM stl_query WHERE querytxt LIKE 'INSERT INTO measured%' AND pid = pg_backend_pid());
--> node:int4 | ended:bool
--> -1 | t
SELECT trim(isolation_level) AS level FROM stv_db_isolation_level WHERE db_name = current_database();
--> level:varchar
--> Snapshot Isolation
SELECT stairows, staiins FROM pg_statistic_indicator WHERE stairelid = 'measured'::regclass::oid;
--> stairows:float8 | staiins:float8
--> 4 | NULL
CREATE FUNCTION twice(integer) RETURNS integer IMMUTABLE AS $$ SELECT 2 * $1 $$ LANGUAGE sql;
SELECT function_name, function_type, argument_type, result_type FROM svv_redshift_functions WHERE schema_name = current_schema() OR function_name = 'avg' ORDER BY 1;
--> function_name:varchar(128) | function_type:varchar(128) | argument_type:varchar(512) | result_type:varchar(128)
--> avg | AGGREGATE FUNCTION | "any" | double precision
--> twice | REGULAR FUNCTION | integer | integer
SELECT datid, datname = current_database() AS here, datconnlimit FROM pg_database_info;
--> datid:oid | here:bool | datconnlimit:text
--> 16384 | t | UNLIMITED
ALTER USER onlooker CONNECTION LIMIT 3;
SELECT usesuper, useconnlimit FROM pg_user_info WHERE usename = 'onlooker';
--> usesuper:bool | useconnlimit:text
--> f | 3

SET SESSION AUTHORIZATION onlooker;
SELECT count(*) FROM pg_statistic_indicator;
--> ERROR 42501…: permission denied for relation pg_statistic_indicator
SELECT count(*) FROM pg_user_info;
--> ERROR 42501…: permission denied for relation pg_user_info
SELECT count(*) FROM stl_commit_stats;
--> ERROR 42501…: permission denied for relation stl_commit_stats
SELECT count(*) FROM stv_cursor_configuration;
--> ERROR 42501…: permission denied for relation stv_cursor_configuration
SELECT count(*) FROM (SELECT userid FROM stl_plan_info UNION ALL SELECT userid FROM svcs_plan_info UNION ALL SELECT userid FROM stl_query_metrics UNION ALL SELECT userid FROM svl_query_metrics UNION ALL SELECT userid FROM stl_s3client UNION ALL SELECT user_id FROM sys_external_query_detail UNION ALL SELECT query FROM svl_s3log UNION ALL SELECT query FROM svcs_s3log) t;
--> count:int8
--> 0
SELECT DISTINCT userid = (SELECT usesysid FROM pg_user WHERE usename = current_user) AS mine FROM (SELECT userid FROM svv_query_inflight UNION ALL SELECT userid FROM svv_query_state UNION ALL SELECT userid FROM stv_exec_state UNION ALL SELECT userid FROM stv_query_metrics) t;
--> mine:bool
--> t
SELECT count(*) FROM (SELECT 1 FROM stl_analyze_compression UNION ALL SELECT 1 FROM stl_schema_quota_violations UNION ALL SELECT 1 FROM svv_schema_quota_state UNION ALL SELECT 1 FROM stv_tbl_trans UNION ALL SELECT 1 FROM svl_federated_query UNION ALL SELECT 1 FROM svl_spatial_simplify UNION ALL SELECT 1 FROM svl_datashare_cross_region_usage UNION ALL SELECT 1 FROM svl_datashare_usage_consumer UNION ALL SELECT 1 FROM svl_datashare_usage_producer UNION ALL SELECT 1 FROM sys_datashare_usage_consumer UNION ALL SELECT 1 FROM sys_datashare_usage_producer) t;
--> count:int8
--> 0
SELECT count(*) FROM svv_redshift_functions WHERE function_name = 'twice';
--> count:int8
--> 0
SELECT (SELECT count(*) FROM pg_database_info) AS databases, (SELECT count(*) FROM stv_db_isolation_level) AS levels;
--> databases:int8 | levels:int8
--> 1 | 1
RESET SESSION AUTHORIZATION;
DROP USER onlooker;

-- source: r_pg_federation_repeatable_read, r_default_geometry_encoding
SET pg_federation_repeatable_read TO off;
SHOW pg_federation_repeatable_read;
--> pg_federation_repeatable_read:varchar
--> off
SET default_geometry_encoding TO 1;
SET default_geometry_encoding TO 3;
--> ERROR 22023: invalid value for parameter "default_geometry_encoding": "3"
-- source: Date_functions_header
SELECT age(current_date, current_date);
--> ERROR 0A000 at 8: the function AGE is not supported: Redshift has it on its leader node alone, and deprecates it
