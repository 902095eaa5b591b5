-- COMMIT, ROLLBACK and TRUNCATE inside a procedure, and where they may not be.
-- source: stored-procedure-transaction-management

CREATE TABLE t (n integer);
CREATE TABLE log (message varchar(200));
CREATE PROCEDURE commits(how varchar(10)) AS $$
BEGIN
  INSERT INTO t VALUES (1);
  COMMIT;
  INSERT INTO t VALUES (2);
  ROLLBACK;
  INSERT INTO t VALUES (3);
  IF how = 'fail' THEN
    RAISE EXCEPTION 'failed at %', how;
  END IF;
END;
$$ LANGUAGE plpgsql;
CALL commits('fail');
--> ERROR P0001: failed at fail
SELECT n FROM t;
--> n:int4
--> 1
CALL commits('well');
--> CALL
SELECT n FROM t ORDER BY n;
--> n:int4
--> 1
--> 1
--> 3
BEGIN;
CALL commits('well');
--> ERROR 2D000: COMMIT cannot be invoked from a procedure that is executing in an atomic context.
SELECT 1;
--> ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block
ROLLBACK;
SELECT n FROM t ORDER BY n;
--> n:int4
--> 1
--> 1
--> 3
CREATE PROCEDURE truncates() AS $$
BEGIN
  INSERT INTO log VALUES ('before');
  TRUNCATE t;
  RAISE EXCEPTION 'after';
END;
$$ LANGUAGE plpgsql;
CALL truncates();
--> ERROR P0001: after
SELECT (SELECT count(*) FROM t) AS t, (SELECT max(message) FROM log) AS log;
--> t:int8 | log:varchar(200)
--> 0 | before
BEGIN;
CALL truncates();
--> ERROR 2D000: TRUNCATE cannot be invoked from a procedure that is executing in an atomic context.
ROLLBACK;
CREATE PROCEDURE with_set() SET query_group TO 'etl' AS $$
BEGIN
  RAISE INFO '%', current_setting('query_group');
  COMMIT;
END;
$$ LANGUAGE plpgsql;
CALL with_set();
--> INFO: etl
--> ERROR 2D000: COMMIT cannot be invoked from a procedure that is executing in an atomic context.
SHOW query_group;
--> query_group:varchar
--> default
CREATE PROCEDURE dynamic_commit() AS $$
BEGIN
  EXECUTE 'commit';
END $$ LANGUAGE plpgsql;
CALL dynamic_commit();
--> ERROR 0A000: COMMIT cannot be run as SQL in a procedure
