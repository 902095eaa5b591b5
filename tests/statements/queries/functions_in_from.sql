-- A scalar function in FROM is one row with one column; `= ANY (ARRAY[…])`, as drivers write lists, is IN.
-- source: r_FROM_clause30

SELECT current_database AS name FROM current_database();
--> name:name
--> dev
SELECT x.y FROM lower('ABC') AS x(y), upper('d') AS z WHERE z = 'D';
--> y:varchar
--> abc
SELECT * FROM sum(1);
--> ERROR 42883 at 15: function sum does not exist in FROM
CREATE TABLE kinds (kind varchar(5), n integer);
INSERT INTO kinds VALUES ('r', 1), ('q', 2), (NULL, 3);
SELECT n FROM kinds WHERE kind = ANY (ARRAY['r', 'p']);
--> n:int4
--> 1
SELECT n FROM kinds k JOIN kinds j USING (n) WHERE n = ANY (ARRAY[2, 3]) AND NOT k.kind = ANY (ARRAY['x']);
--> n:int4
--> 2
