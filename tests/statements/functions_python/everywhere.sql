-- Python functions stand wherever an expression may: procedures, cursors, prepared statements, MERGE, UNLOAD, external tables.
-- source: r_CREATE_FUNCTION, udf-creating-a-scalar-udf

CREATE TABLE stock (id integer, name varchar(20));
INSERT INTO stock VALUES (1, 'rope'), (2, 'oar'), (3, NULL);
CREATE FUNCTION f_long (name varchar) RETURNS integer IMMUTABLE AS $$ return len(name or '') $$ LANGUAGE plpythonu;
CREATE FUNCTION f_loud (name varchar) RETURNS varchar(20) STABLE AS $$ return name and name.upper() $$ LANGUAGE plpythonu;
CREATE FUNCTION f_count () RETURNS bigint VOLATILE AS $$
  import random
  random.calls = getattr(random, 'calls', 0) + 1
  return random.calls
$$ LANGUAGE plpythonu;
SELECT id, name FROM stock WHERE f_long(name) BETWEEN 1 AND 3 AND id < f_long('abc');
--> id:int4 | name:varchar(20)
--> 2 | oar
SELECT s.id, t.id FROM stock s JOIN stock t ON f_long(s.name) = f_long(t.name) + 1 ORDER BY 1;
--> id:int4 | id:int4
--> 1 | 2
SELECT f_long(max(name)) AS l, sum(f_long(name)) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS r FROM stock GROUP BY id, name ORDER BY id;
--> l:int4 | r:int8
--> 4 | 4
--> 3 | 7
--> 0 | 7
SELECT CASE WHEN id = 3 THEN 'none' ELSE f_loud(name) END AS shown FROM stock ORDER BY f_long(name), id;
--> shown:varchar(20)
--> none
--> OAR
--> ROPE
SELECT count(DISTINCT f_count()) AS calls FROM stock;
--> calls:int8
--> 3
SELECT f_count() FROM stock WHERE id = 1;
--> f_count:int8
--> 4
SELECT f_count() FROM stock WHERE id = 1;
--> f_count:int8
--> 5
PREPARE longer (integer) AS SELECT id FROM stock WHERE f_long(name) > $1 ORDER BY id;
EXECUTE longer(3);
--> id:int4
--> 1
DEALLOCATE longer;
BEGIN;
DECLARE c CURSOR FOR SELECT f_loud(name) AS loud FROM stock ORDER BY id;
FETCH 1 FROM c;
--> loud:varchar(20)
--> ROPE
FETCH 1 FROM c;
--> loud:varchar(20)
--> OAR
COMMIT;
CREATE PROCEDURE p_loud (given varchar(20), told OUT varchar(20)) AS $$
DECLARE
  found integer;
BEGIN
  told := f_loud(given);
  IF f_long(given) > 3 THEN
    SELECT INTO found count(*) FROM stock WHERE f_loud(name) = told;
    told := told || found;
  END IF;
END;
$$ LANGUAGE plpgsql;
CALL p_loud('rope');
--> told:varchar
--> ROPE1
CREATE TABLE changes (id integer, name varchar(20));
INSERT INTO changes SELECT id + 1, f_loud(name) FROM stock;
--> INSERT 0 3
INSERT INTO changes VALUES (9, f_loud('nine')), (f_long('abc') + 5, 'eight');
MERGE INTO stock USING changes ON stock.id = changes.id WHEN MATCHED THEN UPDATE SET name = f_loud(changes.name) || f_long(changes.name)
WHEN NOT MATCHED THEN INSERT VALUES (changes.id, f_loud(changes.name));
DELETE FROM stock WHERE f_long(name) = 0;
SELECT id, name FROM stock ORDER BY id;
--> id:int4 | name:varchar(20)
--> 1 | rope
--> 2 | ROPE4
--> 3 | OAR3
--> 8 | EIGHT
--> 9 | NINE
UNLOAD ('SELECT id, f_long(name) AS l FROM stock') TO 'statements_python/stock_' PARALLEL OFF CLEANPATH;
--> INFO: UNLOAD completed, 5 record(s) unloaded successfully.
--> UNLOAD
CREATE TABLE back (id integer, l integer);
COPY back FROM 'statements_python/stock_';
--> INFO: …
--> COPY
SELECT sum(l) AS l FROM back;
--> l:int8
--> 22
CREATE EXTERNAL SCHEMA lk_python FROM DATA CATALOG DATABASE 'lk_python' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE lk_python.kept PARTITIONED BY (kind) STORED AS PARQUET LOCATION 'statements_python/kept/' AS SELECT f_loud(name) AS name, id % 2 AS kind FROM stock;
INSERT INTO lk_python.kept SELECT f_loud('more'), f_long('a');
SELECT name FROM lk_python.kept WHERE f_long(kind::varchar) = 1 AND kind = f_long('x') ORDER BY f_long(name), name;
--> name:varchar(20)
--> MORE
--> NINE
--> OAR3
--> ROPE
DROP TABLE lk_python.kept;
DROP SCHEMA lk_python DROP EXTERNAL DATABASE;
