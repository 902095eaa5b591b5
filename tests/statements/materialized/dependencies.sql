-- Materialized views stand in the way of what they are made of, are refreshed in order, and change by REFRESH alone.
-- source: materialized-view-drop-sql-command

CREATE TABLE base (n integer);
INSERT INTO base VALUES (1), (2);
CREATE MATERIALIZED VIEW lower_mv AS SELECT n, n * 10 AS tens FROM base;
CREATE VIEW between_them AS SELECT sum(tens) AS total FROM lower_mv;
CREATE MATERIALIZED VIEW upper_mv AS SELECT total FROM between_them;
--> CREATE MATERIALIZED VIEW
SELECT trim(name) AS name, trim(ref_name) AS ref FROM stv_mv_deps WHERE "schema" = current_schema() ORDER BY 1, 2;
--> name:varchar | ref:varchar
--> lower_mv | base
--> upper_mv | between_them
--> upper_mv | lower_mv
SELECT trim(name) AS name, trim(dependent_name) AS made FROM svv_mv_dependency WHERE schema_name = current_schema();
--> name:varchar | made:varchar
--> lower_mv | upper_mv
INSERT INTO base VALUES (3);
SELECT trim(name) AS name, is_stale FROM svv_mv_info WHERE schema_name = current_schema() ORDER BY 1;
--> name:varchar | is_stale:char(1)
--> lower_mv | t
--> upper_mv | f
REFRESH MATERIALIZED VIEW upper_mv;
--> INFO: Materialized view upper_mv is already up to date.
--> REFRESH
REFRESH MATERIALIZED VIEW upper_mv CASCADE;
--> INFO: Materialized view lower_mv was recomputed successfully.
--> INFO: Materialized view upper_mv was recomputed successfully.
--> REFRESH
SELECT total FROM upper_mv;
--> total:int8
--> 60

INSERT INTO lower_mv VALUES (9, 9);
--> ERROR 42809 at 13: cannot change "lower_mv": it is a materialized view
DELETE FROM lower_mv;
--> ERROR 42809 at 13: cannot change "lower_mv": it is a materialized view
TRUNCATE lower_mv;
--> ERROR 42809: "lower_mv" is not a table
DROP TABLE lower_mv;
--> ERROR 42809: "lower_mv" is not a table
DROP VIEW lower_mv;
--> ERROR 42809: "lower_mv" is not a view
DROP MATERIALIZED VIEW base;
--> ERROR 42809: "base" is not a materialized view
REFRESH MATERIALIZED VIEW base;
--> ERROR 42809: "base" is not a materialized view
REFRESH MATERIALIZED VIEW nowhere;
--> ERROR 42P01: materialized view "nowhere" does not exist
CREATE MATERIALIZED VIEW lower_mv AS SELECT 1 AS one;
--> ERROR 42P07: relation "lower_mv" already exists

DROP TABLE base;
--> ERROR 2BP01: cannot drop table base because other objects depend on it
DROP MATERIALIZED VIEW lower_mv;
--> ERROR 2BP01: cannot drop materialized view lower_mv because other objects depend on it
DROP MATERIALIZED VIEW upper_mv;
--> DROP MATERIALIZED VIEW
DROP TABLE base CASCADE;
--> DROP TABLE
SELECT * FROM lower_mv;
--> ERROR 42P01 at 15: relation "lower_mv" does not exist
SELECT count(*) FROM svv_mv_info WHERE schema_name = current_schema();
--> count:int8
--> 0
DROP MATERIALIZED VIEW IF EXISTS lower_mv;
--> NOTICE: materialized view "lower_mv" does not exist, skipping
--> DROP MATERIALIZED VIEW
