-- Cursors only go forward, and savepoints do not exist, as on Redshift.
-- source: fetch

DECLARE c SCROLL CURSOR FOR SELECT 1;
--> ERROR 0A000 at 11: DECLARE SCROLL CURSOR is not supported
DECLARE c BINARY CURSOR FOR SELECT 1;
--> ERROR 0A000 at 11: DECLARE BINARY CURSOR is not supported
DECLARE c CURSOR FOR DELETE FROM sales;
--> ERROR 42601 at 22: syntax error at or near "DELETE"
FETCH PRIOR FROM c;
--> ERROR 0A000 at 7: FETCH PRIOR is not supported
FETCH BACKWARD 2 FROM c;
--> ERROR 0A000 at 7: FETCH BACKWARD is not supported
FETCH -1 FROM c;
--> ERROR 0A000 at 7: FETCH -1 is not supported
FETCH FORWARD 0 FROM c;
--> ERROR 0A000 at 7: FETCH 0 is not supported
MOVE 2 IN c;
--> ERROR 0A000 at 1: MOVE is not supported
SAVEPOINT a;
--> ERROR 0A000 at 1: SAVEPOINT is not supported
RELEASE SAVEPOINT a;
--> ERROR 0A000 at 1: RELEASE SAVEPOINT is not supported
ROLLBACK TO SAVEPOINT a;
--> ERROR 0A000 at 10: ROLLBACK TO SAVEPOINT is not supported
