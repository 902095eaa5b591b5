-- A column goes alone; the views over it keep it, or go with it where CASCADE says so; views over other columns stay.
-- source: r_ALTER_TABLE

CREATE TABLE t (a int, b int, c int);
--> CREATE TABLE
CREATE VIEW over_a AS SELECT a FROM t;
--> CREATE VIEW
CREATE VIEW over_b AS SELECT a, b FROM t;
--> CREATE VIEW
CREATE VIEW above AS SELECT b FROM over_b;
--> CREATE VIEW
CREATE VIEW everything AS SELECT * FROM t;
--> CREATE VIEW
CREATE MATERIALIZED VIEW stored AS SELECT max(b) AS b FROM t;
--> CREATE MATERIALIZED VIEW
ALTER TABLE t DROP COLUMN b;
--> ERROR 2BP01: cannot drop table t column b because other objects depend on it
ALTER TABLE t DROP COLUMN b RESTRICT;
--> ERROR 2BP01: cannot drop table t column b because other objects depend on it
ALTER TABLE t DROP COLUMN b CASCADE;
--> ALTER TABLE
SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1;
--> table_name:name
--> over_a
--> t
SELECT count(*) FROM pg_class WHERE relname = 'stored';
--> count:int8
--> 0
SELECT * FROM over_a;
--> a:int4
ALTER TABLE t DROP c;
--> ALTER TABLE
ALTER TABLE t DROP COLUMN c CASCADE;
--> ERROR 42703: column "c" of relation "t" does not exist
-- Several encodings at once.
CREATE TABLE e (a int, b varchar(10));
--> CREATE TABLE
ALTER TABLE e ALTER COLUMN a ENCODE zstd, ALTER COLUMN b ENCODE lzo;
--> ALTER TABLE
SELECT "column", encoding FROM pg_table_def WHERE tablename = 'e' ORDER BY 1;
--> column:name | encoding:varchar
--> a | zstd
--> b | lzo
ALTER TABLE e ALTER COLUMN a ENCODE zstd, ALTER COLUMN nothing ENCODE lzo;
--> ERROR 42703: column "nothing" of relation "e" does not exist
