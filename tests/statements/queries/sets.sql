-- UNION, INTERSECT, EXCEPT and MINUS; columns are matched by place and named by the first.
-- source: r_UNION

SELECT 1 AS a UNION SELECT 1 UNION SELECT 2 ORDER BY a;
--> a:int4
--> 1
--> 2
SELECT 1 AS a UNION ALL SELECT 1;
--> a:int4
--> 1
--> 1
SELECT 1 AS a INTERSECT SELECT 1;
--> a:int4
--> 1
SELECT 1 AS a EXCEPT SELECT 1;
--> a:int4
SELECT 2 AS a MINUS SELECT 1;
--> a:int4
--> 2
SELECT 1 AS a UNION SELECT 2.5 ORDER BY 1;
--> a:numeric(11,1)
--> 1.0
--> 2.5
SELECT 'a' AS t UNION ALL SELECT NULL ORDER BY t;
--> t:varchar
--> a
--> NULL
(SELECT 1 AS a UNION ALL SELECT 2) MINUS SELECT 1;
--> a:int4
--> 2
SELECT 1 UNION SELECT 1, 2;
--> ERROR 42601 at 23: each UNION query must have the same number of columns
SELECT 1 AS a UNION SELECT 'x';
--> ERROR 22P02: Invalid digit, Value 'x', Pos 0, Type: Integer
SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2 ORDER BY 1;
--> ?column?:int4
--> 1
--> 2
SELECT 1 AS a UNION SELECT '1';
--> a:int4
--> 1
SELECT '2008-01-01'::date AS d UNION ALL SELECT '2009-01-01' ORDER BY 1;
--> d:date
--> 2008-01-01
--> 2009-01-01
SELECT CASE WHEN true THEN '7' ELSE 1 END AS c, COALESCE(NULL, '3', 1) AS k, NVL('x', 'y') AS n;
--> c:int4 | k:int4 | n:varchar
--> 7 | 3 | x
