-- Sums, products and remainders of numerics carry the documented precision and scale.
-- source: r_numeric_computations201

CREATE TABLE n (a numeric(10,2), b numeric(8,3));
INSERT INTO n VALUES (12345678.91, 12345.678), (-0.05, 0.005);
SELECT a + b AS plus, a - b AS minus, a * b AS times, a % b AS rest FROM n ORDER BY a;
--> plus:numeric(12,3) | minus:numeric(12,3) | times:numeric(19,5) | rest:numeric(8,3)
--> -0.045 | -0.055 | -0.00025 | 0.000
--> 12358024.588 | 12333333.232 | 152415776514.25098 | 0.910
SELECT a + 1 AS plus_int, a * 2 AS times_int, a + 1.5::float8 AS plus_float FROM n ORDER BY a;
--> plus_int:numeric(13,2) | times_int:numeric(21,2) | plus_float:float8
--> 0.95 | -0.10 | 1.45
--> 12345679.91 | 24691357.82 | 12345680.41
SELECT -a AS negative, abs(a) AS positive, round(a, 1) AS rounded, trunc(a, 1) AS cut, ceil(a) AS up, floor(a) AS down FROM n ORDER BY a;
--> negative:numeric(10,2) | positive:numeric(10,2) | rounded:numeric(10,2) | cut:numeric(10,2) | up:numeric(10,2) | down:numeric(10,2)
--> 0.05 | 0.05 | -0.10 | 0.00 | 0.00 | -1.00
--> -12345678.91 | 12345678.91 | 12345678.90 | 12345678.90 | 12345679.00 | 12345678.00
