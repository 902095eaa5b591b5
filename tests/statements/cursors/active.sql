-- Open cursors are listed with the rows fetched so far, and no more when they are closed.
-- source: r_STV_ACTIVE_CURSORS
CREATE TABLE numbers (n INTEGER);
INSERT INTO numbers VALUES (1), (2), (3);
BEGIN;
DECLARE some CURSOR FOR SELECT n FROM numbers ORDER BY n;
FETCH 2 FROM some;
--> n:int4
--> 1
--> 2
SELECT trim(name) AS name, xid = (SELECT xid FROM svv_transactions WHERE pid = pg_backend_pid()) AS mine, row_count,
fetched_rows FROM stv_active_cursors WHERE pid = pg_backend_pid();
--> name:varchar | mine:bool | row_count:int8 | fetched_rows:int8
--> some | t | NULL | 2
CLOSE some;
SELECT count(*) FROM stv_active_cursors WHERE pid = pg_backend_pid();
--> count:int8
--> 0
COMMIT;
