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
--> CREATE TABLE
INSERT INTO kinds VALUES ('r', 1), ('q', 2), (NULL, 3);
--> INSERT 0 3
SELECT n FROM kinds WHERE kind = ANY (ARRAY['r', 'p']);
--> n:int4
--> 1
SELECT n FROM kinds k JOIN kinds j USING (n) WHERE n = ANY (ARRAY[2, 3]) AND NOT k.kind = ANY (ARRAY['x']);
--> n:int4
--> 2
-- A view over the system catalog alone is the leader's, one over a table is not.
CREATE VIEW leaders AS SELECT nspname FROM pg_namespace WHERE nspname = 'pg_catalog';
--> CREATE VIEW
SELECT l.nspname, n FROM leaders l, generate_series(1, 2) n ORDER BY n;
--> nspname:name | n:int4
--> pg_catalog | 1
--> pg_catalog | 2
CREATE TABLE nodes (a int);
--> CREATE TABLE
CREATE VIEW computed AS SELECT a FROM nodes;
--> CREATE VIEW
SELECT a, n FROM computed, generate_series(1, 2) n;
--> ERROR 0A000 at 28: Specified types or functions (one per INFO message) not supported on Redshift tables: generate_series
