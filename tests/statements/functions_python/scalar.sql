-- A Python function runs for each row, NULLs included; what it returns is checked against its type.
-- source: r_CREATE_FUNCTION, udf-creating-a-scalar-udf, udf-data-types

CREATE FUNCTION f_py_greater (a float, b float)
  RETURNS float
STABLE
AS $$
  if a > b:
    return a
  return b
$$ LANGUAGE plpythonu;
--> CREATE FUNCTION
SELECT f_py_greater(1.5, 2), f_py_greater(3, 2);
--> f_py_greater:float8 | f_py_greater:float8
--> 2 | 3
CREATE TABLE sales (id integer, price numeric(8,2), sold date, at timestamp, paid boolean, buyer varchar(20));
INSERT INTO sales VALUES (1, 100, '2026-01-31', '2026-01-31 10:20:30.5', true, 'Ada'), (2, 10.50, '1969-12-31', NULL, false, 'Žofie'), (3, NULL, NULL, '1900-01-01', NULL, NULL);
CREATE FUNCTION f_kinds (i integer, n numeric(8,2), d date, t timestamp, b boolean, s varchar) RETURNS varchar(200) IMMUTABLE AS $$
  return ' '.join(type(one).__name__ + '=' + str(one) for one in (i, n, d, t, b, s))
$$ LANGUAGE plpythonu;
SELECT f_kinds(id, price, sold, at, paid, buyer) AS shown FROM sales ORDER BY id;
--> shown:varchar(200)
--> int=1 Decimal=100.00 date=2026-01-31 datetime=2026-01-31 10:20:30.500000 bool=True str=Ada
--> int=2 Decimal=10.50 date=1969-12-31 NoneType=None bool=False str=Žofie
--> int=3 NoneType=None NoneType=None datetime=1900-01-01 00:00:00 NoneType=None NoneType=None
CREATE FUNCTION f_next (d date) RETURNS date IMMUTABLE AS $$
  import datetime
  return d and d + datetime.timedelta(days=1)
$$ LANGUAGE plpythonu;
CREATE FUNCTION f_noon (d date) RETURNS timestamp IMMUTABLE AS $$ from datetime import datetime
 return datetime(d.year, d.month, d.day, 12) $$ LANGUAGE plpythonu;
SELECT f_next(sold), f_noon(coalesce(sold, '2000-02-29')) FROM sales ORDER BY id;
--> f_next:date | f_noon:timestamp
--> 2026-02-01 | 2026-01-31 12:00:00
--> 1970-01-01 | 1969-12-31 12:00:00
--> NULL | 2000-02-29 12:00:00
CREATE FUNCTION f_rest (n numeric(8,2)) RETURNS numeric(10,3) IMMUTABLE AS $$
  return None if n is None else n / 3
$$ LANGUAGE plpythonu;
SELECT sum(f_rest(price)), f_rest(sum(price)), max(f_rest(1)) FROM sales WHERE f_rest(price) > 1;
--> sum:numeric(38,3) | f_rest:numeric(10,3) | max:numeric(10,3)
--> 36.833 | 36.833 | 0.333
SELECT f_next(sold) AS day, count(*) FROM sales GROUP BY f_next(sold) HAVING f_next(sold) IS NOT NULL ORDER BY 1;
--> day:date | count:int8
--> 1970-01-01 | 1
--> 2026-02-01 | 1
UPDATE sales SET price = f_rest(price) WHERE f_py_greater(id, 1) = 1;
--> UPDATE 1
CREATE TABLE copied AS SELECT id, f_rest(price) AS third FROM sales;
SELECT id, third FROM copied ORDER BY id;
--> id:int4 | third:numeric(10,3)
--> 1 | 11.110
--> 2 | 3.500
--> 3 | NULL
CREATE FUNCTION f_answer () RETURNS integer VOLATILE AS $$ return 42 $$ LANGUAGE plpythonu;
SELECT f_answer() + id AS more FROM sales ORDER BY 1;
--> more:int4
--> 43
--> 44
--> 45
CREATE VIEW shown AS SELECT id, f_next(sold) AS day FROM sales;
CREATE MATERIALIZED VIEW kept AS SELECT id, f_answer() AS a FROM sales;
SELECT day, a FROM shown JOIN kept USING (id) ORDER BY id;
--> day:date | a:int4
--> 2026-02-01 | 42
--> 1970-01-01 | 42
--> NULL | 42
DROP FUNCTION f_next(date);
--> ERROR 2BP01: cannot drop function f_next(date) because other objects depend on it
