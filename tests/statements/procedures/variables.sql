-- Variables: scopes, types taken from columns, rows and records, constants, and names that are columns too.
-- source: c_PLpgSQL-structure

CREATE TABLE t (n integer, label varchar(10));
INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three');
CREATE PROCEDURE scopes() AS $$
<<whole>>
DECLARE
  v integer := 20;
  c CONSTANT integer := 7;
  must integer NOT NULL DEFAULT 1;
  col t.label%TYPE := 'abc';
  copied v%TYPE;
  r t%ROWTYPE;
  rec RECORD;
  other ALIAS FOR v;
BEGIN
  DECLARE v integer := 80;
  BEGIN
    RAISE INFO 'inner % outer %', v, whole.v;
  END;
  other := 21;
  RAISE INFO 'v = %, copied = %', v, copied;
  SELECT INTO r * FROM t WHERE n = 2;
  RAISE INFO '% % %', r.n, r.label, FOUND;
  r.label := 'changed';
  SELECT n * 10 AS tens, label INTO rec FROM t WHERE n = 3;
  RAISE INFO '% % %', rec.tens, rec.label, r.label;
  SELECT INTO rec 1 AS one WHERE false;
  RAISE INFO '% %', rec.one, FOUND;
  SELECT n, label INTO v, col FROM t ORDER BY n;
  RAISE INFO '% %', v, col;
  c := 8;
END;
$$ LANGUAGE plpgsql;
CALL scopes();
--> INFO: inner 80 outer 20
--> INFO: v = 21, copied = <NULL>
--> INFO: 2 two t
--> INFO: 30 three changed
--> INFO: <NULL> f
--> INFO: 1 one
--> ERROR 22005: "c" is declared CONSTANT
CREATE PROCEDURE its_own_name() AS $$
DECLARE v integer := 20;
BEGIN
  DECLARE v integer := v + 1;
  BEGIN
    RAISE INFO '%', v;
  END;
  RAISE INFO '%', v;
END $$ LANGUAGE plpgsql;
CALL its_own_name();
--> INFO: 21
--> INFO: 20
--> CALL
CREATE PROCEDURE not_null() AS $$
DECLARE must integer NOT NULL := 1;
BEGIN
  must := NULL;
END $$ LANGUAGE plpgsql;
CALL not_null();
--> ERROR 22004: null value cannot be assigned to variable "must" declared NOT NULL
CREATE PROCEDURE unassigned() AS $$
DECLARE rec RECORD;
BEGIN
  RAISE INFO '%', rec.a;
END $$ LANGUAGE plpgsql;
CALL unassigned();
--> ERROR 55000: record "rec" is not assigned yet
CREATE PROCEDURE too_long() AS $$
DECLARE v varchar(3);
BEGIN
  v := 'abcd';
END $$ LANGUAGE plpgsql;
CALL too_long();
--> ERROR 22001: value too long for type character varying(3)
CREATE PROCEDURE rows_of() AS $$
DECLARE rec RECORD; a int; b varchar(10); n int;
BEGIN
  FOR rec IN SELECT * FROM t ORDER BY n DESC LOOP
    RAISE INFO '% %', rec.n, rec.label;
    EXIT WHEN rec.n = 2;
  END LOOP;
  FOR a, b IN SELECT t.n, label FROM t WHERE t.n > 1 ORDER BY 1 LOOP
    UPDATE t SET label = b || a WHERE t.n = a;
    GET DIAGNOSTICS n := ROW_COUNT;
    RAISE INFO 'rows %', n;
  END LOOP;
  FOR rec IN EXECUTE 'SELECT label FROM t WHERE n = ' || quote_literal('2') LOOP
    RAISE INFO '%', rec.label;
  END LOOP;
  DELETE FROM t WHERE t.n > 100;
  RAISE INFO 'found %', FOUND;
  PERFORM 1 FROM t;
  GET DIAGNOSTICS n = ROW_COUNT;
  RAISE INFO 'perform % %', n, FOUND;
  SELECT 1;
END $$ LANGUAGE plpgsql;
CALL rows_of();
--> INFO: 3 three
--> INFO: 2 two
--> INFO: rows 1
--> INFO: rows 1
--> INFO: two2
--> INFO: found f
--> INFO: perform 3 t
--> ERROR 42601: query has no destination for result data
CREATE PROCEDURE conflict() AS $$
DECLARE n integer := 2;
BEGIN
  INSERT INTO t (n) VALUES (n + 40);
  UPDATE t SET label = 'x' WHERE n = 2;
  CREATE TABLE made AS SELECT label, n AS variable FROM t;
END $$ LANGUAGE plpgsql;
CALL conflict();
--> CALL
SELECT * FROM t ORDER BY n;
--> n:int4 | label:varchar(10)
--> 1 | x
--> 2 | x
--> 3 | x
--> 42 | x
SELECT DISTINCT variable FROM made;
--> variable:int4
--> 2
