-- Procedures run: arguments, variables, conditions, loops, messages.
-- source: stored-procedure-create

CREATE OR REPLACE PROCEDURE test_sp1(f1 int, f2 varchar(20)) AS $$
BEGIN
  RAISE INFO 'f1 = %, f2 = %', f1, f2;
END;
$$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
CALL test_sp1(5, 'abc');
--> INFO: f1 = 5, f2 = abc
--> CALL
CREATE OR REPLACE PROCEDURE test_sp2(f1 IN int, f2 INOUT varchar(256), out_var OUT varchar(256)) AS $$
DECLARE
  loop_var int;
BEGIN
  IF f1 IS NULL OR f2 IS NULL THEN
    RAISE EXCEPTION 'input cannot be null';
  END IF;
  DROP TABLE IF EXISTS my_etl;
  CREATE TEMP TABLE my_etl(a int, b varchar);
  FOR loop_var IN 1..f1 LOOP
    INSERT INTO my_etl VALUES (loop_var, f2);
    f2 := f2 || '+' || f2;
  END LOOP;
  SELECT INTO out_var count(*) FROM my_etl;
END;
$$ LANGUAGE plpgsql;
CALL test_sp2(2, '2019');
--> NOTICE: table "my_etl" does not exist, skipping
--> f2:varchar | out_var:varchar
--> 2019+2019+2019+2019 | 2
CALL test_sp2(NULL, '2019');
--> ERROR P0001: input cannot be null
CALL test_sp2('x', '2019');
--> ERROR 22P02…
SELECT a, b FROM my_etl ORDER BY a;
--> a:int4 | b:varchar(256)
--> 1 | 2019
--> 2 | 2019+2019
DROP TABLE my_etl;
