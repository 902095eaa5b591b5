-- QUALIFY filters by window functions after HAVING.
-- source: r_QUALIFY_clause

CREATE TABLE s (region varchar(5), amount integer);
INSERT INTO s VALUES ('n', 10), ('n', 20), ('s', 5), ('s', 7);
SELECT region, amount FROM s QUALIFY row_number() OVER (PARTITION BY region ORDER BY amount DESC) = 1 ORDER BY region;
--> region:varchar(5) | amount:int4
--> n | 20
--> s | 7
SELECT region, sum(amount) AS total FROM s GROUP BY region QUALIFY rank() OVER (ORDER BY sum(amount) DESC) = 1;
--> region:varchar(5) | total:int8
--> n | 30
SELECT region, amount, rank() OVER (ORDER BY amount) AS r FROM s QUALIFY r <= 2 ORDER BY r;
--> region:varchar(5) | amount:int4 | r:int8
--> s | 5 | 1
--> s | 7 | 2
