-- A function stays while a view calls it, also through another function; late-binding views hold nothing back.
-- source: r_DROP_FUNCTION, r_ALTER_FUNCTION
CREATE TABLE amounts (a INTEGER);
INSERT INTO amounts VALUES (1);
CREATE FUNCTION f_one(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ select $1 + 1 $$ LANGUAGE sql;
CREATE FUNCTION f_two(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ select f_one($1) + 1 $$ LANGUAGE sql;
CREATE VIEW on_two AS SELECT f_two(a) AS b FROM amounts;
CREATE VIEW above AS SELECT b FROM on_two;
DROP FUNCTION f_two(INTEGER);
--> ERROR 2BP01: cannot drop function f_two(integer) because other objects depend on it
ALTER FUNCTION f_two(INTEGER) RENAME TO f_three;
--> ERROR 2BP01: cannot rename function f_two(integer) because other objects depend on it
DROP FUNCTION f_one(INTEGER);
--> ERROR 2BP01: cannot drop function f_one(integer) because other objects depend on it
DROP FUNCTION f_two(INTEGER) CASCADE;
--> ERROR 0A000: DROP FUNCTION ... CASCADE with views is not supported
SELECT b FROM above;
--> b:int4
--> 3
DROP VIEW above;
DROP VIEW on_two;
CREATE MATERIALIZED VIEW kept AS SELECT f_one(a) AS b FROM amounts;
DROP FUNCTION f_one(INTEGER);
--> ERROR 2BP01: cannot drop function f_one(integer) because other objects depend on it
DROP MATERIALIZED VIEW kept;
CREATE VIEW late AS SELECT f_one(a) AS b FROM amounts WITH NO SCHEMA BINDING;
DROP FUNCTION f_one(INTEGER);
--> DROP FUNCTION
DROP FUNCTION f_two(INTEGER) CASCADE;
--> DROP FUNCTION
