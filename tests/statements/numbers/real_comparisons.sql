-- REAL beside another number is compared as a double: the nearest REAL to 0.1 is not 0.1.
-- source: r_Numeric_computations201

CREATE TABLE t (r real, n numeric(5,2), b bigint, d double precision);
INSERT INTO t VALUES (0.1, 0.1, 16777217, 0.1), (0.5, 0.5, 2, 0.5), (NULL, 1, 1, 1);
SELECT n, r = 0.1 AS written, r = n AS number, r = d AS double, n = d AS both, r <> 0.1 AS other FROM t ORDER BY n;
--> n:numeric(5,2) | written:bool | number:bool | double:bool | both:bool | other:bool
--> 0.10 | f | f | f | t | t
--> 0.50 | f | t | t | t | t
--> 1.00 | NULL | NULL | NULL | t | NULL
SELECT count(*) AS rows FROM t WHERE r IN (0.1, 7);
--> rows:int8
--> 0
SELECT n, r IN (SELECT n FROM t) AS listed, n IN (SELECT r FROM t WHERE r IS NOT NULL) AS too FROM t WHERE r IS NOT NULL ORDER BY n;
--> n:numeric(5,2) | listed:bool | too:bool
--> 0.10 | f | f
--> 0.50 | t | t
SELECT CASE r WHEN 0.1 THEN 'found' ELSE 'none' END AS cased, decode(r, 0.1, 'found', 'none') AS decoded, nullif(r, 0.1) AS kept, r BETWEEN 0.1 AND 0.2 AS within FROM t WHERE n = 0.1;
--> cased:varchar | decoded:varchar | kept:float4 | within:bool
--> none | none | 0.1 | t
SELECT x.n FROM t AS x JOIN t AS y ON x.n = y.r ORDER BY 1;
--> n:numeric(5,2)
--> 0.50
SELECT count(*) AS pairs FROM t WHERE (r, b) = (0.1, 16777217);
--> pairs:int8
--> 0
SELECT b = CAST(16777216 AS real) AS whole, r = '0.1' AS read, r = CAST(0.1 AS real) AS same, r > 0.0625 AS statistics FROM t WHERE n = 0.1;
--> whole:bool | read:bool | same:bool | statistics:bool
--> f | t | t | t
