-- A materialized view keeps the rows of its last refresh; staleness is known, a refresh is one transaction.
-- source: materialized-view-create-sql-command

CREATE TABLE sales (city varchar(20), amount numeric(8,2));
INSERT INTO sales VALUES ('Praha', 10), ('Praha', 5), ('Brno', 7);
CREATE MATERIALIZED VIEW by_city DISTSTYLE ALL SORTKEY (city) BACKUP NO AUTO REFRESH NO AS
SELECT city, sum(amount) AS total, count(*) FROM sales GROUP BY city;
--> CREATE MATERIALIZED VIEW
SELECT * FROM by_city ORDER BY city;
--> city:varchar(20) | total:numeric(38,2) | count:int8
--> Brno | 7.00 | 1
--> Praha | 15.00 | 2
SELECT trim(name) AS name, is_stale, state, autorewrite, autorefresh FROM svv_mv_info WHERE schema_name = current_schema();
--> name:varchar | is_stale:char(1) | state:int4 | autorewrite:char(1) | autorefresh:char(1)
--> by_city | f | 0 | f | f
REFRESH MATERIALIZED VIEW by_city;
--> INFO: Materialized view by_city is already up to date.
--> REFRESH
INSERT INTO sales VALUES ('Brno', 1);
SELECT * FROM by_city ORDER BY city;
--> city:varchar(20) | total:numeric(38,2) | count:int8
--> Brno | 7.00 | 1
--> Praha | 15.00 | 2
SELECT is_stale FROM stv_mv_info WHERE "schema" = current_schema();
--> is_stale:char(1)
--> t
REFRESH MATERIALIZED VIEW by_city RESTRICT;
--> INFO: Materialized view by_city was recomputed successfully.
--> REFRESH
SELECT * FROM by_city ORDER BY city;
--> city:varchar(20) | total:numeric(38,2) | count:int8
--> Brno | 8.00 | 2
--> Praha | 15.00 | 2
SELECT is_stale FROM svv_mv_info WHERE schema_name = current_schema();
--> is_stale:char(1)
--> f
SELECT trim(mv_name) AS mv, status FROM svl_mv_refresh_status WHERE schema_name = current_schema() ORDER BY starttime;
--> mv:varchar | status:varchar(256)
--> by_city | Refresh MV was already updated
--> by_city | Refresh successfully recomputed MV from scratch

-- what a rolled-back transaction changed makes nothing stale, and a refresh can be rolled back
BEGIN;
DELETE FROM sales;
ROLLBACK;
REFRESH MATERIALIZED VIEW by_city;
--> INFO: Materialized view by_city is already up to date.
--> REFRESH
BEGIN;
UPDATE sales SET amount = amount + 1 WHERE city = 'Brno';
REFRESH MATERIALIZED VIEW by_city;
SELECT total FROM by_city WHERE city = 'Brno';
--> total:numeric(38,2)
--> 10.00
ROLLBACK;
SELECT total FROM by_city WHERE city = 'Brno';
--> total:numeric(38,2)
--> 8.00
SELECT is_stale FROM svv_mv_info WHERE schema_name = current_schema();
--> is_stale:char(1)
--> f
TRUNCATE sales;
REFRESH MATERIALIZED VIEW by_city;
--> INFO: Materialized view by_city was recomputed successfully.
--> REFRESH
SELECT count(*) FROM by_city;
--> count:int8
--> 0
