-- Temporary tables hide permanent ones of the same name, are the session's own, and take a # in front.
-- source: r_CREATE_TABLE_NEW

CREATE TABLE t (a integer);
INSERT INTO t VALUES (1);
CREATE TEMP TABLE t (a integer);
INSERT INTO t VALUES (2);
SELECT a FROM t;
--> a:int4
--> 2
DROP TABLE t;
SELECT a FROM t;
--> a:int4
--> 1
CREATE TABLE #h (a integer);
INSERT INTO #h VALUES (3);
SELECT a FROM #h;
--> a:int4
--> 3
CREATE TEMPORARY TABLE made AS SELECT 5 AS five;
SELECT five FROM made;
--> five:int4
--> 5
SELECT 6 AS six INTO TEMP TABLE #six;
--> SELECT 1
SELECT six FROM #six;
--> six:int4
--> 6
