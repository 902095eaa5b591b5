-- Products whose digits are too many for a numeric lose those behind the point that are beyond its scale, rounded, be they small or large.
-- source: r_numeric_computations201

CREATE TABLE m (p numeric(15,2), d numeric(15,2), x numeric(15,2));
INSERT INTO m VALUES (1.11, 0.05, 0.07), (-1.11, 0.05, 0.07), (0, 0, 0), (9999999999999.99, -0.99, 0.99), (-9999999999999.99, -0.99, 0.99),
  (1000000000000.00, 0, 0), (NULL, 0, 0), (1.01, 0.99, -0.95);
SELECT p, p * (1 - d) * (1 + x) FROM m ORDER BY p, d;
--> p:numeric(15,2) | ?column?:numeric(38,4)
--> -9999999999999.99 | -39600999999999.9604
--> -1.11 | -1.1283
--> 0.00 | 0.0000
--> 1.01 | 0.0005
--> 1.11 | 1.1283
--> 1000000000000.00 | 1000000000000.0000
--> 9999999999999.99 | 39600999999999.9604
--> NULL | NULL
SELECT sum(p * (1 - d) * (1 + x)), count(p * (1 - d) * (1 + x)) FROM m;
--> sum:numeric(38,4) | count:int8
--> 1000000000000.0005 | 7
