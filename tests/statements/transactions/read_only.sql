-- A READ ONLY transaction reads, changes rows of temporary tables, and refuses every other change; a session may make it the default.
-- source: r_BEGIN

CREATE TABLE t (a int);
--> CREATE TABLE
CREATE TEMP TABLE scratch (a int);
--> CREATE TABLE
CREATE PROCEDURE fill() AS $$ BEGIN INSERT INTO t VALUES (1); END; $$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
BEGIN READ ONLY;
--> BEGIN
SHOW transaction_read_only;
--> transaction_read_only:varchar
--> on
SELECT count(*) FROM t;
--> count:int8
--> 0
INSERT INTO scratch VALUES (1);
--> INSERT 0 1
INSERT INTO t VALUES (1);
--> ERROR 25006: transaction is read-only
COMMIT;
--> ROLLBACK
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY;
--> BEGIN
CREATE TEMP TABLE other (a int);
--> ERROR 25006: transaction is read-only
ROLLBACK;
--> ROLLBACK
START TRANSACTION READ ONLY;
--> START TRANSACTION
CALL fill();
--> ERROR 25006: transaction is read-only
END;
--> ROLLBACK
BEGIN;
--> BEGIN
SET TRANSACTION READ ONLY;
--> SET
SELECT count(*) FROM t;
--> count:int8
--> 0
SET TRANSACTION READ WRITE;
--> ERROR 25001: transaction read-write mode must be set before any query
ROLLBACK;
--> ROLLBACK
BEGIN READ ONLY;
--> BEGIN
SELECT set_config('transaction_read_only', 'off', true);
--> ERROR 25001: transaction read-write mode must be set before any query
ROLLBACK;
--> ROLLBACK
SHOW transaction_read_only;
--> transaction_read_only:varchar
--> off
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
--> SET
TRUNCATE t;
--> ERROR 25006: transaction is read-only
BEGIN READ WRITE;
--> BEGIN
INSERT INTO t VALUES (1);
--> INSERT 0 1
COMMIT;
--> COMMIT
BEGIN;
--> BEGIN
SET TRANSACTION READ WRITE;
--> SET
INSERT INTO t VALUES (2);
--> INSERT 0 1
COMMIT;
--> COMMIT
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
--> SET
SET readonly = 1;
--> SET
DROP TABLE t;
--> ERROR 25006: transaction is read-only
SET readonly = 0;
--> SET
DROP TABLE t;
--> DROP TABLE
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
--> WARNING: SET TRANSACTION can only be used in transaction blocks
--> SET
SET LOCAL statement_timeout TO 5000;
--> WARNING: SET LOCAL can only be used in transaction blocks
--> SET
SHOW statement_timeout;
--> statement_timeout:varchar
--> 0
SET LOCAL statement_timeout TO 7000; SHOW statement_timeout;
--> SET
--> statement_timeout:varchar
--> 7000
SHOW statement_timeout;
--> statement_timeout:varchar
--> 0
