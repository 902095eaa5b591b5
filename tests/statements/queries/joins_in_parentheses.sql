-- Joins in parentheses, whatever they begin with; an alias makes them one table, and hides those within.
-- source: r_FROM_clause30

CREATE TABLE t (a int, b int);
INSERT INTO t VALUES (1, 2), (4, 5);
CREATE TABLE u (a int, c int);
INSERT INTO u VALUES (1, 3);
SELECT * FROM ((SELECT a FROM t) x JOIN u ON x.a = u.a);
--> a:int4 | a:int4 | c:int4
--> 1 | 1 | 3
SELECT * FROM (((SELECT 1 AS a) x CROSS JOIN t) JOIN u ON u.a = t.a);
--> a:int4 | a:int4 | b:int4 | a:int4 | c:int4
--> 1 | 1 | 2 | 1 | 3
SELECT * FROM ((SELECT 1 AS k) x JOIN (SELECT 2 AS l) y ON true), (SELECT 3 AS m) z;
--> k:int4 | l:int4 | m:int4
--> 1 | 2 | 3
SELECT count(*) AS rows, count(c) AS matched FROM ((SELECT a FROM t) x LEFT JOIN (u JOIN t AS t2 ON u.a = t2.a) ON x.a = u.a);
--> rows:int8 | matched:int8
--> 2 | 1
SELECT * FROM ((WITH q AS (SELECT 1 AS z) SELECT z FROM q) w JOIN u ON w.z = u.a);
--> z:int4 | a:int4 | c:int4
--> 1 | 1 | 3
SELECT j.b, j.c FROM (t JOIN u USING (a)) AS j;
--> b:int4 | c:int4
--> 2 | 3
SELECT * FROM (t JOIN u USING (a)) AS j (x, y, z);
--> x:int4 | y:int4 | z:int4
--> 1 | 2 | 3
SELECT j.a FROM (t JOIN u ON t.a = u.a) j;
--> ERROR 42702 at 8: column reference "a" is ambiguous
SELECT t.a FROM (t JOIN u USING (a)) j;
--> ERROR 42P01 at 8: missing FROM-clause entry for table "t"
CREATE VIEW v AS SELECT j.b, j.a FROM (t JOIN u USING (a)) j;
SELECT * FROM ((v JOIN t USING (b)) JOIN u ON u.a = v.a);
--> b:int4 | a:int4 | a:int4 | a:int4 | c:int4
--> 2 | 1 | 1 | 1 | 3
SELECT * FROM ((SELECT 1 AS a) UNION ALL (SELECT 2)) x ORDER BY a;
--> a:int4
--> 1
--> 2
UPDATE t SET b = 6 FROM (u JOIN (SELECT 1 AS k) w ON w.k = u.a) WHERE t.a = u.a;
SELECT b FROM t WHERE a = 1;
--> b:int4
--> 6
