-- Text casts to an integer only where it is one.
-- source: r_CAST_function

SELECT CAST('2' AS int) AS plain, ' 42 '::bigint AS blanks, '-7'::smallint AS negative;
--> plain:int4 | blanks:int8 | negative:int2
--> 2 | 42 | -7
SELECT CAST('2.5' AS int);
--> ERROR 22P02: Invalid digit, Value '.', Pos 1, Type: Integer
SELECT 'abc'::integer;
--> ERROR 22P02: Invalid digit, Value 'a', Pos 0, Type: Integer
SELECT ''::integer;
--> ERROR 22P02: Invalid digit, Value ' ', Pos 0, Type: Integer
SELECT '99999999999'::integer;
--> ERROR 22003: value "99999999999" is out of range for its type
SELECT TRY_CAST('2.5' AS int) AS tried, TRY_CAST('x' AS date) AS no_date;
--> tried:int4 | no_date:date
--> NULL | NULL
