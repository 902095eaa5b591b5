-- What the guide says of NULL, empty, mixed and odd arguments of spatial functions.
-- source: geospatial-functions

SELECT ST_Contains(NULL, ST_Point(1, 2)) AS a, ST_Distance(ST_Point(1, 2), 'POINT EMPTY') AS b, ST_X('POINT EMPTY') AS c, ST_XMin('LINESTRING EMPTY') AS d;
--> a:bool | b:float8 | c:float8 | d:float8
--> NULL | NULL | NULL | NULL
SELECT ST_Equals(NULL, ST_Point(1, 2));
--> ERROR 22004: the function takes no NULL
SELECT ST_Intersects(ST_Point(1, 2), ST_SetSRID(ST_Point(5, 5), 4326));
--> ERROR 22023: the geometries have different SRIDs
SELECT ST_Within(ST_Point(1, 2), 'GEOMETRYCOLLECTION(POINT(1 2))');
--> ERROR 22023: the function takes no GEOMETRYCOLLECTION
SELECT ST_DWithin(ST_Point(1, 2), ST_Point(1, 2), -1);
--> ERROR 22023: the distance must not be negative
SELECT ST_Azimuth(ST_Point(1, 2), ST_Point(1, 2)) AS a, ST_Angle(ST_Point(0, 0), ST_Point(0, 0), ST_Point(1, 1)) AS b;
--> a:float8 | b:float8
--> NULL | NULL
SELECT ST_Azimuth(ST_Point(1, 2), 'POINT EMPTY');
--> ERROR 22023: the function takes no empty point
SELECT ST_X('LINESTRING(0 0,1 1)');
--> ERROR 22023: the function takes a POINT
SELECT ST_M('LINESTRING(0 0,1 1)');
--> ERROR 22023: the function takes a POINT, not a LINESTRING
SELECT ST_AddPoint('LINESTRING(0 0,1 1)', ST_Point(5, 5), 3);
--> ERROR 22023: the index is out of range
SELECT ST_AsText(ST_AddPoint('LINESTRING Z (0 0 1,1 1 1)', ST_Point(5, 5))) AS a, ST_AsText(ST_PointN('LINESTRING(0 0,1 1)', -1)) AS b, ST_PointN('POINT(1 2)', 1) IS NULL AS c;
--> a:varchar | b:varchar | c:bool
--> LINESTRING Z (0 0 1,1 1 1,5 5 0) | POINT(1 1) | t
SELECT ST_MakePolygon('LINESTRING(0 0,1 1,1 0)');
--> ERROR 22023: the linestring is not closed
SELECT ST_Union('LINESTRING(0 0,1 1)', ST_Point(1, 1));
--> ERROR 22023: the function takes no LINESTRING or MULTILINESTRING
SELECT ST_Intersection('POINT Z (1 2 3)', ST_Point(1, 2));
--> ERROR 22023: the function takes two-dimensional geometries
SELECT ST_AsText(ST_Union('POLYGON EMPTY', 'POLYGON((0 0,1 0,1 1,0 0))')) AS empty, ST_Centroid('POINT EMPTY') IS NULL AS none;
--> empty:varchar | none:bool
--> POLYGON EMPTY | t
SELECT ST_GeomFromText('POINT(1 2)', -1) IS NULL AS a, ST_GeomFromText(NULL) IS NULL AS b;
--> a:bool | b:bool
--> t | t
SELECT ST_SetSRID(ST_Point(1, 2), -1);
--> ERROR 22023: -1 is no SRID
SELECT ST_Transform(ST_SetSRID(ST_Point(1, 2), 4326), 99999);
--> ERROR 22023: there is no spatial reference system 99999
SELECT ST_AsText(ST_Point(1, 2), 21);
--> ERROR 22023: the precision is between 1 and 20
SELECT ST_Distance(ST_Point(1, 2), 'POINT(1 2)'::geography);
--> ERROR 42883…: function st_distance(geometry, geography) does not exist
SELECT ST_Distance(ST_GeogFromText('POINT(0 0)'), ST_GeogFromText('LINESTRING(0 0,1 1)'));
--> ERROR 22023: the function takes a POINT, not a LINESTRING
SELECT ST_Contains(ST_GeogFromText('POINT(0 0)'), ST_GeogFromText('POINT(0 0)'));
--> ERROR 42883…: function st_contains(geography, geography) does not exist
SELECT ST_Collect(ST_Point(1, 2), ST_SetSRID(ST_Point(1, 2), 4326));
--> ERROR 22023: the geometries have different SRIDs: 0 and 4326
SELECT ST_Collect(ST_Point(1, 2), 'POINT Z (1 2 3)');
--> ERROR 22023: the geometries have different dimensions
SELECT ST_AsText(ST_Collect(NULL, ST_Point(1, 2))) AS one, ST_Collect(NULL::geometry, NULL) IS NULL AS none;
--> one:varchar | none:bool
--> POINT(1 2) | t
-- Holes that turn as their outline does make a polygon invalid, points that stand twice make a line not simple.
-- source: spatial-terminology
SELECT ST_IsValid('POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 1,1 1))') AS other_way, ST_IsValid('POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,1 2,1 1))') AS same_way, ST_IsSimple('LINESTRING(0 0,1 1,1 1,2 2)') AS twice;
--> other_way:bool | same_way:bool | twice:bool
--> t | f | f
SELECT ST_IsPolygonCW('POLYGON((0 0,0 1,1 0,0 0))') AS a, ST_IsPolygonCCW('POLYGON((0 0,0 1,1 0,0 0))') AS b, ST_IsPolygonCW('POINT(1 2)') AS c;
--> a:bool | b:bool | c:bool
--> t | f | t
-- source: ST_Boundary-function
SELECT ST_AsText(ST_Boundary('MULTILINESTRING((0 0,1 1),(1 1,2 2),(5 5,6 6,5 5))')) AS a, ST_AsText(ST_Boundary('POINT(1 2)')) AS b, ST_AsText(ST_Boundary('LINESTRING(0 0,1 1,0 0)')) AS c;
--> a:varchar | b:varchar | c:varchar
--> MULTIPOINT((0 0),(2 2)) | GEOMETRYCOLLECTION EMPTY | MULTIPOINT EMPTY
-- source: ST_Buffer-function
SELECT ST_AsText(ST_Buffer('POINT(3 4)', 2, 3), 10) AS circle, ST_NPoints(ST_Buffer('POINT(3 4)', 2)) AS points;
--> circle:varchar | points:int4
--> POLYGON((1 4,1.267949192 5,2 5.732050808,3 6,4 5.732050808,4.732050808 5,5 4,4.732050808 3,4 2.267949192,3 2,2 2.267949192,1.267949192 3,1 4)) | 33
-- source: ST_Collect-function
SELECT id, ST_AsEWKT(ST_Collect(g) WITHIN GROUP (ORDER BY ST_XMin(g))) AS whole FROM (SELECT 1 AS id, ST_GeomFromText('POINT(4 5)', 4326) AS g UNION ALL SELECT 1, ST_GeomFromText('POINT(1 2)', 4326) UNION ALL SELECT 1, NULL UNION ALL SELECT 2, NULL) AS t GROUP BY id ORDER BY id;
--> id:int4 | whole:varchar
--> 1 | SRID=4326;MULTIPOINT((1 2),(4 5))
--> 2 | NULL
-- Binary forms go round, in either byte order, with the standard's types or PostGIS' flags; collections within each other too.
SELECT ST_AsEWKT(ST_GeomFromEWKB('000000000140000000000000004010000000000000')) AS big, ST_AsEWKT(ST_GeomFromWKB('01E9030000000000000000F03F00000000000000400000000000000840', 4326)) AS standard, ST_AsHexWKB('POINT Z (1 2 3)') AS back, ST_AsEWKT(ST_GeomFromWKB(ST_AsBinary('POINT M (1 2 3)'))) AS bytes;
--> big:varchar | standard:varchar | back:varchar | bytes:varchar
--> POINT(2 4) | SRID=4326;POINT Z (1 2 3) | 01E9030000000000000000F03F00000000000000400000000000000840 | POINT M (1 2 3)
SELECT ST_AsText('GEOMETRYCOLLECTION(POINT EMPTY,MULTIPOINT(EMPTY,(1 2)),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))'::geometry) AS nested, ST_NPoints('MULTIPOINT(EMPTY,1 2)') AS points;
--> nested:varchar | points:int4
--> GEOMETRYCOLLECTION(POINT EMPTY,MULTIPOINT(EMPTY,(1 2)),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1))) | 1
-- The engine finds the pairs of a spatial join by their boxes; SRIDs are compared of the pairs that meet.
-- source: ST_Contains-function
CREATE TABLE areas AS SELECT n AS area, ST_MakeEnvelope(n * 10, 0, n * 10 + 10, 10) AS shape FROM generate_series(0, 3) AS n;
CREATE TABLE spots AS SELECT n AS spot, ST_Point(n, 5) AS at FROM generate_series(1, 39, 2) AS n;
SELECT area, count(*) AS spots FROM areas JOIN spots ON ST_Contains(shape, at) GROUP BY area ORDER BY area;
--> area:… | spots:int8
--> 0 | 5
--> 1 | 5
--> 2 | 5
--> 3 | 5
SELECT count(*) FROM areas, spots WHERE ST_Intersects(shape, ST_SetSRID(at, 4326));
--> ERROR 22023: the geometries have different SRIDs
SELECT count(*) FROM areas, spots WHERE ST_DWithin(shape, at, 1);
--> count:int8
--> 26
-- A value that was computed is kept, whatever CASE and COALESCE make of it.
SELECT coalesce(CASE WHEN n = 1 THEN 'a' END, regexp_replace('abcdefghijklmnopqrstuvw' || n, '(?<=a)b', 'X', 1, 'p')) AS texts, ST_AsText(coalesce(CASE WHEN n = 1 THEN NULL::geometry END, ST_Point(n, 2))) AS shapes FROM generate_series(0, 2) AS n ORDER BY 1;
--> texts:varchar | shapes:varchar
--> a | POINT(1 2)
--> aXcdefghijklmnopqrstuvw0 | POINT(0 2)
--> aXcdefghijklmnopqrstuvw2 | POINT(2 2)
-- source: spatial-limitations
SELECT ST_Collect(ST_Point(n, n)) FROM generate_series(1, 60000) AS n;
--> ERROR 54000: the geometry has 1260009 bytes where a GEOMETRY has at most 1048447
-- Vectors that several threads of the engine transform at once.
-- source: ST_Transform-function
SELECT count(ST_Transform(ST_SetSRID(ST_Point(n % 5, 2), 4326), 32631)) AS there, count(ST_Transform(ST_SetSRID(ST_Point(n % 5, 2), 4326), 3857)) AS elsewhere FROM generate_series(1, 20000) AS n;
--> there:int8 | elsewhere:int8
--> 20000 | 20000
