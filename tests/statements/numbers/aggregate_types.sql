-- What aggregates return for each type of their argument, and for no rows.
-- source: r_SUM

SELECT sum(1::smallint) AS of_smallint, sum(1) AS of_integer, sum(1::bigint) AS of_bigint, sum(1.5) AS of_numeric, sum(1.5::real) AS of_real, sum(1.5::float8) AS of_double;
--> of_smallint:int8 | of_integer:int8 | of_bigint:numeric(38,0) | of_numeric:numeric(38,1) | of_real:float8 | of_double:float8
--> 1 | 1 | 1 | 1.5 | 1.5 | 1.5
SELECT sum(x) AS wide FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 9223372036854775807) AS t;
--> wide:numeric(38,0)
--> 18446744073709551614
-- source: r_AVG
SELECT avg(1::smallint) AS of_smallint, avg(2::bigint) AS of_bigint, avg(1.55) AS of_numeric, avg(1.5::real) AS of_real;
--> of_smallint:int8 | of_bigint:int8 | of_numeric:numeric(38,2) | of_real:float8
--> 1 | 2 | 1.55 | 1.5
SELECT avg(x) AS cut_off FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t;
--> cut_off:int8
--> 1
-- source: r_MEDIAN
SELECT median(x) AS of_integers, median(x::float8) AS of_doubles FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t;
--> of_integers:numeric(19,2) | of_doubles:float8
--> 1.50 | 1.5
SELECT median(d) AS of_dates FROM (SELECT date '2020-01-01' AS d UNION ALL SELECT date '2020-01-03') AS t;
--> of_dates:date
--> 2020-01-02
-- source: r_STDDEV_functions
SELECT stddev(x) AS samp, stddev_pop(x) AS pop, variance(x) AS var, var_pop(x) AS var_pop FROM (SELECT 1 AS x UNION ALL SELECT 3) AS t;
--> samp:float8 | pop:float8 | var:float8 | var_pop:float8
--> 1.4142135623730951 | 1 | 2 | 1
SELECT stddev(x) AS of_one FROM (SELECT 1 AS x) AS t;
--> of_one:float8
--> NULL
-- source: r_BIT_AND
SELECT bit_and(x) AS all_bits, bit_or(x) AS any_bit FROM (SELECT 12 AS x UNION ALL SELECT 10 UNION ALL SELECT NULL) AS t;
--> all_bits:int4 | any_bit:int4
--> 8 | 14
-- source: r_BOOL_AND
SELECT bool_and(x > 1) AS all_of_them, bool_or(x > 1) AS any_of_them FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t;
--> all_of_them:bool | any_of_them:bool
--> f | t
-- source: r_COUNT
SELECT count(*) AS rows, count(x) AS values, count(DISTINCT x) AS distinct_values, approximate count(DISTINCT x) AS about FROM (SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT NULL) AS t;
--> rows:int8 | values:int8 | distinct_values:int8 | about:int8
--> 3 | 2 | 1 | 1
-- source: r_MAX
SELECT max(x) AS none, sum(x) AS no_sum, count(x) AS zero, avg(x) AS no_avg, listagg(x) AS no_list, bool_and(x > 0) AS no_bool FROM (SELECT 1 AS x) AS t WHERE x > 1;
--> none:int4 | no_sum:int8 | zero:int8 | no_avg:int8 | no_list:varchar | no_bool:bool
--> NULL | NULL | 0 | NULL | NULL | NULL
-- source: r_ANY_VALUE
SELECT any_value(x) AS one_of_them FROM (SELECT 7 AS x UNION ALL SELECT 7) AS t;
--> one_of_them:int4
--> 7
-- source: r_APPROXIMATE_PERCENTILE_DISC
SELECT approximate percentile_disc(0.5) WITHIN GROUP (ORDER BY x) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3) AS t;
--> percentile_disc:int4
--> 2
