-- Names that do not exist are told with their place.
-- source: r_SELECT_synopsis

CREATE TABLE t (id integer, name varchar(5));
CREATE TABLE u (id integer, city varchar(5));
SELECT nme FROM t;
--> ERROR 42703 at 8: column "nme" does not exist in t
SELECT t.nme FROM t;
--> ERROR 42703 at 10: column "nme" does not exist in t
SELECT x.id FROM t;
--> ERROR 42P01 at 8: missing FROM-clause entry for table "x"
SELECT * FROM nowhere;
--> ERROR 42P01 at 15: relation "nowhere" does not exist
SELECT id FROM t, u;
--> ERROR 42702 at 8: column reference "id" is ambiguous
SELECT t.id FROM t JOIN u ON t.id = u.idd;
--> ERROR 42703 at 39: column "idd" does not exist in u
SELECT nosuch(1);
--> ERROR 42883 at 8: function nosuch(integer) does not exist
SELECT upper();
--> ERROR 42883 at 8: function upper() does not exist
SELECT upper('a', 'b');
--> ERROR 42883 at 8: function upper(character varying, character varying) does not exist
SELECT * FROM t, t;
--> ERROR 42712 at 18: table name "t" specified more than once
SELECT 1; SELECT bad FROM t;
--> ?column?:int4
--> 1
--> ERROR 42703 at 18: column "bad" does not exist in t
SELECT id FROM t ORDER BY nowhere;
--> ERROR 42703 at 27: column "nowhere" does not exist in t
SELECT id FROM t GROUP BY nowhere;
--> ERROR 42703 at 27: column "nowhere" does not exist in t
SELECT * FROM t WHERE id = 'abc';
--> id:int4 | name:varchar(5)
SELECT * FROM t WHERE name;
--> ERROR 42804 at 23: argument of WHERE must be type boolean, not type character varying
SELEC 1;
--> ERROR 42601 at 1: syntax error at or near "SELEC"
SELECT FROM WHERE;
--> ERROR 42601 at 13: syntax error at or near "WHERE"
SELECT (1;
--> ERROR 42601 at 10: syntax error at end of input
