-- AVG of integers is a bigint cut off, SUM widens, both keep a numeric's scale.
-- source: r_AVG

CREATE TABLE a (s smallint, i integer, b bigint, d numeric(8,3), f float8);
INSERT INTO a VALUES (1, 1, 1, 1.001, 1), (2, 2, 2, 2.001, 2), (4, 4, 4, 4.003, 4), (NULL, NULL, NULL, NULL, NULL);
SELECT avg(s) AS s, avg(i) AS i, avg(b) AS b, avg(d) AS d, avg(f) AS f FROM a;
--> s:int8 | i:int8 | b:int8 | d:numeric(38,3) | f:float8
--> 2 | 2 | 2 | 2.335 | 2.3333333333333335
SELECT sum(s) AS s, sum(i) AS i, sum(b) AS b, sum(d) AS d, sum(f) AS f FROM a;
--> s:int8 | i:int8 | b:numeric(38,0) | d:numeric(38,3) | f:float8
--> 7 | 7 | 7 | 7.005 | 7
SELECT count(*), count(i), count(DISTINCT i), min(d), max(i) FROM a;
--> count:int8 | count:int8 | count:int8 | min:numeric(8,3) | max:int4
--> 4 | 3 | 3 | 1.001 | 4
SELECT avg(-i) AS negative, avg(DISTINCT i) AS once, sum(i) AS nothing FROM a WHERE i > 1;
--> negative:int8 | once:int8 | nothing:int8
--> -3 | 3 | 6
SELECT sum(i) AS none, count(i) AS zero, max(i) AS no_max FROM a WHERE i > 100;
--> none:int8 | zero:int8 | no_max:int4
--> NULL | 0 | NULL
SELECT stddev(i)::numeric(8,4) AS sd, stddev_pop(i)::numeric(8,4) AS sdp, variance(i)::numeric(8,4) AS v, var_pop(i)::numeric(8,4) AS vp FROM a;
--> sd:numeric(8,4) | sdp:numeric(8,4) | v:numeric(8,4) | vp:numeric(8,4)
--> 1.5275 | 1.2472 | 2.3333 | 1.5556
SELECT median(i) AS m, median(d) AS md, percentile_cont(0.5) WITHIN GROUP (ORDER BY i) AS pc, percentile_disc(0.5) WITHIN GROUP (ORDER BY i) AS pd FROM a;
--> m:numeric(19,2) | md:numeric(8,3) | pc:numeric(19,2) | pd:int4
--> 2.00 | 2.001 | 2.00 | 2
SELECT bool_and(i > 0) AS every, bool_or(i > 3) AS some, bit_and(i) AS ba, bit_or(i) AS bo FROM a;
--> every:bool | some:bool | ba:int4 | bo:int4
--> t | t | 0 | 7
SELECT approximate count(DISTINCT i) AS about FROM a;
--> about:int8
--> 3
SELECT sum(i) FROM a WHERE sum(i) > 1;
--> ERROR 42803 at 28: aggregate functions are not allowed in WHERE
SELECT s, sum(i) FROM a;
--> ERROR 42803 at 8: column "a.s" must appear in the GROUP BY clause or be used in an aggregate function
SELECT any_value(s) AS some FROM a WHERE s = 2;
--> some:int2
--> 2
