-- NONATOMIC: each statement commits by itself; START TRANSACTION, handlers that go on.
-- source: stored-procedure-transaction-management

CREATE TABLE t (n integer);
CREATE TABLE log (message varchar(200));
CREATE PROCEDURE blocks() NONATOMIC AS $$
BEGIN
  BEGIN
    INSERT INTO t VALUES (10);
    EXECUTE 'select invalid1';
  EXCEPTION WHEN OTHERS THEN
    RAISE INFO 'first';
  END;
  BEGIN
    INSERT INTO t VALUES (11);
    START TRANSACTION;
    INSERT INTO t VALUES (12);
    RAISE EXCEPTION 'oops' USING ERRCODE = '22023', HINT = 'none';
  EXCEPTION WHEN OTHERS THEN
    RAISE INFO 'second % %', SQLSTATE, SQLERRM;
  END;
  START TRANSACTION;
  INSERT INTO t VALUES (13);
  COMMIT;
  INSERT INTO t VALUES (14);
  BEGIN
    RAISE EXCEPTION 'third';
  EXCEPTION WHEN OTHERS THEN
    RAISE;
  END;
END;
$$ LANGUAGE plpgsql;
CALL blocks();
--> INFO: first
--> INFO: second 22023 oops
--> ERROR P0001: third
SELECT n FROM t ORDER BY n;
--> n:int4
--> 10
--> 11
--> 13
--> 14
CREATE PROCEDURE goes_on() NONATOMIC AS $$
DECLARE i int := 0;
BEGIN
  i := 1 / 0;
  i := i + 1;
  IF i = 1 THEN
    EXECUTE 'nonsense';
    i := i + 10;
  END IF;
  RAISE INFO 'i = %', i;
EXCEPTION CONTINUE_HANDLER WHEN OTHERS THEN
  RAISE INFO 'passed over: %', SQLERRM;
END;
$$ LANGUAGE plpgsql;
CALL goes_on();
--> INFO: passed over: Divide by zero
--> INFO: passed over: syntax error at or near "nonsense"
--> INFO: i = 11
--> CALL
CREATE PROCEDURE open_end() NONATOMIC AS $$
BEGIN
  START TRANSACTION;
  INSERT INTO t VALUES (99);
END $$ LANGUAGE plpgsql;
CALL open_end();
--> ERROR 2D000: the procedure ended inside the transaction that its START TRANSACTION began
SELECT count(*) FROM t WHERE n = 99;
--> count:int8
--> 0
