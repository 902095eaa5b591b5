-- Window functions and their frames.
-- source: c_Window_functions

CREATE TABLE t (g varchar(3), v integer);
INSERT INTO t VALUES ('a', 1), ('a', 2), ('a', 2), ('b', 5), ('b', NULL);
SELECT g, v, row_number() OVER (PARTITION BY g ORDER BY v) AS rn, rank() OVER (PARTITION BY g ORDER BY v) AS rk, dense_rank() OVER (PARTITION BY g ORDER BY v) AS dr, ntile(2) OVER (ORDER BY g, v) AS nt FROM t ORDER BY g, v, rn;
--> g:varchar(3) | v:int4 | rn:int8 | rk:int8 | dr:int8 | nt:int8
--> a | 1 | 1 | 1 | 1 | 1
--> a | 2 | 2 | 2 | 2 | 1
--> a | 2 | 3 | 2 | 2 | 1
--> b | 5 | 1 | 1 | 1 | 2
--> b | NULL | 2 | 2 | 2 | 2
SELECT g, v, sum(v) OVER (PARTITION BY g ORDER BY v ROWS UNBOUNDED PRECEDING) AS running, avg(v) OVER (PARTITION BY g) AS mean, count(*) OVER () AS n FROM t ORDER BY g, v, running;
--> g:varchar(3) | v:int4 | running:int8 | mean:int8 | n:int8
--> a | 1 | 1 | 1 | 5
--> a | 2 | 3 | 1 | 5
--> a | 2 | 5 | 1 | 5
--> b | 5 | 5 | 5 | 5
--> b | NULL | 5 | 5 | 5
SELECT v, lag(v) OVER (ORDER BY v) AS before, lead(v, 2) OVER (ORDER BY v) AS after_two, first_value(v) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS f, last_value(v IGNORE NULLS) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l FROM t WHERE g = 'a' OR v = 5 ORDER BY v, before;
--> v:int4 | before:int4 | after_two:int4 | f:int4 | l:int4
--> 1 | NULL | 2 | 1 | 5
--> 2 | 1 | 5 | 1 | 5
--> 2 | 2 | NULL | 1 | 5
--> 5 | 2 | NULL | 1 | 5
SELECT v, sum(v) OVER (ORDER BY v ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around, nth_value(v, 2) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM t WHERE v IS NOT NULL ORDER BY v, around;
--> v:int4 | around:int8 | second:int4
--> 1 | 3 | 2
--> 2 | 5 | 2
--> 2 | 9 | 2
--> 5 | 7 | 2
SELECT v, percent_rank() OVER (ORDER BY v) AS pr, cume_dist() OVER (ORDER BY v) AS cd, ratio_to_report(v) OVER () AS rr FROM t WHERE g = 'a' ORDER BY v;
--> v:int4 | pr:float8 | cd:float8 | rr:float8
--> 1 | 0 | 0.3333333333333333 | 0.2
--> 2 | 0.5 | 1 | 0.4
--> 2 | 0.5 | 1 | 0.4
SELECT g, median(v) OVER (PARTITION BY g) AS m FROM t ORDER BY g, v;
--> g:varchar(3) | m:numeric(19,2)
--> a | 2.00
--> a | 2.00
--> a | 2.00
--> b | 5.00
--> b | 5.00
SELECT v FROM t WHERE row_number() OVER (ORDER BY v) = 1;
--> ERROR 42P20 at 23: window functions are not allowed in WHERE
SELECT row_number() AS n FROM t;
--> ERROR 42883: function row_number does not exist
SELECT g, max(sum(v)) OVER () AS top FROM t GROUP BY g ORDER BY g;
--> g:varchar(3) | top:int8
--> a | 5
--> b | 5
