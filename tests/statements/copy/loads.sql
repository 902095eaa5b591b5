-- Which rows and columns a COPY loads: lists, defaults, identity, prefixes, manifests, NOLOAD, and what is kept of it.
-- source: r_COPY
-- file copy_loads/part_1: 1|one\n2|two\n
-- file copy_loads/part_2: 3|three\n
-- file copy_loads/other: 4|four\n
-- file copy_loads/ids: 7|seven\n
-- file copy_loads/wrong: x|x\n
-- file copy_loads/list: {"entries": [{"url": "copy_loads/part_2", "mandatory": true}, {"url": "copy_loads/part_2"}, {"url": "copy_loads/nowhere", "mandatory": false}]}
-- file copy_loads/missing: {"entries": [{"url": "copy_loads/nowhere", "mandatory": true}]}

CREATE TABLE t (key bigint IDENTITY(100, 1), id integer, name varchar(10), made varchar(10) DEFAULT 'here', note varchar(10));
COPY t (id, name) FROM 'copy_loads/part_';
--> INFO: Load into table 't' completed, 3 record(s) loaded successfully.
--> COPY
SELECT key, id, name, made, note FROM t ORDER BY key;
--> key:int8 | id:int4 | name:varchar(10) | made:varchar(10) | note:varchar(10)
--> 100 | 1 | one | here | NULL
--> 101 | 2 | two | here | NULL
--> 102 | 3 | three | here | NULL
SELECT pg_last_copy_count() AS count, pg_last_copy_id() > 0 AS id;
--> count:int8 | id:bool
--> 3 | t
SELECT split_part(trim(filename), '/', 7) <> '' AS filename, lines_scanned, errors, status, trim(file_format) AS file_format FROM stl_load_commits WHERE query = pg_last_copy_id() ORDER BY filename;
--> filename:bool | lines_scanned:int8 | errors:int4 | status:int4 | file_format:varchar
--> t | 2 | 0 | 1 | txt
--> t | 1 | 0 | 1 | txt
SELECT trim(table_name) AS table_name, trim(status) AS status, loaded_rows, loaded_bytes, source_file_count, error_count FROM sys_load_history WHERE query_id = pg_last_copy_id();
--> table_name:varchar | status:varchar | loaded_rows:int8 | loaded_bytes:int8 | source_file_count:int4 | error_count:int8
--> t | completed | 3 | 20 | 2 | 0
SELECT lines_scanned, bytes_scanned, splits_scanned FROM sys_load_detail WHERE query_id = pg_last_copy_id() ORDER BY 1;
--> lines_scanned:int8 | bytes_scanned:int8 | splits_scanned:int4
--> 1 | 8 | 1
--> 2 | 12 | 1
SELECT lines, bytes FROM stl_file_scan WHERE query = pg_last_copy_id() ORDER BY 1;
--> lines:int8 | bytes:int8
--> 1 | 8
--> 2 | 12
SELECT count(*) FROM stv_load_state;
--> count:int8
--> 0
DELETE FROM t;
--> DELETE 3
COPY t (key, name) FROM 'copy_loads/ids' EXPLICIT_IDS;
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t (id, name) FROM 'copy_loads/list' MANIFEST;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t (id, name) FROM 'copy_loads/other' COMPUPDATE OFF STATUPDATE ON COMPROWS 1000;
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT key IN (7, 102, 103, 104, 105, 106) AS key, id, name FROM t ORDER BY name;
--> key:bool | id:int4 | name:varchar(10)
--> t | 4 | four
--> t | NULL | seven
--> t | 3 | three
--> t | 3 | three
COPY t (id, name) FROM 'copy_loads/other' NOLOAD;
--> INFO: Load into table 't' completed, 0 record(s) loaded successfully.
--> COPY
COPY t (id, name) FROM 'copy_loads/wrong' NOLOAD;
--> ERROR XX000: Load into table 't' failed.  Check 'stl_load_errors' system table for details.
COPY t (id, name) FROM 'copy_loads/missing' MANIFEST;
--> ERROR 58030: the mandatory file "copy_loads/nowhere" of the manifest does not exist
COPY t (id, name) FROM 'copy_loads/nothing';
--> ERROR XX000: The specified path 'copy_loads/nothing' does not exist
COPY t (id, id) FROM 'copy_loads/other';
--> ERROR 42701: a column is named twice in COPY
COPY t (key, name) FROM 'copy_loads/other';
--> ERROR 22023: column "key" is an identity column
COPY t (id, price) FROM 'copy_loads/other';
--> ERROR 42703: column "price" of relation "t" does not exist
COPY t (id, name) FROM 'copy_loads/other' EXPLICIT_IDS;
--> ERROR 22023: EXPLICIT_IDS needs the IDENTITY column among the columns to load
COPY nowhere FROM 'copy_loads/other';
--> ERROR 42P01: relation "nowhere" does not exist
BEGIN;
--> BEGIN
COPY t (id, name) FROM 'copy_loads/other';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
ROLLBACK;
--> ROLLBACK
SELECT count(*) FROM t WHERE id = 4;
--> count:int8
--> 1
