-- Number functions and their result types.
-- source: Math_functions

SELECT abs(-5) AS a, sign(-2) AS s, mod(-7, 3) AS m, power(2, 10) AS p, sqrt(16) AS r, cbrt(27) AS c, ceil(1.2) AS up, floor(-1.2) AS down, round(2.5) AS half, round(-2.567, 2) AS two, trunc(2.99) AS cut, trunc(-2.567, 2) AS cut_two;
--> a:int4 | s:int4 | m:int4 | p:float8 | r:float8 | c:float8 | up:numeric(3,1) | down:numeric(3,1) | half:numeric(3,1) | two:numeric(5,3) | cut:numeric(4,2) | cut_two:numeric(5,3)
--> 5 | -1 | -1 | 1024 | 4 | 3 | 2.0 | -2.0 | 3.0 | -2.570 | 2.00 | -2.560
SELECT ceil(0.5) AS up, round(99.95, 1) AS carried, floor(-9.5) AS down, sign(-0.5) AS s, avg(sign(-0.25)) AS average;
--> up:numeric(2,1) | carried:numeric(5,2) | down:numeric(3,1) | s:numeric(1,0) | average:numeric(38,0)
--> 1.0 | 100.00 | -10.0 | -1 | -1
SELECT exp(0) AS e, ln(1) AS l, log(100) AS lg, pi() > 3.14 AS pi, degrees(pi()) AS d, greatest(1, 3, 2) AS g, least(1.5, 1) AS le, dexp(0) AS de, dlog10(100) AS dl;
--> e:float8 | l:float8 | lg:float8 | pi:bool | d:float8 | g:int4 | le:numeric(11,1) | de:float8 | dl:float8
--> 1 | 0 | 2 | t | 180 | 3 | 1.0 | 1 | 2
SELECT ln(0);
--> ERROR 2201E: cannot take logarithm of a number that is not positive
SELECT sqrt(-1);
--> ERROR 2201F: cannot take square root of a negative number
SELECT @ -5 AS absolute, |/ 25 AS root, ||/ 27 AS cube_root, 2 ^ 3 AS power;
--> absolute:int4 | root:float8 | cube_root:float8 | power:float8
--> 5 | 5 | 3 | 8
SELECT 5 & 3 AS band, 5 | 3 AS bor, 5 # 3 AS bxor, ~1 AS bnot, 1 << 4 AS shl, 16 >> 2 AS shr;
--> band:int4 | bor:int4 | bxor:int4 | bnot:int4 | shl:int4 | shr:int4
--> 1 | 7 | 6 | -2 | 16 | 4
SELECT round(125.315, 1) AS r, round(1234, -2) AS hundreds, random() < 1 AS random;
--> r:numeric(7,3) | hundreds:int4 | random:bool
--> 125.300 | 1200 | t
