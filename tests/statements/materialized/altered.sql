-- ALTER MATERIALIZED VIEW, what a changed base does to a refresh, and what a materialized view cannot stand on.
-- source: r_ALTER_MATERIALIZED_VIEW

CREATE TABLE base (n integer, kept varchar(10));
INSERT INTO base VALUES (1, 'a');
CREATE MATERIALIZED VIEW mv AS SELECT * FROM base;
ALTER MATERIALIZED VIEW mv OWNER TO admin;
--> ALTER MATERIALIZED VIEW
ALTER MATERIALIZED VIEW mv AUTO REFRESH NO;
--> ALTER MATERIALIZED VIEW
ALTER MATERIALIZED VIEW mv AUTO REFRESH YES;
--> ALTER MATERIALIZED VIEW
SELECT autorefresh FROM svv_mv_info WHERE schema_name = current_schema() AND name = 'mv';
--> autorefresh:char(1)
--> t
ALTER MATERIALIZED VIEW mv AUTO REFRESH NO;
ALTER TABLE mv RENAME TO other;
--> ERROR 42809: "mv" is not a table
ALTER TABLE base DROP COLUMN kept;
--> ERROR 2BP01: cannot drop table base column kept because other objects depend on it
ALTER TABLE base ADD COLUMN more integer;
INSERT INTO base VALUES (2, 'b', 20);
REFRESH MATERIALIZED VIEW mv;
--> INFO: Materialized view mv was recomputed successfully.
--> REFRESH
SELECT * FROM mv ORDER BY n;
--> n:int4 | kept:varchar(10)
--> 1 | a
--> 2 | b
CREATE MATERIALIZED VIEW wide AS SELECT base.*, '!' || kept AS shout FROM base;
ALTER TABLE base ADD COLUMN last integer;
REFRESH MATERIALIZED VIEW wide;
--> ERROR 55000: Materialized view …wide could not be refreshed as a base table changed physically
SELECT status FROM svl_mv_refresh_status WHERE schema_name = current_schema() AND mv_name = 'wide';
--> status:varchar(256)
--> Refresh failed. Materialized view …
SELECT count(*) FROM wide;
--> count:int8
--> 2

CREATE MATERIALIZED VIEW named (a) AS SELECT n FROM base;
--> ERROR 42601 at 32: syntax error at or near "("
CREATE TEMP TABLE mine (n integer);
CREATE MATERIALIZED VIEW of_temporary AS SELECT n FROM mine;
--> ERROR 0A000: materialized views cannot stand on temporary tables: "mine"
CREATE MATERIALIZED VIEW of_system AS SELECT tablename FROM pg_tables;
--> ERROR 0A000: materialized views cannot stand on system tables: "pg_tables"
DROP TABLE mine;
