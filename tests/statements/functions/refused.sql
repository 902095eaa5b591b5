-- What Redshift has and Boathouse has not is refused with its reason; what neither has is unknown.
-- source: c_SQL_functions

SELECT h3_polyfill(ST_Point(1, 2), 3);
--> ERROR 0A000 at 8: the function H3_POLYFILL is not supported: there are no H3 indexes
SELECT hll_create_sketch(1);
--> ERROR 0A000 at 8: the function HLL_CREATE_SKETCH is not supported: there is no HLLSKETCH type; HLL and APPROXIMATE COUNT count
SELECT checksum(10);
--> ERROR 0A000 at 8: the function CHECKSUM is not supported: the documentation names no algorithm
SELECT to_ascii('x');
--> ERROR 0A000 at 8: the function TO_ASCII is not supported: Redshift has it on its leader node alone, and deprecates it
SELECT reboot_cluster();
--> ERROR 0A000 at 8: the function REBOOT_CLUSTER is not supported: there is no cluster
SELECT change_query_priority(1, 'High');
--> ERROR 0A000 at 8: the function CHANGE_QUERY_PRIORITY is not supported: there are no query queues
SELECT default_iam_role();
--> ERROR 0A000 at 8: the function DEFAULT_IAM_ROLE is not supported: there is no AWS account behind a session
SELECT object_transform(json_parse('{"a":1,"b":2}') KEEP '"a"' SET '"b"', 3);
--> ERROR 0A000 at 25: the function OBJECT_TRANSFORM is not supported: write the object anew with OBJECT
SELECT collate('a', 'case_sensitive');
--> ?column?:varchar
--> a
SELECT no_such_function(1);
--> ERROR 42883 at 8: function no_such_function(integer) does not exist
-- source: r_HLL_function
SELECT hll(x) AS about_two FROM (SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT 2) AS t;
--> about_two:int8
--> 2
-- source: r_SLICE_NUM
SELECT slice_num();
--> slice_num:int4
--> 0
-- source: r_TEXT_TO_INT_ALT
SELECT text_to_int_alt('123-') AS minus, text_to_int_alt('2147483647+') AS plus, text_to_int_alt('-123E-2') AS exponent, text_to_int_alt('123.123') AS cut_off, text_to_int_alt(' ') AS empty, text_to_int_alt('$1,234') AS marks, text_to_int_alt(NULL) AS nothing;
--> minus:int4 | plus:int4 | exponent:int4 | cut_off:int4 | empty:int4 | marks:int4 | nothing:int4
--> -123 | 2147483647 | -1 | 123 | 0 | 1234 | NULL
SELECT text_to_int_alt('12x');
--> ERROR 22P02: invalid input syntax for integer: "12x"
SELECT text_to_int_alt('2147483648');
--> ERROR 22003: value "2147483648" is out of range for its type
-- source: r_TEXT_TO_NUMERIC_ALT
SELECT text_to_numeric_alt('1.5') AS half, text_to_numeric_alt('2.51') AS more, text_to_numeric_alt('123.52501', 10, 2) AS sized, text_to_numeric_alt('-123E2') AS exponent, text_to_numeric_alt('') AS empty;
--> half:numeric(38,0) | more:numeric(38,0) | sized:numeric(10,2) | exponent:numeric(38,0) | empty:numeric(38,0)
--> 2 | 3 | 123.53 | -12300 | 0
SELECT text_to_numeric_alt(repeat('9', 38) || '+') AS longest, text_to_numeric_alt('2.5') AS even;
--> longest:numeric(38,0) | even:numeric(38,0)
--> 99999999999999999999999999999999999999 | 2
SELECT text_to_numeric_alt('12345', 4, 0);
--> ERROR 22003: value "12345" is out of range for numeric(4,0)
SELECT text_to_numeric_alt('1,5', '9,9');
--> ERROR 0A000…: TEXT_TO_NUMERIC_ALT takes a text, and a precision and a scale as literals; formats are not supported
