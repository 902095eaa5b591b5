-- Conditions, CASE and the three kinds of loops.
-- source: c_PLpgSQL-statements

CREATE TABLE t (n integer, label varchar(10));
INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three');
CREATE PROCEDURE flow(n int) AS $$
DECLARE
  i integer := 0;
  total numeric(10,2) DEFAULT 0;
  word varchar(20);
BEGIN
  <<outer>>
  LOOP
    i := i + 1;
    CONTINUE WHEN i = 2;
    EXIT outer WHEN i > n;
    total = total + i * 1.25;
  END LOOP outer;
  RAISE INFO 'i = %, total = %', i, total;
  WHILE i > 0 LOOP
    i := i - 2;
  END LOOP;
  RAISE NOTICE 'i = %', i;
  FOR k IN REVERSE 5..1 BY 2 LOOP
    RAISE WARNING 'k = %%%', k;
  END LOOP;
  FOR k IN 3..1 LOOP
    RAISE INFO 'never';
  END LOOP;
  RAISE INFO 'found = %', FOUND;
  CASE n
    WHEN 1, 2 THEN word := 'small';
    WHEN 3 THEN word := 'three';
    ELSE word := 'big';
  END CASE;
  CASE WHEN n BETWEEN 0 AND 2 THEN word := word || '!';
       WHEN n IS NULL THEN NULL;
       ELSE word := word || '?';
  END CASE;
  IF n = 1 THEN word := word || ' a';
  ELSIF n = 3 THEN word := word || ' b';
  ELSEIF n = 4 THEN word := word || ' c';
  ELSE word := word || ' d';
  END IF;
  RAISE INFO '%', word;
END;
$$ LANGUAGE plpgsql;
CALL flow(3);
--> INFO: i = 4, total = 5.00
--> NOTICE: i = 0
--> WARNING: k = %5
--> WARNING: k = %3
--> WARNING: k = %1
--> INFO: found = f
--> INFO: three? b
--> CALL
CREATE PROCEDURE no_case(n int) AS $$
BEGIN
  CASE n WHEN 1 THEN NULL; END CASE;
END $$ LANGUAGE plpgsql;
CALL no_case(1);
--> CALL
CALL no_case(2);
--> ERROR 20000: case not found
