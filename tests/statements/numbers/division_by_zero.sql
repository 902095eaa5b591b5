-- Dividing by zero is an error for every number type, never infinity or NULL.
-- source: r_OPERATOR_SYMBOLS

SELECT 1 / 0;
--> ERROR 22012: Divide by zero
SELECT 5 % 0;
--> ERROR 22012: Divide by zero
SELECT 1.0 / 0;
--> ERROR 22012: Divide by zero
SELECT 1::float8 / 0;
--> ERROR 22012: Divide by zero
SELECT mod(5, 0);
--> ERROR 22012: Divide by zero
SELECT 1.5 % 0.0;
--> ERROR 22012: Divide by zero
CREATE TABLE n (a integer, b integer, d numeric(10,2), f float8);
INSERT INTO n VALUES (1, 0, 0, 0);
SELECT a / b FROM n;
--> ERROR 22012: Divide by zero
SELECT a % b FROM n;
--> ERROR 22012: Divide by zero
SELECT d / d FROM n;
--> ERROR 22012: Divide by zero
SELECT a / f FROM n;
--> ERROR 22012: Divide by zero
SELECT a / NULLIF(b, 0) AS nothing, NULL / a AS null_by, a / NULL::integer AS by_null FROM n;
--> nothing:int4 | null_by:int4 | by_null:int4
--> NULL | NULL | NULL
