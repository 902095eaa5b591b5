-- Rows in error stand in stl_load_errors with Redshift's codes and reasons, their fields in stl_loaderror_detail.
-- source: r_STL_LOAD_ERRORS
-- file copy_errors/all: 1|2020-01-01|2020-01-01 00:00:00|1.5|t|abc|x\n2x|2020-01-01|||||\n99999999999||||||\n3|2020-13-01|||||\n4||noon||||\n5|||1.5.5|||\n6||||maybe||\n7|||||abcd|\n8||||||toolong\n9|||||\xc3\xa9|\n10||||||a\xe9\n11|2020-01-01\n12|||||||13\n\n||||||x\n
-- file copy_errors/csv: 1,2020-01-01\n

CREATE TABLE t (id integer NOT NULL, d date, at timestamp, n numeric(9,2), b boolean, c char(3), v varchar(5));
COPY t FROM 'copy_errors/all';
--> ERROR XX000: Load into table 't' failed.  Check 'stl_load_errors' system table for details.
SELECT line_number, err_code FROM stl_load_errors ORDER BY query DESC LIMIT 1;
--> line_number:int8 | err_code:int4
--> 2 | 1207
COPY t FROM 'copy_errors/all' MAXERROR 15;
--> INFO: Load into table 't' completed, 14 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT line_number AS line, trim(colname) AS colname, trim(type) AS type, trim(col_length) AS col_length, position, trim(raw_field_value) AS field, err_code, trim(err_reason) AS reason FROM stl_load_errors WHERE query = pg_last_copy_id() ORDER BY line;
--> line:int8 | colname:varchar | type:varchar | col_length:varchar | position:int4 | field:varchar | err_code:int4 | reason:varchar
--> 2 | id | int4 | 0 | 0 | 2x | 1207 | Invalid digit, Value 'x', Pos 1, Type: Integer
--> 3 | id | int4 | 0 | 0 | 99999999999 | 1222 | Integer overflow
--> 4 | d | date | 0 | 2 | 2020-13-01 | 1205 | Invalid date format
--> 5 | at | timestamp | 0 | 3 | noon | 1206 | Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]
--> 6 | n | numeric | 9, 2 | 4 | 1.5.5 | 1209 | Invalid DECIMAL value
--> 7 | b | bool | 0 | 5 | maybe | 1210 | Invalid BOOLEAN value
--> 8 | c | char | 3 | 6 | abcd | 1204 | Char length exceeds DDL length
--> 9 | v | varchar | 5 | 7 | toolong | 1204 | String length exceeds DDL length
--> 10 | c | char | 3 | 6 | é | 1220 | Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9
--> 11 | v | varchar | 5 | 8 | a? | 1220 | String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: e9 (error 2)
--> 12 | d | date | 0 | 3 | 2020-01-01 | 1214 | Delimiter not found
--> 13 | '' | '' | 0 | 0 | '' | 1202 | Extra column(s) found
--> 14 | '' | '' | 0 | 0 | '' | 1211 | Line has no data
--> 15 | id | int4 | 0 | 0 | '' | 1213 | Missing data for not-null field
SELECT slice, tbl > 0 AS tbl, trim(raw_line) AS raw_line, filename LIKE '%copy_errors/all' AS filename, is_partial, start_offset, copy_job_id FROM stl_load_errors WHERE query = pg_last_copy_id() AND line_number IN (2, 9, 10) ORDER BY line_number;
--> slice:int4 | tbl:bool | raw_line:varchar | filename:bool | is_partial:int4 | start_offset:int8 | copy_job_id:int8
--> 0 | t | 2x|2020-01-01||||| | t | 0 | 0 | 0
--> 0 | t | 8||||||toolong | t | 0 | 0 | 0
--> 0 | t | 9|||||.| | t | 0 | 0 | 0
SELECT field, trim(colname) AS colname, trim(value) AS value, is_null, trim(type) AS type FROM stl_loaderror_detail WHERE query = pg_last_copy_id() AND line_number IN (4, 5) ORDER BY line_number, field;
--> field:int4 | colname:varchar | value:varchar | is_null:int4 | type:varchar
--> 0 | id | 3 | 0 | int4
--> 1 | d | 2020-13-01 | 1 | date
--> 0 | id | 4 | 0 | int4
--> 1 | d | '' | 0 | date
--> 2 | at | noon | 1 | timestamp
SELECT count(DISTINCT line_number) AS lines FROM stl_loaderror_detail WHERE query = pg_last_copy_id();
--> lines:int8
--> 12
SELECT line_number, trim(column_name) AS column_name, trim(column_type) AS column_type, error_code, trim(error_message) AS error_message FROM sys_load_error_detail WHERE query_id = pg_last_copy_id() AND line_number < 4 ORDER BY 1;
--> line_number:int8 | column_name:varchar | column_type:varchar | error_code:int4 | error_message:varchar
--> 2 | id | int4 | 1207 | Invalid digit, Value 'x', Pos 1, Type: Integer
--> 3 | id | int4 | 1222 | Integer overflow
SELECT count(*), min(id), max(id) FROM t;
--> count:int8 | min:int4 | max:int4
--> 1 | 1 | 1
COPY t FROM 'copy_errors/all' IGNOREALLERRORS;
--> INFO: Load into table 't' completed, 14 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_errors/csv' CSV;
--> ERROR XX000: Load into table 't' failed.  Check 'stl_load_errors' system table for details.
SELECT err_code, trim(err_reason) AS reason FROM stl_load_errors ORDER BY query DESC LIMIT 1;
--> err_code:int4 | reason:varchar
--> 1203 | Input data had fewer columns than were defined in the DDL
CREATE TABLE narrow (id smallint, big bigint, r real, s super);
COPY narrow FROM 'copy_errors/all' MAXERROR 2;
--> ERROR XX000: Load into table 'narrow' failed.  Check 'stl_load_errors' system table for details.
