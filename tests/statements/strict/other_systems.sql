-- What other systems read and Redshift does not is an error, also where a general SQL reader would take it.
-- source: r_SELECT_synopsis, r_FROM_clause30, r_Window_function_synopsis, r_UNION, r_WITH_clause
CREATE TABLE t (a INTEGER, b VARCHAR(10));
INSERT INTO t VALUES (1, 'x');
SELECT t.a FROM t JOIN t u;
--> ERROR 42601 at 24: syntax error: JOIN without ON or USING
SELECT t.a FROM t LEFT JOIN t u;
--> ERROR 42601 at 29: syntax error: JOIN without ON or USING
SELECT t.a FROM t POSITIONAL JOIN t u;
--> ERROR 42601 at 35: syntax error: JOIN without ON or USING
SELECT t.a FROM t, t u CROSS JOIN t w WHERE t.a = u.a;
--> a:int4
--> 1
SELECT t.a FROM t JOIN t u JOIN t w ON u.a = w.a ON t.a = u.a;
--> a:int4
--> 1
SELECT b GLOB 'x' FROM t;
--> ERROR 42601 at 10: syntax error at or near "GLOB"
SELECT b REGEXP 'x' FROM t;
--> ERROR 42601 at 10: syntax error at or near "REGEXP"
SELECT b RLIKE 'x' FROM t;
--> ERROR 42601 at 10: syntax error at or near "RLIKE"
SELECT a == 1 FROM t;
--> ERROR 42601 at 10: syntax error at or near "="
SELECT a FROM t LIMIT 1, 2;
--> ERROR 42601 at 24: syntax error at or near ","
SELECT a FROM t SORT BY a;
--> ERROR 42601: syntax error at or near "SORT BY"
SELECT a FROM t CLUSTER BY a;
--> ERROR 42601: syntax error at or near "CLUSTER BY"
SELECT a FROM t DISTRIBUTE BY a;
--> ERROR 42601: syntax error at or near "DISTRIBUTE BY"
SELECT * EXCEPT (a) FROM t;
--> ERROR 42601 at 10: syntax error at or near "EXCEPT"
SELECT * EXCLUDE (a) FROM t;
--> b:varchar(10)
--> x
SELECT * ILIKE 'a%' FROM t;
--> ERROR 42601: syntax error at or near "ILIKE"
SELECT IF(a = 1, 2, 3) FROM t;
--> ERROR 42883 at 11: function if does not exist
SELECT IIF(a = 1, 2, 3) FROM t;
--> ERROR 42883 at 8: function iif does not exist
SELECT SAFE_CAST(b AS INTEGER) FROM t;
--> ERROR 42883 at 8: function safe_cast does not exist
SELECT TRY_CAST(b AS INTEGER) FROM t;
--> b:int4
--> NULL
SELECT CAST(a AS TINYINT) FROM t;
--> ERROR 42704: type "tinyint" does not exist
SELECT a::int1 FROM t;
--> ERROR 42704: type "tinyint" does not exist
SELECT a, lag(a) OVER w FROM t WINDOW w AS (ORDER BY a);
--> ERROR 0A000: the WINDOW clause is not supported
SELECT sum(a) OVER (ORDER BY a) FROM t;
--> ERROR 42601 at 8: Aggregate window functions with an ORDER BY clause require a frame clause
SELECT first_value(a IGNORE NULLS) OVER (PARTITION BY b ORDER BY a) FROM t;
--> ERROR 42601 at 8: Aggregate window functions with an ORDER BY clause require a frame clause
SELECT sum(a) OVER (PARTITION BY b), sum(a) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING), rank() OVER (ORDER BY a),
lead(a) OVER (ORDER BY a), listagg(b, ',') WITHIN GROUP (ORDER BY a) OVER (PARTITION BY a) FROM t;
--> sum:int8 | sum:int8 | rank:int8 | lead:int4 | listagg:varchar
--> 1 | 1 | 1 | NULL | x
SELECT sum(a) OVER (ORDER BY a GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t;
--> ERROR 0A000: GROUPS and EXCLUDE in a window's frame are not supported
SELECT sum(a) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t;
--> ERROR 0A000: RANGE with an offset is not supported
SELECT sum(a) OVER (ORDER BY a RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t;
--> sum:int8
--> 1
SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES) FROM t;
--> ERROR 0A000: GROUPS and EXCLUDE in a window's frame are not supported
SELECT a FROM t EXCEPT ALL SELECT 1;
--> ERROR 0A000: EXCEPT ALL is not supported
SELECT a FROM t INTERSECT ALL SELECT 1;
--> ERROR 0A000: INTERSECT ALL is not supported
SELECT a FROM t INTERSECT SELECT 1;
--> a:int4
--> 1
WITH RECURSIVE x(n) AS (SELECT a FROM t UNION SELECT n + 1 FROM x WHERE n < 3) SELECT n FROM x;
--> ERROR 0A000 at 16: a recursive query takes UNION ALL, not UNION
WITH RECURSIVE x(n) AS (SELECT a FROM t UNION ALL SELECT n + 1 FROM x WHERE n < 3) SELECT n FROM x ORDER BY n;
--> n:int4
--> 1
--> 2
--> 3
