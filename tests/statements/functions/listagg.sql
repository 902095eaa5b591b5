-- LISTAGG joins without a separator unless one is given, in the order asked for, with or without repeats.
-- source: r_LISTAGG

CREATE TABLE l (g integer, x varchar(5));
INSERT INTO l VALUES (1, 'b'), (1, 'a'), (1, 'a'), (2, NULL), (2, 'z');
SELECT g, LISTAGG(x) WITHIN GROUP (ORDER BY x) AS plain FROM l GROUP BY g ORDER BY g;
--> g:int4 | plain:varchar
--> 1 | aab
--> 2 | z
SELECT g, LISTAGG(DISTINCT x, '|') WITHIN GROUP (ORDER BY x) AS once FROM l GROUP BY g ORDER BY g;
--> g:int4 | once:varchar
--> 1 | a|b
--> 2 | z
SELECT LISTAGG(x, ', ') WITHIN GROUP (ORDER BY x DESC) AS down FROM l WHERE g = 1;
--> down:varchar
--> b, a, a
SELECT LISTAGG(x, ',') AS none FROM l WHERE g = 9;
--> none:varchar
--> NULL
SELECT g, x, LISTAGG(x, '-') WITHIN GROUP (ORDER BY x) OVER (PARTITION BY g) AS per_group FROM l ORDER BY g, x;
--> g:int4 | x:varchar(5) | per_group:varchar
--> 1 | a | a-a-b
--> 1 | a | a-a-b
--> 1 | b | a-a-b
--> 2 | z | z
--> 2 | NULL | z
SELECT LISTAGG(DISTINCT n, ',') WITHIN GROUP (ORDER BY n DESC) AS numbers, LISTAGG(DISTINCT n) AS any_order FROM (SELECT 10 AS n UNION ALL SELECT 9 UNION ALL SELECT 10 UNION ALL SELECT NULL) WHERE n > 9 OR n = 9;
--> numbers:varchar | any_order:varchar
--> 10,9 | …
SELECT LISTAGG(DISTINCT x, ',') WITHIN GROUP (ORDER BY g) FROM l;
--> ERROR 42P10 at 56: in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list
