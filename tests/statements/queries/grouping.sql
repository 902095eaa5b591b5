-- GROUP BY by name, place and alias; ROLLUP, CUBE and GROUPING SETS; HAVING.
-- source: r_GROUP_BY_clause

CREATE TABLE t (a varchar(3), b integer, v integer);
INSERT INTO t VALUES ('x', 1, 10), ('x', 2, 20), ('y', 1, 5), (NULL, 1, 1);
SELECT a, sum(v) FROM t GROUP BY 1 ORDER BY 1;
--> a:varchar(3) | sum:int8
--> x | 30
--> y | 5
--> NULL | 1
SELECT upper(a) AS k, count(*) FROM t GROUP BY k HAVING count(*) > 1;
--> k:varchar | count:int8
--> X | 2
SELECT a, b, sum(v) AS s FROM t GROUP BY ROLLUP (a, b) ORDER BY 1, 2, 3;
--> a:varchar(3) | b:int4 | s:int8
--> x | 1 | 10
--> x | 2 | 20
--> x | NULL | 30
--> y | 1 | 5
--> y | NULL | 5
--> NULL | 1 | 1
--> NULL | NULL | 1
--> NULL | NULL | 36
SELECT a, grouping(a) AS g, sum(v) AS s FROM t WHERE a IS NOT NULL GROUP BY GROUPING SETS ((a), ()) ORDER BY g, a;
--> a:varchar(3) | g:int4 | s:int8
--> x | 0 | 30
--> y | 0 | 5
--> NULL | 1 | 35
SELECT a, b, count(*) AS n FROM t WHERE a = 'x' GROUP BY CUBE (a, b) ORDER BY 1, 2;
--> a:varchar(3) | b:int4 | n:int8
--> x | 1 | 1
--> x | 2 | 1
--> x | NULL | 2
--> NULL | 1 | 1
--> NULL | 2 | 1
--> NULL | NULL | 2
SELECT a, v FROM t GROUP BY a;
--> ERROR 42803 at 11: column "t.v" must appear in the GROUP BY clause or be used in an aggregate function
SELECT sum(v) AS s FROM t HAVING sum(v) > 100;
--> s:int8
SELECT a FROM t GROUP BY 3;
--> ERROR 42P10 at 26: GROUP BY position 3 is not in select list
SELECT DISTINCT b FROM t ORDER BY b;
--> b:int4
--> 1
--> 2
SELECT count(DISTINCT b) AS n FROM t;
--> n:int8
--> 2
