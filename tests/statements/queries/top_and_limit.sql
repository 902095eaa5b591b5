-- TOP, LIMIT and OFFSET bound the rows.
-- source: r_SELECT_list

CREATE TABLE t (a integer);
INSERT INTO t VALUES (1), (2), (3), (4);
SELECT TOP 2 a FROM t ORDER BY a DESC;
--> a:int4
--> 4
--> 3
SELECT a FROM t ORDER BY a LIMIT 2 OFFSET 1;
--> a:int4
--> 2
--> 3
SELECT a FROM t ORDER BY a LIMIT ALL OFFSET 3;
--> a:int4
--> 4
SELECT a FROM t ORDER BY 1 DESC LIMIT 1;
--> a:int4
--> 4
SELECT a FROM t LIMIT 0;
--> a:int4
SELECT TOP 1 a FROM t LIMIT 1;
--> ERROR 42601 at 23: syntax error at or near "LIMIT"
SELECT a FROM t LIMIT -1;
--> ERROR 22023: LIMIT and OFFSET must not be negative
