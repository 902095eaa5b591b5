-- An error that a handler caught is thrown again by an atomic procedure, and not by a NONATOMIC one.
-- source: stored-procedure-trapping-errors

CREATE TABLE t (n integer);
CREATE TABLE log (message varchar(200));
CREATE PROCEDURE atomic_error() AS $$
BEGIN
  INSERT INTO t VALUES (1);
  EXECUTE 'select invalid';
EXCEPTION WHEN OTHERS THEN
  RAISE INFO 'caught % %', SQLSTATE, SQLERRM;
  INSERT INTO log VALUES ('Error: ' || SQLERRM);
END;
$$ LANGUAGE plpgsql;
CALL atomic_error();
--> INFO: caught 42703 column "invalid" does not exist
--> ERROR 42703: column "invalid" does not exist
SELECT (SELECT count(*) FROM t) AS t, (SELECT max(message) FROM log) AS log;
--> t:int8 | log:varchar(200)
--> 0 | Error: column "invalid" does not exist
CREATE PROCEDURE nonatomic_error() NONATOMIC AS $$
BEGIN
  INSERT INTO t VALUES (1);
  EXECUTE 'select invalid';
EXCEPTION WHEN OTHERS THEN
  INSERT INTO log VALUES ('nonatomic ' || SQLERRM);
END;
$$ LANGUAGE plpgsql;
TRUNCATE log;
CALL nonatomic_error();
--> CALL
SELECT (SELECT count(*) FROM t) AS t, (SELECT max(message) FROM log) AS log;
--> t:int8 | log:varchar(200)
--> 1 | nonatomic column "invalid" does not exist
TRUNCATE t;
