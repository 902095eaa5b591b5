-- On a lake, a table is read as it was at any commit that is kept; a moment that is not kept, or not yet, is an error.
-- source: c_SELECT_synopsis

CREATE TABLE t (a int, b varchar(5));
INSERT INTO t VALUES (1, 'x'), (2, 'y');
CREATE TABLE m AS SELECT max(commit_id) AS id FROM svv_commits;
CREATE PROCEDURE as_it_was(target varchar, query varchar) AS $$
DECLARE
  number bigint;
BEGIN
  SELECT id INTO number FROM m;
  EXECUTE 'CREATE TABLE ' || target || ' AS ' || replace(query, '@', 'FOR VERSION AS OF ' || number);
END;
$$ LANGUAGE plpgsql;
UPDATE t SET b = 'z' WHERE a = 1;
DELETE FROM t WHERE a = 2;
ALTER TABLE t RENAME COLUMN b TO c;
ALTER TABLE t ADD COLUMN d int;
CREATE VIEW v AS SELECT a FROM t;

CALL as_it_was('r1', 'SELECT was.a, was.b, now.c, now.d FROM t @ AS was LEFT JOIN t now ON was.a = now.a');
SELECT * FROM r1 ORDER BY a;
--> a:int4 | b:varchar(5) | c:varchar(5) | d:int4
--> 1 | x | z | NULL
--> 2 | y | NULL | NULL
CALL as_it_was('r2', 'WITH was AS (SELECT * FROM t @) SELECT count(*) AS rows, (SELECT count(*) FROM v) AS now, (SELECT count(*) FROM v @) AS before FROM was');
SELECT * FROM r2;
--> rows:int8 | now:int8 | before:int8
--> 2 | 1 | 2
CALL as_it_was('r3', 'SELECT d FROM t @');
--> ERROR 42703…: column "d" does not exist…
CALL as_it_was('r4', 'SELECT * FROM m @');
--> ERROR 42P01…: relation "m" did not exist as of commit …

SELECT count(*) FROM t FOR SYSTEM_TIME AS OF '2020-01-01';
--> ERROR 55000 at 22: the warehouse as of 2020-01-01 00:00:00.000000 UTC is not kept
SELECT count(*) FROM t FOR TIMESTAMP AS OF timestamp '2120-01-01' AS x WHERE x.a > 0;
--> ERROR 22023 at 22: 2120-01-01 00:00:00.000000 UTC has not come yet
SELECT count(*) FROM t FOR SYSTEM_VERSION AS OF 1000000;
--> ERROR 22023 at 22: commit 1000000 has not come yet
SELECT count(*) FROM t FOR VERSION AS OF -1;
--> ERROR 55000 at 22: the warehouse as of commit -1 is not kept
SELECT count(*) FROM t FOR SYSTEM_TIME AS OF 'noon';
--> ERROR 22007 at 22: invalid input syntax for type timestamp: "noon"
SELECT count(*) FROM t FOR SYSTEM_TIME AS OF NULL;
--> ERROR 22023 at 22: the moment in AS OF is NULL
SELECT count(*) FROM t FOR SYSTEM_TIME AS OF a;
--> ERROR 42703 at 46: column "a" does not exist
SELECT count(*) FROM t FOR SYSTEM_TIME AS OF (SELECT getdate());
--> ERROR 0A000 at 22: a query in AS OF is not supported
SELECT count(*) FROM t FOR SYSTEM_TIME BETWEEN '2020-01-01' AND '2021-01-01';
--> ERROR 42601 at 40: syntax error at or near "BETWEEN"
SELECT count(*) FROM t VERSION AS OF 3;
--> ERROR 42601…
SELECT count(*) FROM pg_class FOR VERSION AS OF 3;
--> ERROR 0A000 at 22: AS OF is not supported for "pg_class": only tables of the warehouse have a history
WITH c AS (SELECT 1) SELECT * FROM c FOR VERSION AS OF 3;
--> ERROR 0A000 at 36: AS OF is for tables and views that are read
UPDATE t FOR VERSION AS OF 3 SET a = 1;
--> ERROR 0A000 at 8: AS OF is for tables and views that are read
DELETE FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 13: AS OF is for tables and views that are read
INSERT INTO t FOR VERSION AS OF 3 VALUES (1);
--> ERROR …
MERGE INTO t FOR VERSION AS OF 3 USING m ON t.a = m.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1);
--> ERROR …
CREATE MATERIALIZED VIEW mv AS SELECT * FROM t FOR SYSTEM_TIME AS OF getdate();
--> ERROR 0A000: …
EXPLAIN SELECT a FROM t FOR SYSTEM_TIME AS OF dateadd(second, 0, getdate());
--> QUERY PLAN:varchar
--> XN Seq Scan…
--> '      Table: t'
--> …t: as of commit …
SELECT count(*) FROM t;
--> count:int8
--> 1
