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
