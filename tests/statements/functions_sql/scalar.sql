-- A scalar SQL function is its expression with the arguments in the places of $1, $2, …; typed, nested, overloaded.
-- source: udf-creating-a-scalar-sql-udf

CREATE FUNCTION f_greater (float, float) RETURNS float STABLE AS $$
  select case when $1 > $2 then $1 else $2 end
$$ LANGUAGE sql;
--> CREATE FUNCTION
SELECT f_greater(1.5, 2), f_greater(3, 2), f_greater(NULL, 1);
--> f_greater:float8 | f_greater:float8 | f_greater:float8
--> 2 | 3 | 1
CREATE FUNCTION f_commission (numeric(8,2), numeric(8,2)) RETURNS numeric(8,2) IMMUTABLE AS $$
  select f_greater($1, $2) * 0.20
$$ LANGUAGE sql;
CREATE TABLE sales (id integer, price numeric(8,2), paid numeric(8,2));
INSERT INTO sales VALUES (1, 100, 50), (2, 10.50, 20), (3, NULL, 1);
SELECT id, f_commission(price, paid) AS commission FROM sales WHERE f_commission(price, paid) > 1 ORDER BY f_commission(price, paid);
--> id:int4 | commission:numeric(8,2)
--> 2 | 4.00
--> 1 | 20.00
SELECT sum(f_commission(price, paid)) AS total, f_commission(sum(price), max(paid)) FROM sales;
--> total:numeric(38,2) | f_commission:numeric(8,2)
--> 24.20 | 22.10
CREATE FUNCTION f_name (integer) RETURNS varchar(10) IMMUTABLE AS $$ select 'int ' || $1 $$ LANGUAGE sql;
CREATE FUNCTION f_name (varchar) RETURNS varchar(10) IMMUTABLE AS $$ select 'text ' || $1 $$ LANGUAGE sql;
SELECT f_name(5), f_name('a'), f_name('b'::varchar(3));
--> f_name:varchar(10) | f_name:varchar(10) | f_name:varchar(10)
--> int 5 | text a | text b
SELECT f_name(true);
--> ERROR 42883 at 8: function f_name(boolean) does not exist
CREATE FUNCTION f_name (integer) RETURNS varchar(10) IMMUTABLE AS $$ select 'x' $$ LANGUAGE sql;
--> ERROR 42723: function "f_name" already exists with same argument types
CREATE OR REPLACE FUNCTION f_name (integer) RETURNS varchar(10) IMMUTABLE AS $$ select 'number ' || $1 $$ LANGUAGE sql;
SELECT f_name(5);
--> f_name:varchar(10)
--> number 5
CREATE VIEW named AS SELECT f_name(id) AS n FROM sales;
SELECT n FROM named ORDER BY n;
--> n:varchar(10)
--> number 1
--> number 2
--> number 3
BEGIN;
CREATE FUNCTION f_gone (integer) RETURNS integer IMMUTABLE AS $$ select $1 + 1 $$ LANGUAGE sql;
SELECT f_gone(1);
--> f_gone:int4
--> 2
ROLLBACK;
SELECT f_gone(1);
--> ERROR 42883…
DROP VIEW named;
DROP FUNCTION f_name(integer);
--> DROP FUNCTION
SELECT f_name(5);
--> ERROR 42883 at 8: function f_name(integer) does not exist
DROP FUNCTION f_name(integer);
--> ERROR 42883: function f_name(integer) does not exist
