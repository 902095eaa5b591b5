-- A cursor ends with its transaction, unless it was declared WITH HOLD and the transaction committed.
-- source: declare

DECLARE c CURSOR FOR SELECT 1;
--> ERROR 25P01: DECLARE CURSOR may only be used in begin/end transaction blocks

BEGIN;
DECLARE c CURSOR FOR SELECT * FROM generate_series(1, 4) AS n;
FETCH c;
--> n:int4
--> 1
COMMIT;
FETCH c;
--> ERROR 34000: cursor "c" does not exist

BEGIN;
DECLARE kept CURSOR WITH HOLD FOR SELECT * FROM generate_series(1, 4) AS n;
FETCH kept;
--> n:int4
--> 1
COMMIT;
FETCH FORWARD 2 FROM kept;
--> n:int4
--> 2
--> 3
BEGIN;
DECLARE gone CURSOR WITH HOLD FOR SELECT 1 AS one;
FETCH kept;
--> n:int4
--> 4
ROLLBACK;
FETCH gone;
--> ERROR 34000: cursor "gone" does not exist
CLOSE kept;
--> CLOSE CURSOR

DECLARE alone CURSOR WITH HOLD FOR SELECT * FROM generate_series(1, 3) AS n;
--> DECLARE CURSOR
FETCH ALL alone;
--> n:int4
--> 1
--> 2
--> 3
CLOSE alone;
