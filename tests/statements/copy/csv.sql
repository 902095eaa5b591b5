-- COPY of CSV: quotes, their doubling, line ends inside them, empty and blank fields, invalid bytes.
-- source: copy-parameters-data-format
-- file copy_csv/plain: 1,"a, ""b""",x\n2,"two\nlines",\n3, "quoted" ,y\n
-- file copy_csv/percent: 4,%a,b%,z\n
-- file copy_csv/semicolon: 5;a,b;z\n
-- file copy_csv/empty: 6,, \n7,"",x\n
-- file copy_csv/blanks: 8,"   ",x\n9,"a  ",x\n
-- file copy_csv/latin: 10,caf\xe9,x\n

CREATE TABLE t (id integer, name varchar(20), more varchar(5));
COPY t FROM 'copy_csv/plain' CSV;
--> INFO: Load into table 't' completed, 3 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_csv/percent' FORMAT AS CSV QUOTE AS '%';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_csv/semicolon' CSV DELIMITER ';';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT * FROM t ORDER BY id;
--> id:int4 | name:varchar(20) | more:varchar(5)
--> 1 | a, "b" | x
--> 2 | two\nlines | ''
--> 3 | quoted | y
--> 4 | a,b | z
--> 5 | a,b | z
COPY t FROM 'copy_csv/empty' CSV;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
SELECT id, name IS NULL AS no_name, more FROM t WHERE id > 5 ORDER BY id;
--> id:int4 | no_name:bool | more:varchar(5)
--> 6 | f | ' '
--> 7 | f | x
DELETE FROM t;
--> DELETE 7
COPY t FROM 'copy_csv/empty' CSV EMPTYASNULL;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_csv/blanks' CSV BLANKSASNULL TRIMBLANKS;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_csv/latin' CSV ACCEPTINVCHARS AS '^';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT * FROM t ORDER BY id;
--> id:int4 | name:varchar(20) | more:varchar(5)
--> 6 | NULL | ' '
--> 7 | NULL | x
--> 8 | NULL | x
--> 9 | a | x
--> 10 | caf^ | x
SELECT trim(colname) AS colname, line_number, trim(raw_line) AS raw_line FROM stl_replacements WHERE query = pg_last_copy_id();
--> colname:varchar | line_number:int8 | raw_line:varchar
--> name | 1 | 10,caf^,x
COPY t FROM 'copy_csv/latin' CSV ENCODING AS ISO88591;
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT name FROM t WHERE id = 10 ORDER BY 1;
--> name:varchar(20)
--> caf^
--> café
COPY t FROM 'copy_csv/plain' CSV ESCAPE;
--> ERROR 22023 at 34: COPY option ESCAPE cannot be used with CSV
COPY t FROM 'copy_csv/plain' CSV REMOVEQUOTES;
--> ERROR 22023 at 34: COPY option REMOVEQUOTES cannot be used with CSV
COPY t FROM 'copy_csv/plain' CSV FIXEDWIDTH 'a:1';
--> ERROR 22023 at 34: COPY takes one format
COPY t FROM 'copy_csv/plain' CSV DELIMITER '"';
--> ERROR 22023: COPY delimiter and quote must differ
COPY t FROM 'copy_csv/plain' DELIMITER ',' QUOTE '"';
--> ERROR 22023 at 44: COPY option QUOTE cannot be used with TEXT
