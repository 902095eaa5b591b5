-- A cursor hands out its rows in portions inside a transaction, and sees the moment of its DECLARE.
-- source: declare

CREATE TABLE sales (id integer, amount numeric(6,2));
INSERT INTO sales VALUES (1, 10), (2, 20.5), (3, 30), (4, NULL), (5, 50);

BEGIN;
DECLARE big CURSOR FOR SELECT id, amount FROM sales ORDER BY id;
--> DECLARE CURSOR
FETCH FORWARD 2 FROM big;
--> id:int4 | amount:numeric(6,2)
--> 1 | 10.00
--> 2 | 20.50
UPDATE sales SET amount = 0;
--> UPDATE 5
FETCH NEXT FROM big;
--> id:int4 | amount:numeric(6,2)
--> 3 | 30.00
DECLARE big CURSOR FOR SELECT 1;
--> ERROR 42P03: cursor "big" already exists
ROLLBACK;
BEGIN;
DECLARE big INSENSITIVE NO SCROLL CURSOR WITHOUT HOLD FOR SELECT id FROM sales ORDER BY id;
FETCH big;
--> id:int4
--> 1
FETCH 2 IN big;
--> id:int4
--> 2
--> 3
FETCH ALL FROM big;
--> id:int4
--> 4
--> 5
FETCH ALL FROM big;
--> id:int4
CLOSE big;
--> CLOSE CURSOR
FETCH ALL FROM big;
--> ERROR 34000: cursor "big" does not exist
FETCH ALL FROM big;
--> ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block
ROLLBACK;

-- two cursors at once, each at its own place
BEGIN;
DECLARE one CURSOR FOR SELECT id FROM sales ORDER BY id;
DECLARE two CURSOR FOR SELECT -id FROM sales ORDER BY id;
FETCH one;
--> id:int4
--> 1
FETCH FORWARD ALL FROM two;
--> ?column?:int4
--> -1
--> -2
--> -3
--> -4
--> -5
FETCH one;
--> id:int4
--> 2
CLOSE ALL;
--> CLOSE CURSOR ALL
FETCH one;
--> ERROR 34000: cursor "one" does not exist
ROLLBACK;

-- an error of the query fails the block, whenever it comes
BEGIN;
DECLARE bad CURSOR FOR SELECT 10 / (3 - id) FROM sales ORDER BY id; FETCH ALL FROM bad;
--> ERROR 22012: Divide by zero
FETCH ALL FROM bad;
--> ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block
ROLLBACK;

-- the string is a transaction
DECLARE c CURSOR FOR SELECT id FROM sales WHERE id < 3 ORDER BY 1; FETCH ALL FROM c;
--> DECLARE CURSOR
--> id:int4
--> 1
--> 2
FETCH c;
--> ERROR 34000: cursor "c" does not exist
