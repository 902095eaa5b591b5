-- What a function in SQL cannot be, and languages that there are not.
-- source: r_CREATE_FUNCTION

CREATE FUNCTION f_py (a float) RETURNS float STABLE AS $$ return a $$ LANGUAGE plpython3u;
--> ERROR 42704 at 80: language "plpython3u" does not exist
CREATE FUNCTION f_table (integer) RETURNS integer STABLE AS $$ select n from generate_series(1, $1) as n $$ LANGUAGE sql;
--> ERROR 42601 at 63: the SELECT of a function takes no FROM and no other clause
CREATE FUNCTION f_two (integer) RETURNS integer STABLE AS $$ select 1, 2 $$ LANGUAGE sql;
--> ERROR 42601 at 61: the body of a function is one SELECT of one expression
CREATE FUNCTION f_few (integer) RETURNS integer STABLE AS $$ select $2 $$ LANGUAGE sql;
--> ERROR 42P02: there is no parameter $2
CREATE FUNCTION f_unknown (integer) RETURNS integer STABLE AS $$ select nothing($1) $$ LANGUAGE sql;
--> ERROR 42883…
CREATE FUNCTION f_kind (integer) RETURNS integer AS $$ select 1 $$ LANGUAGE sql;
--> ERROR 42601 at 50: syntax error at or near "AS"
CREATE FUNCTION lower (integer) RETURNS integer STABLE AS $$ select 1 $$ LANGUAGE sql;
--> ERROR 42723: function "lower" is built in
CREATE FUNCTION f_same (integer) RETURNS integer STABLE AS $$ select $1 $$ LANGUAGE sql;
CREATE OR REPLACE FUNCTION f_same (integer) RETURNS bigint STABLE AS $$ select $1 $$ LANGUAGE sql;
--> ERROR 42P13: cannot change return type of existing function
