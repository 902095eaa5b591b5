-- EXECUTE runs a text, with values for its parameters.
-- source: c_PLpgSQL-statements

CREATE TABLE t (n integer);
INSERT INTO t VALUES (10), (11), (13), (14);
CREATE PROCEDURE dyn() AS $$
DECLARE a int; b varchar(5);
BEGIN
  EXECUTE 'SELECT n, $2 FROM t WHERE n > $1 ORDER BY n LIMIT 1' INTO a, b USING 10, 'abc';
  RAISE INFO '% %', a, b;
  EXECUTE 'INSERT INTO t VALUES ($1)' USING a + 1000;
  EXECUTE NULL;
END $$ LANGUAGE plpgsql;
CALL dyn();
--> INFO: 11 abc
--> ERROR 22004: cannot EXECUTE a null querystring
SELECT max(n) FROM t;
--> max:int4
--> 14
