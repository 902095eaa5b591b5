-- The operators of numbers, and DECODE's name.
-- source: r_OPERATOR_SYMBOLS

SELECT 2 ^ 10 AS power, |/ 25 AS root, ||/ 27 AS cube_root, @ -5.5 AS absolute, -5 % 3 AS rest, 5 & 3 AS both_bits, 5 | 2 AS either, ~5 AS turned, 1 << 4 AS left_shift, 16 >> 2 AS right_shift;
--> power:float8 | root:float8 | cube_root:float8 | absolute:numeric(2,1) | rest:int4 | both_bits:int4 | either:int4 | turned:int4 | left_shift:int4 | right_shift:int4
--> 1024 | 5 | 3 | 5.5 | -2 | 1 | 7 | -6 | 16 | 4
SELECT 5 # 3 AS one_of_both;
--> one_of_both:int4
--> 6
SELECT 2 ^ 3 ^ 2 AS from_the_left, 2 * 3 ^ 2 AS before_times, 7 / 2 AS whole, 7 / 2.0 AS exact;
--> from_the_left:float8 | before_times:float8 | whole:int4 | exact:numeric(15,4)
--> 64 | 18 | 3 | 3.5000
SELECT 0x1f;
--> x1f:int4
--> 0
SELECT x'1f';
--> ERROR 42601 at 8: syntax error: this is not Redshift's SQL
-- source: r_DECODE_expression
SELECT decode(2, 1, 'one', 2, 'two', 'many'), decode(NULL, NULL, 'same', 'other') AS nulls;
--> case:varchar | nulls:varchar
--> two | same
SELECT @ -5 AS a, 5 # 3 AS b, 5#3 AS c, (5)#3 AS d;
--> a:int4 | b:int4 | c:int4 | d:int4
--> 5 | 6 | 6 | 6
CREATE TABLE #t (a integer);
INSERT INTO #t VALUES (6);
SELECT a # 3 AS b, #t.a FROM #t;
--> b:int4 | a:int4
--> 5 | 6
