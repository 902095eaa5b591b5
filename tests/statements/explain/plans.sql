-- EXPLAIN shows a plan and runs nothing.
-- source: r_EXPLAIN

CREATE TABLE t (a integer);
EXPLAIN DELETE FROM t;
--> QUERY PLAN:varchar
--> XN Delete
--> '  ->  XN Seq Scan  (rows=0)'
--> '            Table: dev.….t'
EXPLAIN INSERT INTO t VALUES (1);
--> QUERY PLAN:varchar
--> XN Insert
--> '  ->  XN Projection  (rows=1)'
--> '      ->  XN Column Data Scan  (rows=1)'
SELECT count(*) FROM t;
--> count:int8
--> 0
EXPLAIN SELECT nowhere FROM t;
--> ERROR 42703 at 16: column "nowhere" does not exist in t
EXPLAIN CREATE TABLE u AS SELECT nowhere FROM t;
--> ERROR 42703 at 34: column "nowhere" does not exist in t
EXPLAIN ANALYZE SELECT 1;
--> ERROR 0A000: EXPLAIN ANALYZE is not supported
EXPLAIN DROP TABLE t;
--> ERROR 42601 at 9: syntax error at or near "DROP"
PREPARE p AS SELECT nowhere FROM t;
--> ERROR 42703 at 21: column "nowhere" does not exist in t
CREATE VIEW v AS SELECT a, nowhere FROM t;
--> ERROR 42703 at 28: column "nowhere" does not exist in t
CREATE TABLE u AS SELECT a, nowhere FROM t;
--> ERROR 42703 at 29: column "nowhere" does not exist in t
SELECT a, nowhere INTO u FROM t;
--> ERROR 42703 at 11: column "nowhere" does not exist in t
SELECT 1; CREATE VIEW v AS SELECT nowhere FROM t;
--> ?column?:int4
--> 1
--> ERROR 42703 at 35: column "nowhere" does not exist in t
