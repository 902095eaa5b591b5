-- Cursor variables: bound and unbound, returned to the caller, closed by COMMIT.
-- source: stored-procedure-result-set

CREATE TABLE t (n integer);
INSERT INTO t VALUES (10), (11), (13), (14);
CREATE PROCEDURE cur(INOUT rs refcursor) AS $$
BEGIN
  OPEN rs FOR SELECT n FROM t ORDER BY n;
END $$ LANGUAGE plpgsql;
BEGIN;
CALL cur('mine');
--> rs:1790
--> mine
FETCH 2 FROM mine;
--> n:int4
--> 10
--> 11
CALL cur(NULL);
--> rs:1790
--> <unnamed portal 1>
COMMIT;
CREATE PROCEDURE cursors() AS $$
DECLARE
  c1 CURSOR (least int) FOR SELECT n FROM t WHERE n >= least ORDER BY n;
  c2 refcursor;
  v int; rec RECORD;
BEGIN
  OPEN c1(11);
  LOOP
    FETCH c1 INTO v;
    EXIT WHEN NOT FOUND;
    RAISE INFO 'v %', v;
  END LOOP;
  CLOSE c1;
  OPEN c2 FOR EXECUTE 'SELECT n, -n AS m FROM t ORDER BY n LIMIT $1' USING 1;
  FETCH c2 INTO rec;
  RAISE INFO '% %', rec.n, rec.m;
  COMMIT;
  FETCH c2 INTO rec;
END $$ LANGUAGE plpgsql;
CALL cursors();
--> INFO: v 11
--> INFO: v 13
--> INFO: v 14
--> INFO: 10 -10
--> ERROR 34000: cursor "<unnamed portal 2>" does not exist
CREATE PROCEDURE loop_commit() AS $$
DECLARE rec RECORD;
BEGIN
  FOR rec IN SELECT n FROM t ORDER BY n LOOP
    RAISE INFO '%', rec.n;
    COMMIT;
  END LOOP;
END $$ LANGUAGE plpgsql;
CALL loop_commit();
--> INFO: 10
--> ERROR 34000: cursor "<unnamed portal 3>" does not exist
