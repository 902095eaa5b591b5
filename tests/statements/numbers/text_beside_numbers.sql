-- A literal or a text beside a number in arithmetic is read as a number, strictly.
-- source: c_Supported_data_types

CREATE TABLE t (i integer, v varchar(5));
INSERT INTO t VALUES (4, '7'), (5, 'x');
SELECT 1 + '2' AS sum, 1 - '-2' AS difference, 2 * '3' AS product, 10 / '4' AS quotient, 10 % '4' AS rest, '2' + 1 AS first;
--> sum:int4 | difference:int4 | product:int4 | quotient:int4 | rest:int4 | first:int4
--> 3 | 3 | 6 | 2 | 2 | 3
SELECT 5.5 + '1.25' AS exact, 1.5::float + '2' AS double;
--> exact:numeric(4,2) | double:float8
--> 6.75 | 3.5
SELECT 2 * '2.5';
--> ERROR 22P02: Invalid digit, Value '.', Pos 1, Type: Integer
SELECT i + v AS sum FROM t WHERE i = 4;
--> sum:int4
--> 11
SELECT i + v AS sum FROM t WHERE i = 5;
--> ERROR 22P02: Invalid digit, Value 'x', Pos 0, Type: Integer
SELECT 'a' + 'b' AS text;
--> text:varchar
--> ab
