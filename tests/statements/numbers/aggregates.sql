-- AVG of integers is a bigint cut off, SUM widens, both keep a numeric's scale.
-- source: r_AVG

CREATE TABLE a (s smallint, i integer, b bigint, d numeric(8,3), f float8);
INSERT INTO a VALUES (1, 1, 1, 1.001, 1), (2, 2, 2, 2.001, 2), (4, 4, 4, 4.003, 4), (NULL, NULL, NULL, NULL, NULL);
SELECT avg(s) AS s, avg(i) AS i, avg(b) AS b, avg(d) AS d, avg(f) AS f FROM a;
SELECT sum(s) AS s, sum(i) AS i, sum(b) AS b, sum(d) AS d, sum(f) AS f FROM a;
SELECT count(*), count(i), count(DISTINCT i), min(d), max(i) FROM a;
SELECT avg(-i) AS negative, avg(DISTINCT i) AS once, sum(i) AS nothing FROM a WHERE i > 1;
SELECT sum(i) AS none, count(i) AS zero, max(i) AS no_max FROM a WHERE i > 100;
SELECT stddev(i)::numeric(8,4) AS sd, stddev_pop(i)::numeric(8,4) AS sdp, variance(i)::numeric(8,4) AS v, var_pop(i)::numeric(8,4) AS vp FROM a;
SELECT median(i) AS m, median(d) AS md, percentile_cont(0.5) WITHIN GROUP (ORDER BY i) AS pc, percentile_disc(0.5) WITHIN GROUP (ORDER BY i) AS pd FROM a;
SELECT bool_and(i > 0) AS every, bool_or(i > 3) AS some, bit_and(i) AS ba, bit_or(i) AS bo FROM a;
SELECT approximate count(DISTINCT i) AS about FROM a;
SELECT sum(i) FROM a WHERE sum(i) > 1;
SELECT s, sum(i) FROM a;
SELECT any_value(s) AS some FROM a WHERE s = 2;
