-- Numbers beyond their type's range are errors.
-- source: r_Numeric_types201

SELECT 32767::smallint + 1::smallint;
--> ERROR 22003: numeric value out of range
SELECT 2147483647 + 1;
--> ERROR 22003: numeric value out of range
SELECT 9223372036854775807 + 1;
--> ERROR 22003: numeric value out of range
SELECT 70000::smallint;
--> ERROR 22003: numeric value out of range
SELECT 123456.78::numeric(5,2);
--> ERROR 22003: numeric value out of range
SELECT 99999.995::numeric(7,2);
--> ERROR 22003: numeric value out of range
SELECT 3000000000::integer;
--> ERROR 22003: numeric value out of range
CREATE TABLE n (s smallint, d numeric(4,1));
INSERT INTO n VALUES (40000, 1);
--> ERROR 22003: numeric value out of range
INSERT INTO n VALUES (1, 1000);
--> ERROR 22003: numeric field overflow: 1000 does not fit numeric(4,1)
SELECT count(*) AS kept FROM n;
--> kept:int8
--> 0
-- source: r_numeric_computations201
-- No sum has more than 38 digits; one that has is no row of anything.
CREATE TABLE large (of_group int, amount numeric(38,9));
INSERT INTO large VALUES (1, 60000000000000000000000000000), (1, 39999999999999999999999999999.999999999), (2, -60000000000000000000000000000), (2, -60000000000000000000000000000);
SELECT sum(amount) AS total FROM large WHERE of_group = 1;
--> total:numeric(38,9)
--> 99999999999999999999999999999.999999999
SELECT of_group, sum(amount) AS total FROM large GROUP BY of_group;
--> ERROR 22003: Numeric data overflow (result precision)
SELECT sum(amount) OVER (PARTITION BY of_group) AS total FROM large WHERE of_group = 2;
--> ERROR 22003: Numeric data overflow (result precision)
CREATE TABLE summed AS SELECT sum(amount) AS total FROM large WHERE of_group = 2;
--> ERROR 22003: Numeric data overflow (result precision)
SELECT sum(amount) AS all_of_it FROM large;
--> all_of_it:numeric(38,9)
--> -20000000000000000000000000000.000000001
