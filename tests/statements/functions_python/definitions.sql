-- What cannot be a Python function is refused when it is made; overloads, replacement, renaming, rollback, catalog.
-- source: r_CREATE_FUNCTION, r_ALTER_FUNCTION, r_DROP_FUNCTION, udf-naming-udfs

CREATE FUNCTION f_wrong (a integer) RETURNS integer IMMUTABLE AS $$
  if a > 1
    return 1
$$ LANGUAGE plpythonu;
--> ERROR 42601 at 71: expected ':'
CREATE FUNCTION f_wrong (a integer) RETURNS integer IMMUTABLE AS $$
  x = 1
 return x
$$ LANGUAGE plpythonu;
--> ERROR 42601 at 78: unindent does not match any outer indentation level
CREATE FUNCTION f_wrong (a integer) RETURNS integer IMMUTABLE AS $$ print a $$ LANGUAGE plpythonu;
--> ERROR 42601 at 69: Missing parentheses in call to 'print'. Did you mean print(...)?
CREATE FUNCTION f_wrong (a integer) RETURNS integer IMMUTABLE AS $$ $$ LANGUAGE plpythonu;
--> ERROR 42601: the body is empty
CREATE FUNCTION f_wrong (integer) RETURNS integer IMMUTABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 42P13 at 1: the arguments of a Python function have names
CREATE FUNCTION f_wrong (class integer) RETURNS integer IMMUTABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 42601: "class" cannot name an argument
CREATE FUNCTION f_wrong (a super) RETURNS integer IMMUTABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 0A000: type super is not supported in Python functions
CREATE FUNCTION f_wrong (a anyelement) RETURNS integer IMMUTABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 0A000 at 28: type anyelement is not supported
CREATE FUNCTION f_wrong (a integer) RETURNS timestamptz IMMUTABLE AS $$ return None $$ LANGUAGE plpythonu;
--> ERROR 0A000: type timestamp with time zone is not supported in Python functions
CREATE FUNCTION lower (a integer) RETURNS integer STABLE AS $$ return a $$ LANGUAGE plpythonu;
--> ERROR 42723: function "lower" is built in
CREATE FUNCTION f_name (a integer) RETURNS varchar(20) IMMUTABLE AS $$ return 'int %d' % a $$ LANGUAGE plpythonu;
CREATE FUNCTION f_name (a varchar) RETURNS varchar(20) IMMUTABLE AS $$ return 'text ' + a $$ LANGUAGE plpythonu;
SELECT f_name(5), f_name('a'), f_name('b'::varchar(3));
--> f_name:varchar(20) | f_name:varchar(20) | f_name:varchar(20)
--> int 5 | text a | text b
SELECT f_name(true);
--> ERROR 42883 at 8: function f_name(boolean) does not exist
CREATE FUNCTION f_name (b integer) RETURNS varchar(20) IMMUTABLE AS $$ return 'x' $$ LANGUAGE plpythonu;
--> ERROR 42723: function "f_name" already exists with same argument types
CREATE OR REPLACE FUNCTION f_name (a integer) RETURNS integer IMMUTABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 42P13: cannot change return type of existing function
CREATE OR REPLACE FUNCTION f_name (n integer) RETURNS varchar(20) IMMUTABLE AS $$ return 'number %d' % n $$ LANGUAGE plpythonu;
SELECT f_name(5);
--> f_name:varchar(20)
--> number 5
BEGIN;
CREATE OR REPLACE FUNCTION f_name (n integer) RETURNS varchar(20) IMMUTABLE AS $$ return 'gone' $$ LANGUAGE plpythonu;
SELECT f_name(5);
--> f_name:varchar(20)
--> gone
ROLLBACK;
SELECT f_name(5);
--> f_name:varchar(20)
--> number 5
SELECT p.proname, l.lanname, p.provolatile, p.proargnames, trim(p.prosrc) AS prosrc FROM pg_proc_info p JOIN pg_language l ON l.oid = p.prolang
JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema() AND p.proargnames IS NOT NULL ORDER BY prosrc;
--> proname:name | lanname:name | provolatile:"char" | proargnames:text[] | prosrc:varchar
--> f_name | plpythonu | i | {n} | return 'number %d' % n
--> f_name | plpythonu | i | {a} | return 'text ' + a
ALTER FUNCTION f_name(integer) RENAME TO f_called;
--> ALTER FUNCTION
SELECT f_called(5);
--> f_called:varchar(20)
--> number 5
DROP FUNCTION f_called(integer);
--> DROP FUNCTION
SELECT f_called(5);
--> ERROR 42883…
CREATE FUNCTION f_twice (a integer) RETURNS integer IMMUTABLE AS $$ select $1 * 2 $$ LANGUAGE sql;
CREATE FUNCTION f_half (a integer) RETURNS float IMMUTABLE AS $$ return a / 2. $$ LANGUAGE plpythonu;
CREATE FUNCTION f_both (integer) RETURNS float IMMUTABLE AS $$ select f_half(f_twice($1) + 1) $$ LANGUAGE sql;
SELECT f_both(3);
--> f_both:float8
--> 3.5
CREATE TABLE defaults (a float DEFAULT f_half(1));
--> ERROR 42883: function f_half(integer) does not exist
CREATE LIBRARY lib LANGUAGE plpythonu FROM 's3://a/b.zip';
--> ERROR 0A000…
CREATE EXTERNAL FUNCTION f_lambda(integer) RETURNS integer STABLE LAMBDA 'x' IAM_ROLE default;
--> ERROR 0A000…
