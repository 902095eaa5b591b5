-- Integers divide to integers, cut towards zero.
-- source: r_OPERATOR_SYMBOLS

SELECT 5 / 2 AS a, -7 / 2 AS b, 7 / -2 AS c, 0 / 5 AS d;
--> a:int4 | b:int4 | c:int4 | d:int4
--> 2 | -3 | -3 | 0
CREATE TABLE n (a smallint, b integer, c bigint);
INSERT INTO n VALUES (7, -7, 9000000000), (NULL, 3, 2);
SELECT a / 2 AS a, b / 2 AS b, c / 2 AS c, a / b AS ab, b / a AS ba FROM n ORDER BY c DESC;
--> a:int4 | b:int4 | c:int8 | ab:int4 | ba:int4
--> 3 | -3 | 4500000000 | -1 | -1
--> NULL | 1 | 1 | NULL | NULL
SELECT a / c FROM n WHERE a IS NOT NULL;
--> ?column?:int8
--> 0
