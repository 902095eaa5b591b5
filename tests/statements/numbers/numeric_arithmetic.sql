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
--> negative:numeric(10,2) | positive:numeric(10,2) | rounded:numeric(11,2) | cut:numeric(11,2) | up:numeric(11,2) | down:numeric(11,2)
--> 0.05 | 0.05 | -0.10 | 0.00 | 0.00 | -1.00
--> -12345678.91 | 12345678.91 | 12345678.90 | 12345678.90 | 12345679.00 | 12345678.00
CREATE TABLE w (d numeric(18,6), e numeric(18,2), i integer);
INSERT INTO w VALUES (999999999999.999999, 9999999999999999.99, 2000000000);
SELECT d * e AS product, e * i AS by_integer, e + e AS twice, d - e AS difference FROM w;
--> product:numeric(37,8) | by_integer:numeric(29,2) | twice:numeric(19,2) | difference:numeric(23,6)
--> 9999999999999999980000000000.00000001 | 19999999999999999980000000.00 | 19999999999999999.98 | -9998999999999999.990001
SELECT d / 0.01 AS hundredfold, d / i AS ratio, e / 7 AS seventh, e / d AS eighth FROM w;
--> hundredfold:numeric(21,7) | ratio:numeric(29,17) | seventh:numeric(29,13) | eighth:numeric(37,15)
--> 99999999999999.9999000 | 499.99999999999999950 | 1428571428571428.5700000000000 | 10000.000000000000000
