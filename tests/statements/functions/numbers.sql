-- Number functions and their result types.
-- source: Math_functions

SELECT abs(-5) AS a, sign(-2) AS s, mod(-7, 3) AS m, power(2, 10) AS p, sqrt(16) AS r, cbrt(27) AS c, ceil(1.2) AS up, floor(-1.2) AS down, round(2.5) AS half, round(-2.567, 2) AS two, trunc(2.99) AS cut, trunc(-2.567, 2) AS cut_two;
SELECT exp(0) AS e, ln(1) AS l, log(100) AS lg, pi() > 3.14 AS pi, degrees(pi()) AS d, greatest(1, 3, 2) AS g, least(1.5, 1) AS le, dexp(0) AS de, dlog10(100) AS dl;
SELECT ln(0);
SELECT sqrt(-1);
SELECT @ -5 AS absolute, |/ 25 AS root, ||/ 27 AS cube_root, 2 ^ 3 AS power;
SELECT 5 & 3 AS band, 5 | 3 AS bor, 5 # 3 AS bxor, ~1 AS bnot, 1 << 4 AS shl, 16 >> 2 AS shr;
SELECT round(125.315, 1) AS r, round(1234, -2) AS hundreds, random() < 1 AS random;
