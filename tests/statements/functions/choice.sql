-- CASE, COALESCE, NVL, NVL2, DECODE, NULLIF, GREATEST and LEAST.
-- source: c_conditional_expressions

SELECT CASE WHEN 1 = 2 THEN 'a' WHEN NULL THEN 'b' ELSE 'c' END AS searched, CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS simple, CASE 3 WHEN 1 THEN 1 END AS none;
SELECT COALESCE(NULL, NULL, 3) AS c, NVL(NULL, 'x') AS n, NVL2('a', 1, 2) AS n2, NVL2(NULL, 1, 2) AS n3, NULLIF(1, 1) AS nothing, NULLIF(1, 2) AS one, ISNULL(NULL, 7) AS i;
SELECT DECODE(NULL, NULL, 'null', 'other') AS null_matches, DECODE(2, 1, 'a', 2, 'b') AS b, DECODE(9, 1, 'a', 'default') AS d, DECODE(9, 1, 'a') AS nothing;
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS widened, COALESCE(1, 2.50) AS also, CASE WHEN 0 = 0 THEN 1 ELSE 1 / 0 END AS lazy;
SELECT GREATEST(1, NULL, 3) AS g, LEAST('b', NULL, 'a') AS l, GREATEST('2008-01-01'::date, '2009-01-01'::date) AS d;
SELECT CASE WHEN 1 THEN 2 END;
