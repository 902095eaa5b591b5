-- Procedures call procedures, sixteen levels deep; outputs go to the variables in their places.
-- source: r_CALL_procedure

CREATE PROCEDURE deep(n int) AS $$
BEGIN
  IF n > 1 THEN
    CALL deep(n - 1);
  ELSE
    RAISE INFO 'bottom';
  END IF;
END $$ LANGUAGE plpgsql;
CALL deep(16);
--> INFO: bottom
--> CALL
CALL deep(17);
--> ERROR 54001: stored procedures are nested deeper than 16 levels
CREATE PROCEDURE inner_p(a IN int, b INOUT int, c OUT varchar(10)) AS $$
BEGIN
  b := b + a; c := 'c' || b;
END $$ LANGUAGE plpgsql;
CREATE PROCEDURE outer_p(r OUT varchar(20)) AS $$
DECLARE x int := 5; y varchar(10);
BEGIN
  CALL inner_p(1, x);
  CALL inner_p(x, x, y);
  r := x || ' ' || y;
END $$ LANGUAGE plpgsql;
CALL outer_p();
--> r:varchar
--> 12 c12
