-- A quotient of numerics has scale max(4, s1 + p2 - s2 + 1) and at most 38 digits.
-- source: r_numeric_computations201

SELECT 10.0 / 3 AS a, 1.00 / 3.0 AS b, 7.50 / 2.5 AS c;
--> a:numeric(14,12) | b:numeric(6,4) | c:numeric(6,4)
--> 3.333333333333 | 0.3333 | 3.0000
CREATE TABLE n (a numeric(10,2), b numeric(8,3), c numeric(30,5), i integer);
INSERT INTO n VALUES (10, 3, 2, 3), (-10, 3, 7, 7), (0.01, 0.003, 12345678901234567890.12345, -2), (NULL, 1, 1, 1);
SELECT a / b AS ab, a / i AS ai, i / a AS ia FROM n WHERE a IS NOT NULL ORDER BY a;
--> ab:numeric(19,8) | ai:numeric(21,13) | ia:numeric(21,9)
--> -3.33333333 | -1.4285714285714 | -0.700000000
--> 3.33333333 | -0.0050000000000 | -200.000000000
--> 3.33333333 | 3.3333333333333 | 0.300000000
SELECT c / i AS ci, c / b AS cb FROM n WHERE a IS NOT NULL ORDER BY a;
--> ci:numeric(38,13) | cb:numeric(38,10)
--> 1.0000000000000 | 2.3333333333
--> -6172839450617283945.0617250000000 | 4115226300411522630041.1500000000
--> 0.6666666666666 | 0.6666666666
