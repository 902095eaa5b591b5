-- A function that raises, or returns what its type does not hold, fails its statement; the session goes on.
-- source: r_CREATE_FUNCTION, udf-data-types, udf-python-language-support

CREATE FUNCTION f_part (a integer, b integer) RETURNS integer IMMUTABLE AS $$
  # whole numbers
  part = a / b
  return part
$$ LANGUAGE plpythonu;
SELECT f_part(7, 2), f_part(-7, 2);
--> f_part:int4 | f_part:int4
--> 3 | -4
SELECT f_part(1, 0);
--> ERROR 38000: ZeroDivisionError: …
SELECT f_part(NULL, 1);
--> ERROR 38000: TypeError: unsupported operand type(s) for /: 'NoneType' and 'int'
BEGIN;
SELECT f_part(1, 0);
--> ERROR 38000: ZeroDivisionError: …
SELECT f_part(4, 2);
--> ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block
ROLLBACK;
SELECT f_part(4, 2);
--> f_part:int4
--> 2
CREATE FUNCTION f_as (what varchar) RETURNS smallint VOLATILE AS $$ return eval(what) $$ LANGUAGE plpythonu;
SELECT f_as('2 ** 15 - 1'), f_as('3.0'), f_as('True'), f_as('None');
--> f_as:int2 | f_as:int2 | f_as:int2 | f_as:int2
--> 32767 | 3 | 1 | NULL
SELECT f_as('2 ** 15');
--> ERROR 22003: value 32768 is out of range for type smallint
SELECT f_as('2.5');
--> ERROR 22P02: the function returned 2.5 where smallint is declared
SELECT f_as('"5"');
--> ERROR 42804: the function returned str where smallint is declared
SELECT f_as('[]');
--> ERROR 42804: the function returned list where smallint is declared
CREATE FUNCTION f_text (what varchar) RETURNS varchar(3) VOLATILE AS $$ return eval(what) $$ LANGUAGE plpythonu;
SELECT f_text('"abc"'), f_text('""'), f_text('u"ž"');
--> f_text:varchar(3) | f_text:varchar(3) | f_text:varchar(3)
--> abc | '' | ž
SELECT f_text('"abcd"');
--> ERROR 22001: value too long for type character varying(3): the function returned 4 bytes
SELECT f_text('1');
--> ERROR 42804: the function returned int where character varying(3) is declared
SELECT f_text('"a\\0"');
--> ERROR 22021: the function returned a text with a null character
SELECT f_text('"\\ud800"');
--> ERROR 22021: the function returned a text that is not UTF-8
CREATE FUNCTION f_number (what varchar) RETURNS numeric(4,1) VOLATILE AS $$ return eval(what) $$ LANGUAGE plpythonu;
SELECT f_number('999.94'), f_number('-0.05'), f_number('7');
--> f_number:numeric(4,1) | f_number:numeric(4,1) | f_number:numeric(4,1)
--> 999.9 | -0.1 | 7.0
SELECT f_number('999.95');
--> ERROR 22003: numeric field overflow: 999.95 does not fit numeric(4,1)
SELECT f_number('float("nan")');
--> ERROR 22003: numeric field overflow: NaN does not fit numeric(4,1)
CREATE FUNCTION f_true (what varchar) RETURNS boolean VOLATILE AS $$ return eval(what) $$ LANGUAGE plpythonu;
SELECT f_true('1'), f_true('False');
--> f_true:bool | f_true:bool
--> t | f
SELECT f_true('2');
--> ERROR 42804: the function returned int where boolean is declared
CREATE FUNCTION f_real (what varchar) RETURNS real VOLATILE AS $$ return eval(what) $$ LANGUAGE plpythonu;
SELECT f_real('1e39');
--> ERROR 22003: value is out of range for type real
CREATE FUNCTION f_exit () RETURNS integer VOLATILE AS $$
import random
random._os._exit(3)
$$ LANGUAGE plpythonu;
SELECT f_exit();
--> ERROR 38000: a Python function has ended the process that it ran in
SELECT f_as('1');
--> f_as:int2
--> 1
SELECT f_as('exit(1)');
--> ERROR 38000: NameError: name 'exit' is not defined
CREATE FUNCTION f_raise (a integer) RETURNS integer VOLATILE AS $$
  def inner():
    raise KeyError(a)
  class Own(Exception):
    def __str__(self):
      return 'one\ntwo  |  three'
  if a < 0:
    raise Own()
  return inner()
$$ LANGUAGE plpythonu;
SELECT f_raise(-1);
--> ERROR 38000: Own: one two | three
SELECT f_raise(1);
--> ERROR 38000: KeyError: 1
