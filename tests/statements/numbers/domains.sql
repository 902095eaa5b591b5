-- Arguments outside of a function's domain, and results outside of a number's range, are errors with their own code.
-- source: r_POWER

SELECT power(2, 10) AS thousand, pow(0, 0) AS one, power(-2, 3) AS odd, power(4, 0.5) AS root, power(NULL, 2) AS nothing;
--> thousand:float8 | one:float8 | odd:float8 | root:float8 | nothing:float8
--> 1024 | 1 | -8 | 2 | NULL
SELECT power(0, -1);
--> ERROR 2201F: zero raised to a negative power is undefined
SELECT power(-1, 0.5);
--> ERROR 2201F: a negative number raised to a non-integer power yields a complex result
SELECT power(1e300, 2);
--> ERROR 22003: value out of range: overflow
-- source: r_EXP
SELECT exp(0) AS one, dexp(1) AS e, exp(-1000) AS vanishes;
--> one:float8 | e:float8 | vanishes:float8
--> 1 | 2.718281828459045 | 0
SELECT exp(1000);
--> ERROR 22003: value out of range: overflow
SELECT exp(x) FROM (SELECT 1000 AS x) AS t;
--> ERROR 22003: value out of range: overflow
-- source: r_LN
SELECT ln(0);
--> ERROR 2201E: cannot take logarithm of a number that is not positive
SELECT dlog1(-1);
--> ERROR 2201E: cannot take logarithm of a number that is not positive
-- source: r_LOG
SELECT log(100) AS two, dlog10(1000) AS three;
--> two:float8 | three:float8
--> 2 | 3
SELECT log(-5);
--> ERROR 2201E: cannot take logarithm of a number that is not positive
-- source: r_SQRT
SELECT sqrt(16) AS four, dsqrt(2) AS root, sqrt(0) AS nothing_at_all;
--> four:float8 | root:float8 | nothing_at_all:float8
--> 4 | 1.4142135623730951 | 0
SELECT sqrt(-1);
--> ERROR 2201F: cannot take square root of a negative number
-- source: r_ACOS
SELECT acos(-1) AS pi, asin(1) AS half;
--> pi:float8 | half:float8
--> 3.141592653589793 | 1.5707963267948966
SELECT acos(2);
--> ERROR 22003: input is out of range
-- source: r_COT
SELECT round(cot(1), 6) AS cotangent;
--> cotangent:float8
--> 0.642093
SELECT cot(0);
--> ERROR 22003: value out of range: overflow
-- source: r_DEGREES
SELECT degrees(pi()) AS half_turn, radians(180) = pi() AS back;
--> half_turn:float8 | back:bool
--> 180 | t
SELECT degrees(1e308);
--> ERROR 22003: value out of range: overflow
-- source: r_CHR
SELECT chr(65) AS letter, chr(8364) AS euro, chr(NULL) AS nothing;
--> letter:varchar | euro:varchar | nothing:varchar
--> A | € | NULL
SELECT chr(-5);
--> ERROR 54000: requested character not valid for encoding
SELECT chr(0);
--> ERROR 54000: null character not permitted
SELECT chr(1114112);
--> ERROR 54000: requested character not valid for encoding
-- source: r_FROM_HEX
SELECT from_hex('zz');
--> ERROR 22023: the text is not a hexadecimal number
SELECT from_hex('abc');
--> ERROR 22023: the text is not a hexadecimal number
-- source: r_WF_NTILE
SELECT ntile(0) OVER (ORDER BY 1);
--> ERROR 22023: argument of ntile must be greater than zero
-- source: r_REPEAT
SELECT repeat('ab', 3) AS thrice, repeat('ab', 0) AS never, repeat('ab', -1) AS less, len(repeat('x', 65535)) AS longest;
--> thrice:varchar | never:varchar | less:varchar | longest:int4
--> ababab | '' | '' | 65535
SELECT repeat('ab', 32768);
--> ERROR 22001: the result is longer than 65535 bytes
SELECT replicate('x', 9223372036854775807);
--> ERROR 22001: the result is longer than 65535 bytes
-- source: r_LPAD
SELECT lpad('x', 70000);
--> ERROR 22001: the result is longer than 65535 bytes
-- source: r_PERCENTILE_CONT
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY x) FROM (SELECT 1 AS x) AS t;
--> ERROR 22023: a percentile is between 0 and 1
-- source: r_MEDIAN
SELECT median('a'::varchar);
--> ERROR 42883 at 8: function median(character varying) does not exist
-- source: r_SUM
SELECT sum('a'::varchar);
--> ERROR 42883 at 8: function sum(character varying) does not exist
-- source: r_COUNT
SELECT count(1, 2);
--> ERROR 42883 at 8: function count(integer, integer) does not exist
-- source: r_ABS
SELECT abs(true);
--> ERROR 42883 at 8: function abs(boolean) does not exist
-- source: r_ROUND
SELECT round(date '2020-01-01');
--> ERROR 42883 at 8: function round(date) does not exist
-- source: r_ADD_MONTHS
SELECT add_months(5, 1);
--> ERROR 42883 at 8: function add_months(integer, integer) does not exist
