-- svv_table_info has what was declared and how many rows there are; empty tables are not listed. What one machine has
-- not (slices, blocks) is NULL.
-- source: r_SVV_TABLE_INFO

CREATE TABLE keyed (id integer DISTKEY, note varchar(30) ENCODE zstd, more varchar(12)) COMPOUND SORTKEY (note, id);
CREATE TABLE plain (id integer);
CREATE TABLE everywhere (id integer) DISTSTYLE ALL INTERLEAVED SORTKEY (id);
CREATE TABLE empty (id integer);
INSERT INTO keyed VALUES (1, 'a', 'b'), (2, 'c', 'd');
INSERT INTO plain VALUES (1);
INSERT INTO everywhere VALUES (1);
SELECT "table", encoded, diststyle, sortkey1, max_varchar, sortkey1_enc, sortkey_num, tbl_rows, skew_rows FROM svv_table_info WHERE "schema" = current_schema() ORDER BY 1;
--> table:varchar | encoded:varchar | diststyle:varchar | sortkey1:varchar | max_varchar:int4 | sortkey1_enc:char(32) | sortkey_num:int4 | tbl_rows:numeric(38,0) | skew_rows:numeric(19,2)
--> everywhere | N | ALL | id | 0 | 'none                            ' | 1 | 1 | NULL
--> keyed | Y | KEY(id) | note | 30 | 'zstd                            ' | 2 | 2 | NULL
--> plain | N | AUTO(ALL) | AUTO(SORTKEY) | 0 | NULL | 0 | 1 | NULL
SELECT count(*) FROM svv_interleaved_columns i JOIN svv_table_info t ON i.tbl = t.table_id WHERE t."schema" = current_schema() AND t."table" = 'everywhere' AND i.col = 0;
--> count:int8
--> 1
