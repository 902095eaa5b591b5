-- Lengths, areas, distances and angles, in the plane, on a sphere and on the spheroid, as the guide has them.
-- source: ST_Angle-function
SELECT ST_Angle(ST_Point(1,1), ST_Point(0,0), ST_Point(1,0)) / Pi() * 180.0 AS angle;
--> angle:float8
--> 45
SELECT ST_Angle(ST_Point(1,1), ST_Point(0,0), ST_Point(1,0), ST_Point(2,0)) / Pi() * 180.0 AS angle;
--> angle:float8
--> 225
-- source: ST_Area-function
SELECT ST_Area(ST_GeomFromText('MULTIPOLYGON(((0 0,10 0,0 10,0 0)),((10 0,20 0,20 10,10 0)))'));
--> st_area:float8
--> 100
SELECT ST_Area(ST_GeogFromText('polygon((34 35, 28 30, 25 34, 34 35))'));
--> st_area:float8
--> 201824655743.4…
SELECT ST_Area(ST_GeogFromText('multipoint(0 0, 1 1, -21.32 121.2)'));
--> st_area:float8
--> 0
-- source: ST_Azimuth-function
SELECT ST_Azimuth(ST_Point(1,2), ST_Point(5,6));
--> st_azimuth:float8
--> 0.7853981633974483
-- source: ST_Distance-function
SELECT ST_Distance(ST_GeomFromText('POLYGON((0 2,1 1,0 -1,0 2))'), ST_GeomFromText('POLYGON((-1 -3,-2 -1,0 -3,-1 -3))'));
--> st_distance:float8
--> 1.4142135623730951
SELECT ST_Distance(ST_GeogFromText('point(1 1)'),ST_GeogFromText('point( -21.32 121.2)'));
--> st_distance:float8
--> 13090291.87965…
-- source: ST_DistanceSphere-function
WITH airports_raw(code,lon,lat) AS (
(SELECT 'MUC', 11.786111, 48.353889) UNION
(SELECT 'FRA', 8.570556, 50.033333) UNION
(SELECT 'TXL', 13.287778, 52.559722)),
airports1(code,location) AS (SELECT code, ST_Point(lon, lat) FROM airports_raw),
airports2(code,location) AS (SELECT * from airports1)
SELECT (airports1.code || ' <-> ' || airports2.code) AS airports,
round(ST_DistanceSphere(airports1.location, airports2.location) / 1000, 0) AS distance_in_km
FROM airports1, airports2 WHERE airports1.code < airports2.code ORDER BY 1;
--> airports:varchar | distance_in_km:float8
--> FRA <-> MUC | 299
--> FRA <-> TXL | 432
--> MUC <-> TXL | 480
-- source: ST_Length-function
SELECT ST_Length(ST_GeomFromText('MULTILINESTRING((0 0,10 0,0 10),(10 0,20 0,20 10))'));
--> st_length:float8
--> 44.14213562373095
SELECT ST_Length(ST_GeogFromText('SRID=4326;LINESTRING(5 0,6 0,4 0)'));
--> st_length:float8
--> 333958.47237…
SELECT ST_Length(ST_GeogFromText('SRID=4326;POINT(4 5)'));
--> st_length:float8
--> 0
-- source: ST_LengthSphere-function
SELECT ST_LengthSphere(ST_GeomFromText('LINESTRING(10 10,45 45)'));
--> st_lengthsphere:float8
--> 5127736.0829…
-- source: ST_Perimeter-function
SELECT ST_Perimeter(ST_GeomFromText('MULTIPOLYGON(((0 0,10 0,0 10,0 0)),((10 0,20 0,20 10,10 0)))'));
--> st_perimeter:float8
--> 68.2842712474619
SELECT ST_Perimeter(ST_GeomFromText('MULTIPOLYGON(((0 0,10 0,0 10,0 0)),((10 0,20 0,20 10,10 0)))'));
--> st_perimeter:float8
--> 68.2842712474619
SELECT ST_Perimeter(ST_GeogFromText('SRID=4326;POLYGON((0 0,1 0,0 1,0 0))'));
--> st_perimeter:float8
--> 378790.4283…
SELECT ST_Perimeter(ST_GeogFromText('SRID=4326;LINESTRING(5 0,10 0)'));
--> st_perimeter:float8
--> 0
-- Points by the vector, and among them what is no such point.
SELECT count(d) AS measured, min(d) AS least, max(d) > 10000000 AS far FROM (SELECT ST_Distance(ST_SetSRID(ST_Point(n % 120, n % 60), 4326)::geography, 'POINT(0 0)'::geography) AS d FROM generate_series(0, 5000) AS n) AS t;
--> measured:int8 | least:float8 | far:bool
--> 5001 | 0 | t
SELECT n, round(ST_Distance(CASE n WHEN 1 THEN 'POINT(1 1)'::geography WHEN 2 THEN 'POINT EMPTY'::geography WHEN 3 THEN 'POINT Z (1 1 5)'::geography END, 'POINT(1 1)'::geography)) AS d FROM generate_series(1, 4) AS n ORDER BY n;
--> n:int4 | d:float8
--> 1 | 0
--> 2 | NULL
--> 3 | 0
--> 4 | NULL
