-- Several statements of one string are one transaction unless they say otherwise.
-- source: r_BEGIN

CREATE TABLE t (a integer);
INSERT INTO t VALUES (1); SELECT 1 / 0;
--> INSERT 0 1
--> ERROR 22012: Divide by zero
SELECT count(*) FROM t;
--> count:int8
--> 0
INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);
SELECT count(*) FROM t;
--> count:int8
--> 2
BEGIN; INSERT INTO t VALUES (3); COMMIT; INSERT INTO t VALUES (4); SELECT nowhere;
--> BEGIN
--> INSERT 0 1
--> COMMIT
--> INSERT 0 1
--> ERROR 42703 at 75: column "nowhere" does not exist
SELECT a FROM t ORDER BY a;
--> a:int4
--> 1
--> 2
--> 3
;
-- only a comment
SELECT /* inside */ 1 AS a;
--> a:int4
--> 1
