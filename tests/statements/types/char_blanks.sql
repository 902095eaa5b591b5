-- Blanks at the end of a CHAR mean nothing in comparisons and to LEN; they are shown.
-- source: r_Character_types

SELECT 'a'::char(3) = 'a ' AS same, len('ab  '::char(6)) AS length, 'a'::char(3) = 'a'::varchar AS as_varchar;
--> same:bool | length:int4 | as_varchar:bool
--> t | 2 | t
CREATE TABLE c (a char(5), v varchar(5));
INSERT INTO c VALUES ('ab', 'ab'), ('ab ', 'ab '), ('xyz  ', 'xyz');
SELECT a, v, a = v AS equal FROM c ORDER BY v;
--> a:char(5) | v:varchar(5) | equal:bool
--> 'ab   ' | ab | t
--> 'ab   ' | 'ab ' | t
--> 'xyz  ' | xyz | t
SELECT count(DISTINCT a) AS chars, count(DISTINCT v) AS texts FROM c;
--> chars:int8 | texts:int8
--> 2 | 3
SELECT a, count(*) FROM c GROUP BY a ORDER BY a;
--> a:char(5) | count:int8
--> 'ab   ' | 2
--> 'xyz  ' | 1
SELECT a || '|' AS joined FROM c WHERE a = 'xyz';
--> joined:varchar
--> xyz|
SELECT a FROM c WHERE a IN ('ab   ', 'q') ORDER BY v;
--> a:char(5)
--> 'ab   '
--> 'ab   '
SELECT '[' || a || ']' AS boxed FROM c WHERE a LIKE 'xy%';
--> boxed:varchar
--> [xyz]
