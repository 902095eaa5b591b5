-- DDL belongs to its transaction.
-- source: c_serial_isolation

BEGIN;
--> BEGIN
CREATE TABLE t (a integer);
INSERT INTO t VALUES (1);
SELECT a FROM t;
--> a:int4
--> 1
ROLLBACK;
--> ROLLBACK
SELECT a FROM t;
--> ERROR 42P01 at 15: relation "t" does not exist
BEGIN;
--> BEGIN
CREATE TABLE t (a integer);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t ADD COLUMN b integer;
--> ALTER TABLE
COMMIT;
--> COMMIT
SELECT * FROM v;
--> a:int4
SELECT * FROM t;
--> a:int4 | b:int4
BEGIN;
--> BEGIN
DROP VIEW v;
DROP TABLE t;
ROLLBACK;
--> ROLLBACK
SELECT * FROM v;
--> a:int4
