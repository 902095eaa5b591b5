-- GEOMETRY and GEOGRAPHY are columns like others, but for order and equality: kept with SRID and dimensions, shown as EWKB.
-- source: geospatial-overview

CREATE TABLE places (id integer, shape geometry, spot geography ENCODE raw);
INSERT INTO places VALUES (1, 'POINT(1 2)', 'POINT(1 2)'), (2, 'SRID=4326;LINESTRING Z (0 0 1,2 2 3)', '0101000020E6100000000000000000F03F0000000000000040'), (3, NULL, NULL);
INSERT INTO places SELECT 4, ST_Point(5, 6), ST_SetSRID(ST_Point(5, 6), 4326)::geography;
SELECT * FROM places ORDER BY id;
--> id:int4 | shape:geometry | spot:geography
--> 1 | 0101000000000000000000F03F0000000000000040 | 0101000020E6100000000000000000F03F0000000000000040
--> 2 | 01020000A0E610000002000000…0840 | 0101000020E6100000000000000000F03F0000000000000040
--> 3 | NULL | NULL
--> 4 | 010100000000000000000014400000000000001840 | 0101000020E610000000000000000014400000000000001840
UPDATE places SET shape = ST_SetSRID(shape, 4326) WHERE id = 1;
--> UPDATE 1
SELECT id, ST_AsEWKT(shape) AS shape, ST_AsEWKT(spot) AS spot FROM places WHERE shape IS NOT NULL ORDER BY id;
--> id:int4 | shape:varchar | spot:varchar
--> 1 | SRID=4326;POINT(1 2) | SRID=4326;POINT(1 2)
--> 2 | SRID=4326;LINESTRING Z (0 0 1,2 2 3) | SRID=4326;POINT(1 2)
--> 4 | POINT(5 6) | SRID=4326;POINT(5 6)
CREATE TABLE copied AS SELECT id, shape, spot, coalesce(shape, 'POINT EMPTY') AS some, CASE WHEN id < 3 THEN shape END AS few FROM places;
SELECT column_name, data_type FROM svv_columns WHERE table_name = 'copied' AND table_schema = current_schema() ORDER BY ordinal_position;
--> column_name:… | data_type:…
--> id | integer
--> shape | geometry
--> spot | geography
--> some | geometry
--> few | geometry
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS of FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'copied' AND n.nspname = current_schema() AND a.attnum BETWEEN 2 AND 3 ORDER BY a.attnum;
--> attname:name | of:…
--> shape | geometry
--> spot | geography
SELECT oid, typname FROM pg_type WHERE typname LIKE 'geo%' ORDER BY oid;
--> oid:oid | typname:name
--> 3000 | geometry
--> 3001 | geography
SELECT count(shape) AS shapes, count(*) AS all_of_them FROM copied;
--> shapes:int8 | all_of_them:int8
--> 3 | 4
-- Casts copy coordinates; what has no SRID is taken for WGS 84.
SELECT ST_AsEWKT(ST_GeomFromEWKT('SRID=4326;POINT(10 20)')::geography);
--> st_asewkt:varchar
--> SRID=4326;POINT(10 20)
SELECT ST_AsEWKT(ST_GeomFromText('LINESTRING(110 40, 2 3, -10 80, -7 9)')::geography);
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(110 40,2 3,-10 80,-7 9)
SELECT ST_AsEWKT(ST_GeogFromText('LINESTRING(110 40, 2 3, -10 80, -7 9)')::geometry);
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(110 40,2 3,-10 80,-7 9)
SELECT ST_SetSRID(ST_Point(1, 2), 3857)::geography;
--> ERROR 22023: the SRID 3857 is not of a geographic reference system
SELECT ST_Point(1, 2)::varchar AS shown, 'POINT(1 2)'::geometry::varchar(8) AS cut;
--> shown:varchar | cut:varchar(8)
--> 0101000000000000000000F03F0000000000000040 | 01010000
SELECT ST_Point(1, 2)::integer;
--> ERROR 42846: cannot cast type geometry to integer
SELECT 5::geometry;
--> ERROR 42846: cannot cast type integer to geometry
SELECT 'POINT(1)'::geometry;
--> ERROR 22023: invalid geometry: not well-known text: "POINT(1)"
SELECT '0101'::geometry;
--> ERROR 22023: invalid geometry: the binary form ends too early
-- source: spatial-limitations
SELECT shape FROM copied ORDER BY shape;
--> ERROR 42883 at …: could not identify an ordering operator for type geometry
SELECT shape FROM copied ORDER BY 1;
--> ERROR 42883 at …: could not identify an ordering operator for type geometry
SELECT count(*) FROM copied GROUP BY spot;
--> ERROR 42883 at …: could not identify an equality operator for type geography
SELECT DISTINCT shape FROM copied;
--> ERROR 42883 at …: could not identify an equality operator for type geometry
SELECT count(DISTINCT shape) FROM copied;
--> ERROR 42883 at …: function count(geometry) does not exist
SELECT shape FROM copied UNION SELECT shape FROM copied;
--> ERROR 42883 at …: could not identify an equality operator for type geometry
SELECT row_number() OVER (PARTITION BY shape ORDER BY id) FROM copied;
--> ERROR 42883 at …: could not identify an equality operator for type geometry
SELECT * FROM copied WHERE shape = shape;
--> ERROR 42883 at …: operator does not exist: geometry = geometry
SELECT max(shape) FROM copied;
--> ERROR 42883 at …: function max(geometry) does not exist
SELECT upper(shape) FROM copied;
--> ERROR 42883 at …: function upper(geometry) does not exist
SELECT shape || 'x' FROM copied;
--> ERROR 42883: operator || does not take geometry
SELECT coalesce(shape, spot) FROM copied;
--> ERROR 42804 at …: types geometry and geography cannot be matched
CREATE TABLE keyed (shape geometry SORTKEY);
--> ERROR 42P16: column "shape" of type geometry cannot be a sort key or a distribution key
CREATE TABLE keyed (id integer, spot geography) DISTKEY(spot);
--> ERROR 42P16: column "spot" of type geography cannot be a sort key or a distribution key
CREATE TABLE keyed SORTKEY(shape) AS SELECT shape FROM copied;
--> ERROR 42P16: column "shape" of type geometry cannot be a sort key or a distribution key
ALTER TABLE places ALTER DISTKEY shape;
--> ERROR 42P16: column "shape" of type geometry cannot be a sort key or a distribution key
CREATE TABLE keyed (shape geometry ENCODE zstd);
--> ERROR 42P16: invalid encoding type zstd specified for column "shape"
CREATE FUNCTION f(g geometry) RETURNS integer STABLE AS $$ return 1 $$ LANGUAGE plpythonu;
--> ERROR 0A000…: type geometry is not supported in Python functions
SELECT ST_GeomFromText(repeat('x', 10));
--> ERROR 22023: invalid geometry: not well-known text: "xxxxxxxxxx"
CREATE TABLE few_columns (a integer, g geometry DEFAULT ST_Point(1, 2));
INSERT INTO few_columns (a) VALUES (1);
SELECT a, ST_AsText(g) FROM few_columns;
--> a:int4 | st_astext:varchar
--> 1 | POINT(1 2)
-- A view speaks of shapes as its query does; parameters are read from text.
CREATE VIEW near_by AS SELECT id, ST_Buffer(shape, 1) AS around FROM places WHERE id = 1;
SELECT id, ST_SRID(around) AS srid, ST_Area(around)::numeric(10,4) AS area FROM near_by;
--> id:int4 | srid:int4 | area:numeric(10,4)
--> 1 | 4326 | 3.1214
SELECT st_read('x.shp');
--> ERROR 42883 at …: function st_read(unknown) does not exist
SELECT * FROM st_read('x.shp');
--> ERROR …
SELECT st_hilbert(ST_Point(1, 2));
--> ERROR 42883 at …: function st_hilbert(geometry) does not exist
SELECT DropBBox(ST_Point(1, 2));
--> ERROR 0A000 at 8: the function DROPBBOX is not supported: geometries are stored without a bounding box
SELECT H3_FromLongLat(0, 0, 10);
--> ERROR 0A000 at 8: the function H3_FROMLONGLAT is not supported: there are no H3 indexes
PREPARE placed AS INSERT INTO places VALUES (9, $1, $2);
--> PREPARE
EXECUTE placed ('POINT(7 8)', 'POINT(7 8)');
--> INSERT 0 1
SELECT ST_AsText(shape) AS shape, ST_AsText(spot) AS spot FROM places WHERE id = 9;
--> shape:varchar | spot:varchar
--> POINT(7 8) | POINT(7 8)
