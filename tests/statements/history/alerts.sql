-- What a plan is bad at is told where the engine's account of it says so; what a query took in all is summed up.
-- source: r_STL_ALERT_EVENT_LOG

CREATE TABLE many (id INTEGER, part INTEGER);
INSERT INTO many WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT a.i * 200 + b.i, a.i FROM n a, n b;
SELECT count(*) FROM many WHERE id % 1000 = 1;
--> count:int8
--> 40
SELECT trim(event) AS event, trim(solution) AS solution FROM svcs_alert_event_log WHERE query = pg_last_query_id();
--> event:varchar | solution:varchar
--> Very selective query filter:ratio=rows(40)/rows_pre_user_filter(40000)=0.001000 | Insert the rows in the order of the column that is filtered, so that parts of the table are skipped
SELECT count(*) FROM many a, many b WHERE a.id < 20 AND b.id < 20 AND a.id * b.id <> a.part + b.part;
--> count:int8
--> 361
SELECT trim(event) AS event, trim(solution) AS solution FROM stl_alert_event_log WHERE query = pg_last_query_id() AND event LIKE 'Nested%';
--> event:varchar | solution:varchar
--> Nested Loop Join in the query plan | Review the join predicates to avoid Cartesian products
-- source: r_SVL_QUERY_METRICS_SUMMARY
SELECT count(*) FROM many a JOIN many b ON a.id = b.id WHERE b.id % 4 = 1;
--> count:int8
--> 10000
SELECT scan_row_count, join_row_count, nested_loop_join_row_count, return_row_count, query_temp_blocks_to_disk FROM svl_query_metrics_summary WHERE query = pg_last_query_id();
--> scan_row_count:int8 | join_row_count:int8 | nested_loop_join_row_count:int8 | return_row_count:int8 | query_temp_blocks_to_disk:int8
--> 80000 | 10000 | 0 | 1 | 0
SELECT sum(id) FROM many WHERE id % 4 = 2 HAVING count(*) > 5;
--> sum:int8
--> 200000000
SELECT (SELECT max(rows) FROM stl_aggr WHERE query = pg_last_query_id()) AS aggr, (SELECT count(*) FROM stl_sort WHERE query = pg_last_query_id()) AS sorts, (SELECT count(*) FROM stl_bcast) AS broadcasts, (SELECT count(*) FROM svv_datashares) AS shares;
--> aggr:int8 | sorts:int8 | broadcasts:int8 | shares:int8
--> 1 | 0 | 0 | 0
