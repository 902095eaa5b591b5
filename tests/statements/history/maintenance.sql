-- What VACUUM and ANALYZE dealt with stands in the system tables, table by table.
-- source: r_STL_VACUUM

CREATE TABLE kept (id INTEGER);
INSERT INTO kept VALUES (1), (2), (3);
VACUUM DELETE ONLY kept;
ANALYZE kept;
ANALYZE kept;
SELECT trim(v.status) AS status, v.rows, v.sortedrows, v.reclaimable_rows FROM stl_vacuum v JOIN svv_table_info t ON t.table_id = v.table_id WHERE t."schema" = current_schema();
--> status:varchar | rows:int8 | sortedrows:int4 | reclaimable_rows:int8
--> Skipped | 3 | 3 | 0
SELECT vacuum_type, status, is_automatic, rows_before_vacuum, duration >= 0 AS took FROM sys_vacuum_history WHERE schema_name = current_schema();
--> vacuum_type:text | status:text | is_automatic:bool | rows_before_vacuum:int8 | took:bool
--> Delete | Skipped | f | 3 | t
SELECT p.percentage FROM svl_vacuum_percentage p JOIN svv_table_info t ON t.table_id = p.table_id WHERE t."schema" = current_schema();
--> percentage:int8
--> 100
SELECT count(*) FROM svv_vacuum_summary WHERE table_name = 'kept' AND row_delta = 0;
--> count:int8
--> 1
SELECT table_name, status FROM svv_vacuum_progress;
--> table_name:varchar | status:varchar
--> kept | Complete
-- source: r_STL_ANALYZE
SELECT trim(a.status) AS status, a.rows, a.is_auto, a.prevtime IS NULL AS first FROM stl_analyze a JOIN svv_table_info t ON t.table_id = a.table_id WHERE t."schema" = current_schema() ORDER BY a.starttime;
--> status:varchar | rows:float8 | is_auto:char(1) | first:bool
--> Full | 3 | f | t
--> Full | 3 | f | f
SELECT table_name, status, last_analyze_time IS NULL AS first FROM sys_analyze_history WHERE schema_name = current_schema() ORDER BY start_time;
--> table_name:text | status:text | first:bool
--> kept | Full | t
--> kept | Full | f
