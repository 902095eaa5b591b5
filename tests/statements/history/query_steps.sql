-- What each step of a query did: rows, bytes and time by stream, segment and step; a join's inner side is a segment of
-- its own that ends before it.
-- source: r_SVL_QUERY_SUMMARY, r_SVL_QUERY_REPORT, r_STL_EXPLAIN, SYS_QUERY_DETAIL
CREATE TABLE sold (id INTEGER, city INTEGER);
CREATE TABLE towns (city INTEGER, name VARCHAR(20));
INSERT INTO towns VALUES (1, 'Ulm'), (2, 'Bonn');
INSERT INTO sold VALUES (1, 1), (2, 1), (3, 2), (4, 9);
SELECT t.name, count(*) FROM sold s JOIN towns t ON s.city = t.city GROUP BY 1 ORDER BY 1;
--> name:varchar(20) | count:int8
--> Bonn | 1
--> Ulm | 2
CREATE TEMP TABLE shown AS SELECT pg_last_query_id() AS query;
SELECT trim(label) AS label, rows, rows_pre_filter FROM svl_query_summary WHERE query = (SELECT query FROM shown)
AND label LIKE 'scan%' ORDER BY label;
--> label:varchar | rows:int8 | rows_pre_filter:int8
--> scan   name=….sold | 3 | 4
--> scan   name=….towns | 2 | 2
SELECT count(DISTINCT seg) > 1 AS segments, sum(CASE WHEN label LIKE 'hjoin%' THEN rows END) AS joined,
max(rows) AS most, min(step) AS first, bool_and(maxtime >= 0) AS timed, max(is_diskbased) AS disk
FROM svl_query_summary WHERE query = (SELECT query FROM shown);
--> segments:bool | joined:numeric(38,0) | most:int8 | first:int4 | timed:bool | disk:char(1)
--> t | 3 | 3 | 0 | t | f
SELECT DISTINCT slice, end_time >= start_time AS times FROM svl_query_report WHERE query = (SELECT query FROM shown);
--> slice:int4 | times:bool
--> 0 | t
SELECT nodeid, parentid, trim(plannode) LIKE '%XN %' AS plan FROM stl_explain WHERE query = (SELECT query FROM shown)
AND parentid = 0;
--> nodeid:int4 | parentid:int4 | plan:bool
--> 1 | 0 | t
SELECT trim(step_name) AS step, trim(table_name) AS "table", input_rows, output_rows FROM sys_query_detail
WHERE query_id = (SELECT query FROM shown) AND step_name IN ('scan', 'hjoin', 'aggr') ORDER BY 1, 2;
--> step:varchar | table:varchar | input_rows:int8 | output_rows:int8
--> aggr | '' | 3 | 2
--> hjoin | '' | 5 | 3
--> scan | ….sold | 4 | 3
--> scan | ….towns | 2 | 2
UPDATE sold SET city = 2 WHERE city = 1;
--> UPDATE 2
SELECT trim(label) AS label, rows FROM svl_query_summary WHERE query = pg_last_query_id() AND label LIKE 'scan%';
--> label:varchar | rows:int8
--> scan   name=….sold | 2
