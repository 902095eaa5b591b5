-- CASE, COALESCE, NVL, NVL2, DECODE, NULLIF, GREATEST and LEAST.
-- source: c_conditional_expressions

SELECT CASE WHEN 1 = 2 THEN 'a' WHEN NULL THEN 'b' ELSE 'c' END AS searched, CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS simple, CASE 3 WHEN 1 THEN 1 END AS none;
--> searched:varchar | simple:varchar | none:int4
--> c | two | NULL
SELECT COALESCE(NULL, NULL, 3) AS c, NVL(NULL, 'x') AS n, NVL2('a', 1, 2) AS n2, NVL2(NULL, 1, 2) AS n3, NULLIF(1, 1) AS nothing, NULLIF(1, 2) AS one, ISNULL(NULL, 7) AS i;
--> c:int4 | n:varchar | n2:int4 | n3:int4 | nothing:int4 | one:int4 | i:int4
--> 3 | x | 1 | 2 | NULL | 1 | 7
SELECT DECODE(NULL, NULL, 'null', 'other') AS null_matches, DECODE(2, 1, 'a', 2, 'b') AS b, DECODE(9, 1, 'a', 'default') AS d, DECODE(9, 1, 'a') AS nothing;
--> null_matches:varchar | b:varchar | d:varchar | nothing:varchar
--> null | b | default | NULL
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS widened, COALESCE(1, 2.50) AS also, CASE WHEN 0 = 0 THEN 1 ELSE 1 / 0 END AS lazy;
--> widened:numeric(11,1) | also:numeric(12,2) | lazy:int4
--> 1.0 | 1.00 | 1
SELECT GREATEST(1, NULL, 3) AS g, LEAST('b', NULL, 'a') AS l, GREATEST('2008-01-01'::date, '2009-01-01'::date) AS d;
--> g:int4 | l:varchar | d:date
--> 3 | a | 2009-01-01
SELECT CASE WHEN 1 THEN 2 END;
--> ERROR 42804 at 18: argument of CASE/WHEN must be type boolean, not type integer
