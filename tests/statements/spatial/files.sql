-- COPY reads WKT, EWKT and hexadecimal WKB and EWKB; UNLOAD writes hexadecimal EWKB to text and CSV, and to nothing else.
-- source: copy-usage_notes-spatial-data
-- file spatial/in.csv: 1,"POINT(1 2)",POINT(3 4)\n2,SRID=4326;POINT(1 2),0101000020E610000000000000000014400000000000001840\n3,0101000000000000000000F03F0000000000000040,\n
-- file spatial/bad.csv: 1,POINT(1 2),\n2,POINT(1,\n

CREATE TABLE loaded (id integer, shape geometry, spot geography);
COPY loaded FROM 'spatial/in.csv' CSV;
--> INFO: …
--> COPY
SELECT id, ST_AsEWKT(shape) AS shape, ST_AsEWKT(spot) AS spot FROM loaded ORDER BY id;
--> id:int4 | shape:varchar | spot:varchar
--> 1 | POINT(1 2) | SRID=4326;POINT(3 4)
--> 2 | SRID=4326;POINT(1 2) | SRID=4326;POINT(5 6)
--> 3 | POINT(1 2) | NULL
CREATE TABLE bad (id integer, shape geometry, spot geography);
COPY bad FROM 'spatial/bad.csv' CSV FILLRECORD;
--> ERROR XX000: Load into table 'bad' failed.  Check 'stl_load_errors' system table for details.
SELECT err_code, trim(err_reason) AS err_reason, trim(colname) AS colname, line_number FROM stl_load_errors WHERE filename LIKE '%spatial/bad.csv%';
--> err_code:int4 | err_reason:varchar | colname:varchar | line_number:int8
--> 1226 | Not a geometry: neither WKB nor WKT | shape | 2
-- source: spatial-limitations
UNLOAD ('SELECT id, shape, spot FROM loaded ORDER BY id') TO 'spatial_out/csv_' CSV PARALLEL OFF CLEANPATH;
--> INFO: UNLOAD completed, 3 record(s) unloaded successfully.
--> UNLOAD
UNLOAD ('SELECT id, shape FROM loaded ORDER BY id') TO 'spatial_out/text_' DELIMITER '|' PARALLEL OFF CLEANPATH;
--> INFO: UNLOAD completed, 3 record(s) unloaded successfully.
--> UNLOAD
CREATE TABLE lines (line varchar(200));
COPY lines FROM 'spatial_out/text_' DELIMITER '~';
--> INFO: …
--> COPY
SELECT line FROM lines ORDER BY line;
--> line:varchar(200)
--> 1|0101000000000000000000F03F0000000000000040
--> 2|0101000020E6100000000000000000F03F0000000000000040
--> 3|0101000000000000000000F03F0000000000000040
CREATE TABLE again (LIKE loaded);
COPY again FROM 'spatial_out/csv_' CSV;
--> INFO: …
--> COPY
SELECT count(*) FROM again a JOIN loaded b USING (id) WHERE a.shape::varchar = b.shape::varchar;
--> count:int8
--> 3
UNLOAD ('SELECT id, shape FROM loaded') TO 'spatial_out/parquet_' PARQUET;
--> ERROR 0A000: column "shape" is of type geometry, which UNLOAD cannot write to Parquet
UNLOAD ('SELECT id, spot FROM loaded') TO 'spatial_out/json_' JSON;
--> ERROR 0A000: column "spot" is of type geography, which UNLOAD cannot write to JSON
COPY loaded FROM 'spatial/in.csv' SHAPEFILE;
--> ERROR 0A000…
CREATE EXTERNAL TABLE no_schema.t (g geometry) STORED AS PARQUET LOCATION 'spatial/';
--> ERROR 42P16 at …: external tables have no columns of type geometry
