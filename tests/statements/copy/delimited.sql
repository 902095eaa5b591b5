-- COPY of delimited text: delimiter, escapes, quotes, NULL markers, headers, blank lines and missing fields.
-- source: copy-parameters-data-conversion
-- file copy_delimited/pipes: 1|one\n2|\\N\n3|\n
-- file copy_delimited/tabs: 4\tfour\n
-- file copy_delimited/bells: 5\x07five\n
-- file copy_delimited/escaped: 6|a\\|b\n7|two\\\nlines\n8|back\\\\slash\n9|\\N\n
-- file copy_delimited/quoted: '10'|"a|b"\n11|plain\n
-- file copy_delimited/nulls: 12|NONE\n13|none\n
-- file copy_delimited/zero: 14|\x00\n
-- file copy_delimited/one_nul: 14|a\x00\n
-- file copy_delimited/headed: id|name\n--|----\n15|x\n
-- file copy_delimited/blank: 16|x\n\n17|y\n
-- file copy_delimited/short: 18\n19|x\n
-- file copy_delimited/ended: 20|x|\n21|y|\n

CREATE TABLE t (id integer, name varchar(20));
COPY t FROM 'copy_delimited/pipes';
--> INFO: Load into table 't' completed, 3 record(s) loaded successfully.
--> COPY
SELECT * FROM t ORDER BY id;
--> id:int4 | name:varchar(20)
--> 1 | one
--> 2 | NULL
--> 3 | ''
COPY t FROM 'copy_delimited/tabs' DELIMITER '\t';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/bells' DELIMITER AS '\007';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/escaped' ESCAPE;
--> INFO: Load into table 't' completed, 4 record(s) loaded successfully.
--> COPY
SELECT * FROM t WHERE id > 3 ORDER BY id;
--> id:int4 | name:varchar(20)
--> 4 | four
--> 5 | five
--> 6 | a|b
--> 7 | two\nlines
--> 8 | back\\slash
--> 9 | NULL
COPY t FROM 'copy_delimited/quoted' REMOVEQUOTES;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/nulls' NULL AS 'NONE';
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/zero' NULL AS '\0';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT name IS NULL AS is_null FROM t WHERE id = 14;
--> is_null:bool
--> t
COPY t FROM 'copy_delimited/one_nul' NULL AS '\000';
--> ERROR XX000: Load into table 't' failed.  Check 'stl_load_errors' system table for details.
SELECT err_code FROM stl_load_errors ORDER BY query DESC LIMIT 1;
--> err_code:int4
--> 1218
COPY t FROM 'copy_delimited/headed' IGNOREHEADER AS 2;
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/blank' IGNOREBLANKLINES;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/short' FILLRECORD;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_delimited/ended' FORMAT AS TEXT;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
SELECT * FROM t WHERE id > 9 ORDER BY id;
--> id:int4 | name:varchar(20)
--> 10 | a|b
--> 11 | plain
--> 12 | NULL
--> 13 | none
--> 14 | NULL
--> 15 | x
--> 16 | x
--> 17 | y
--> 18 | ''
--> 19 | x
--> 20 | x
--> 21 | y
COPY t FROM 'copy_delimited/headed' DELIMITER 'ab';
--> ERROR 22023 at 37: COPY delimiter must be a single ASCII character
COPY t FROM 'copy_delimited/headed' DELIMITER 'é';
--> ERROR 22023 at 37: COPY delimiter must be a single ASCII character
COPY t FROM 'copy_delimited/headed' NULL AS '\n';
--> ERROR 22023 at 37: COPY null string cannot be a line end
COPY t FROM 'copy_delimited/headed' IGNOREHEADER -1;
--> ERROR 22023 at 37: COPY IGNOREHEADER must be between 0 and 2147483647
