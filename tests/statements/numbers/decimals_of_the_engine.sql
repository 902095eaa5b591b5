-- What is computed of decimals has the plan's decimals, whatever the engine keeps: averages, texts, remainders.
-- source: r_AVG; r_ROUND; r_numeric_computations201; r_Character_types

CREATE TABLE k (id integer, n numeric(8,2), s numeric(5,5), w numeric(38,0), r real, d date, b bigint);
INSERT INTO k VALUES (1, 2.74, 0.12345, 1000000000000000000000, 0.1, '2024-02-28', 2), (2, -47.67, -0.5, 7, 16777216, NULL, NULL);
SELECT avg(round(n, 1)) AS average, sum(round(n, 1)) AS total, avg(ceil(n)) AS up FROM k;
--> average:numeric(38,2) | total:numeric(38,2) | up:numeric(38,2)
--> -22.50 | -45.00 | -22.00
SELECT id, avg(round(n, 1)) OVER (PARTITION BY id) AS own, CAST(round(n, 1) AS varchar) AS shown FROM k ORDER BY id;
--> id:int4 | own:numeric(38,2) | shown:varchar
--> 1 | 2.70 | 2.70
--> 2 | -47.70 | -47.70
SELECT CAST(s AS varchar) AS shown, s || 'x' AS joined, CAST(s AS varchar(4)) AS short FROM k ORDER BY id;
--> shown:varchar | joined:varchar | short:varchar(4)
--> 0.12345 | 0.12345x | 0.12
--> -0.50000 | -0.50000x | -0.5
SELECT w % n AS rest FROM k ORDER BY id;
--> rest:numeric(8,2)
--> 0.96
--> 7.00
SELECT round(99.95, 1) > 99 AS carried;
--> carried:bool
--> t
-- A REAL beside another number is a double before anything is computed.
SELECT r + n AS mixed, r * b AS by_integer, d + b AS later FROM k ORDER BY id;
--> mixed:float8 | by_integer:float8 | later:date
--> 2.8400000014901163 | 0.20000000298023224 | 2024-03-01
--> 16777168.33 | NULL | NULL
-- A value that does not fit its column is an error of the value.
SELECT round(99999999999999999999999999999999999999, -1) AS carried;
--> ERROR 22003: numeric field overflow: 100000000000000000000000000000000000000 does not fit numeric(38,0)
-- A literal is an INTEGER, also beside a SMALLINT.
CREATE TABLE small (sm smallint);
INSERT INTO small VALUES (32767);
SELECT sm + 10 AS more, 10 * sm AS times, -10 - sm AS less FROM small;
--> more:int4 | times:int4 | less:int4
--> 32777 | 327670 | -32777
