-- HLL and APPROXIMATE COUNT are off by little, whatever the type and the number of values, in groups and in windows.
-- source: r_HLL_function

CREATE TABLE a_table (an_int INT);
INSERT INTO a_table VALUES (1), (2), (3), (4);
SELECT hll(an_int) AS cardinality FROM a_table;
--> cardinality:int8
--> 4
SELECT hll(an_int) AS nothing, approximate count(DISTINCT an_int) AS neither FROM a_table WHERE an_int > 9;
--> nothing:int8 | neither:int8
--> 0 | 0
SELECT n % 2 AS part, hll(NULL::int) AS none, hll(n % 20) AS ten, abs(hll(n) - 100000) < 1800 AS many, abs(approximate count(DISTINCT 'v' || n) - 100000) < 1800 AS texts FROM generate_series(1, 200000) AS n GROUP BY 1 ORDER BY 1;
--> part:… | none:int8 | ten:int8 | many:bool | texts:bool
--> 0 | 0 | 10 | t | t
--> 1 | 0 | 10 | t | t
SELECT an_int, hll(an_int) OVER (PARTITION BY an_int > 2) AS within FROM a_table ORDER BY an_int;
--> an_int:int4 | within:int8
--> 1 | 2
--> 2 | 2
--> 3 | 2
--> 4 | 2
