-- A block is all or nothing; after an error only its end is taken.
-- source: r_BEGIN

CREATE TABLE t (a integer);
BEGIN;
--> BEGIN
INSERT INTO t VALUES (1);
SELECT count(*) FROM t;
--> count:int8
--> 1
ROLLBACK;
--> ROLLBACK
SELECT count(*) FROM t;
--> count:int8
--> 0
START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
--> START TRANSACTION
INSERT INTO t VALUES (2);
END;
--> COMMIT
SELECT count(*) FROM t;
--> count:int8
--> 1
BEGIN;
--> BEGIN
SELECT 1 / 0;
--> ERROR 22012: Divide by zero
SELECT 1;
--> ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block
COMMIT;
--> ROLLBACK
COMMIT;
--> WARNING: there is no transaction in progress
--> COMMIT
ROLLBACK;
--> WARNING: there is no transaction in progress
--> ROLLBACK
BEGIN;
--> BEGIN
BEGIN;
--> WARNING: there is already a transaction in progress
--> BEGIN
ABORT;
--> ROLLBACK
SAVEPOINT s;
--> ERROR 0A000 at 1: SAVEPOINT is not supported
