-- Geometries are made of numbers and of other geometries as the guide's own examples have it.
-- source: ST_AddPoint-function
WITH tmp(g) AS (SELECT ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5)',4326))
SELECT ST_AsEWKT(ST_AddPoint(g, ST_StartPoint(g))) FROM tmp;
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(0 0,10 0,10 10,5 5,0 5,0 0)
WITH tmp(g) AS (SELECT ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5)',4326))
SELECT ST_AsEWKT(ST_AddPoint(g, ST_SetSRID(ST_Point(5, 10), 4326), 3)) FROM tmp;
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(0 0,10 0,10 10,5 10,5 5,0 5)
-- source: ST_Boundary-function
SELECT ST_AsEWKT(ST_Boundary(ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,1 2,2 1,1 1))')));
--> st_asewkt:varchar
--> MULTILINESTRING((0 0,10 0,10 10,0 10,0 0),(1 1,1 2,2 1,1 1))
-- source: ST_Centroid-function
SELECT ST_AsEWKT(ST_Centroid(ST_GeomFromText('LINESTRING(110 40, 2 3, -10 80, -7 9, -22 -33)', 4326)));
--> st_asewkt:varchar
--> SRID=4326;POINT(15.6965103455214 27.0206782881905)
-- source: ST_Collect-function
SELECT ST_AsText(ST_Collect(ST_GeomFromText('LINESTRING(0 0,1 1)'), ST_GeomFromText('POLYGON((10 10,20 10,10 20,10 10))')));
--> st_astext:varchar
--> GEOMETRYCOLLECTION(LINESTRING(0 0,1 1),POLYGON((10 10,20 10,10 20,10 10)))
WITH tbl(id, g) AS (
SELECT 1, ST_GeomFromText('POINT(4 5)', 4326) UNION ALL
SELECT 1, ST_GeomFromText('POINT(1 2)', 4326) UNION ALL
SELECT 2, ST_GeomFromText('LINESTRING(10 0,20 -5)', 4326) UNION ALL
SELECT 2, ST_GeomFromText('LINESTRING(0 0,10 0)', 4326) UNION ALL
SELECT 3, ST_GeomFromText('MULTIPOINT(13 4,8 5,4 4)', 4326) UNION ALL
SELECT 3, ST_GeomFromText('MULTILINESTRING((-1 -1,-2 -2),(-3 -3,-5 -5))', 4326) UNION ALL
SELECT 4, ST_GeomFromText('POLYGON((20 20,20 30,30 20,20 20))', 4326) UNION ALL
SELECT 4, ST_GeomFromText('POLYGON((0 0,10 0,0 10,0 0))', 4326) UNION ALL
SELECT 1, NULL::geometry UNION ALL SELECT 2, NULL::geometry UNION ALL
SELECT 5, NULL::geometry UNION ALL SELECT 5, NULL::geometry)
SELECT ST_AsEWKT(ST_Collect(g) WITHIN GROUP (ORDER BY id DESC, ST_XMin(g), ST_XMax(g))) FROM tbl;
--> st_asewkt:varchar
--> SRID=4326;GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),POLYGON((20 20,20 30,30 20,20 20)),MULTILINESTRING((-1 -1,-2 -2),(-3 -3,-5 -5)),MULTIPOINT((13 4),(8 5),(4 4)),LINESTRING(0 0,10 0),LINESTRING(10 0,20 -5),POINT(1 2),POINT(4 5))
-- source: ST_ConvexHull-function
SELECT ST_AsEWKT(ST_ConvexHull(ST_GeomFromText('LINESTRING(0 0,1 0,0 1,1 1,0.5 0.5)'))) as output;
--> output:varchar
--> POLYGON((0 0,0 1,1 1,1 0,0 0))
SELECT ST_AsEWKT(ST_ConvexHull(ST_GeomFromText('LINESTRING(0 0,1 1,0.2 0.2,0.6 0.6,0.5 0.5)'))) as output;
--> output:varchar
--> LINESTRING(0 0,1 1)
SELECT ST_AsEWKT(ST_ConvexHull(ST_GeomFromText('MULTIPOINT(0 0,0 0,0 0)'))) as output;
--> output:varchar
--> POINT(0 0)
-- source: ST_Envelope-function
SELECT ST_AsText(ST_Envelope(ST_GeomFromText('GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),LINESTRING(20 10,20 0,10 0))')));
--> st_astext:varchar
--> POLYGON((0 0,0 10,20 10,20 0,0 0))
-- source: ST_Force2D-function
SELECT ST_AsEWKT(ST_Force2D(ST_GeomFromText('MULTIPOINT Z(0 1 2, EMPTY, 2 3 4, 5 6 7)')));
--> st_asewkt:varchar
--> MULTIPOINT((0 1),EMPTY,(2 3),(5 6))
-- source: ST_Force3DM-function
SELECT ST_AsEWKT(ST_Force3DM(ST_GeomFromText('MULTIPOINT Z(0 1 2, EMPTY, 2 3 4, 5 6 7)')));
--> st_asewkt:varchar
--> MULTIPOINT M ((0 1 0),EMPTY,(2 3 0),(5 6 0))
-- source: ST_Force3DZ-function
SELECT ST_AsEWKT(ST_Force3DZ(ST_GeomFromText('MULTIPOINT M(0 1 2, EMPTY, 2 3 4, 5 6 7)')));
--> st_asewkt:varchar
--> MULTIPOINT Z ((0 1 0),EMPTY,(2 3 0),(5 6 0))
-- source: ST_Force4D-function
SELECT ST_AsEWKT(ST_Force4D(ST_GeomFromText('MULTIPOINT M(0 1 2, EMPTY, 2 3 4, 5 6 7)')));
--> st_asewkt:varchar
--> MULTIPOINT ZM ((0 1 0 2),EMPTY,(2 3 0 4),(5 6 0 7))
-- source: ST_Intersection-function
SELECT ST_AsEWKT(ST_Intersection(ST_GeomFromText('polygon((0 0,100 100,0 200,0 0))'), ST_GeomFromText('polygon((0 0,10 0,0 10,0 0))')));
--> st_asewkt:varchar
--> POLYGON((0 0,0 10,5 5,0 0))
SELECT ST_AsEWKT(ST_Intersection(ST_GeomFromText('linestring(0 100,0 0)'), ST_GeomFromText('polygon((1 0,10 0,1 10,1 0))')));
--> st_asewkt:varchar
--> LINESTRING EMPTY
-- source: ST_LineFromMultiPoint-function
SELECT ST_AsEWKT(ST_LineFromMultiPoint(ST_GeomFromText('MULTIPOINT(0 0,10 0,10 10,5 5,0 5)',4326)));
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(0 0,10 0,10 10,5 5,0 5)
-- source: ST_LineInterpolatePoint-function
SELECT ST_AsEWKT(ST_LineInterpolatePoint(ST_GeomFromText('LINESTRING(0 0, 5 5, 7 7, 10 10)'), 0.50));
--> st_asewkt:varchar
--> POINT(5 5)
SELECT ST_AsEWKT(ST_LineInterpolatePoint(ST_GeomFromText('LINESTRING(0 0, 5 5, 7 7, 10 10)'), 0.90));
--> st_asewkt:varchar
--> POINT(9 9)
-- source: ST_MakeEnvelope-function
SELECT ST_AsEWKT(ST_MakeEnvelope(2,4,5,7));
--> st_asewkt:varchar
--> POLYGON((2 4,2 7,5 7,5 4,2 4))
SELECT ST_AsEWKT(ST_MakeEnvelope(2,4,5,7,4326));
--> st_asewkt:varchar
--> SRID=4326;POLYGON((2 4,2 7,5 7,5 4,2 4))
-- source: ST_MakeLine-function
SELECT ST_MakeLine(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'), ST_GeomFromText('LINESTRING(88.29 39.07,88.42 39.26,88.27 39.31,88.29 39.07)'));
--> st_makeline:geometry
--> 010200000008000000C3F5285C8F52534052B81E85EB113D407B14AE47E15A5340C3F5285C8F423D40E17A14AE475153408FC2F5285C4F3D40C3F5285C8F52534052B81E85EB113D40C3F5285C8F125640295C8FC2F58843407B14AE47E11A5640E17A14AE47A14340E17A14AE4711564048E17A14AEA74340C3F5285C8F125640295C8FC2F5884340
-- source: ST_MakePoint-function
SELECT ST_AsText(ST_MakePoint(1,3));
--> st_astext:varchar
--> POINT(1 3)
SELECT ST_AsEWKT(ST_MakePoint(1, 2, 3));
--> st_asewkt:varchar
--> POINT Z (1 2 3)
SELECT ST_AsEWKT(ST_MakePoint(1, 2, 3, 4));
--> st_asewkt:varchar
--> POINT ZM (1 2 3 4)
-- source: ST_MakePolygon-function
SELECT ST_AsText(ST_MakePolygon(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)')));
--> st_astext:varchar
--> POLYGON((77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07))
SELECT ST_AsEWKT(ST_MakePolygon(ST_GeomFromText('LINESTRING(0 0,10 0,10 10,0 10,0 0)'), ST_GeomFromText('MULTILINESTRING((1 1,1 2,2 1,1 1),(3 3,3 4,4 3,3 3))')));
--> st_asewkt:varchar
--> POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,1 2,2 1,1 1),(3 3,3 4,4 3,3 3))
-- source: ST_Multi-function
SELECT ST_AsEWKT(ST_Multi(ST_GeomFromText('MULTIPOINT((1 2),(3 4))', 4326)));
--> st_asewkt:varchar
--> SRID=4326;MULTIPOINT((1 2),(3 4))
SELECT ST_AsEWKT(ST_Multi(ST_GeomFromText('POINT(1 2)', 4326)));
--> st_asewkt:varchar
--> SRID=4326;MULTIPOINT((1 2))
SELECT ST_AsEWKT(ST_Multi(ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT((1 2),(3 4)))', 4326)));
--> st_asewkt:varchar
--> SRID=4326;GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT((1 2),(3 4)))
-- source: ST_Point-function
SELECT ST_AsText(ST_Point(5.0, 7.0));
--> st_astext:varchar
--> POINT(5 7)
-- source: ST_Points-function
SELECT ST_AsEWKT(ST_Points(ST_SetSRID(ST_GeomFromText('LINESTRING(1 0,2 0,3 0)'), 4326)));
--> st_asewkt:varchar
--> SRID=4326;MULTIPOINT((1 0),(2 0),(3 0))
SELECT ST_AsEWKT(ST_Points(ST_SetSRID(ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,0 1,0 0)))'), 4326)));
--> st_asewkt:varchar
--> SRID=4326;MULTIPOINT((0 0),(1 0),(0 1),(0 0))
-- source: ST_Polygon-function
SELECT ST_AsEWKT(ST_Polygon(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'),4356));
--> st_asewkt:varchar
--> SRID=4356;POLYGON((77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07))
-- source: ST_RemovePoint-function
WITH tmp(g) AS (SELECT ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5)',4326))
SELECT ST_AsEWKT(ST_RemovePoint(g, ST_NumPoints(g) - 1)) FROM tmp;
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(0 0,10 0,10 10,5 5)
-- source: ST_Reverse-function
SELECT ST_AsEWKT(ST_Reverse(ST_GeomFromText('LINESTRING(1 0,2 0,3 0,4 0)', 4326)));
--> st_asewkt:varchar
--> SRID=4326;LINESTRING(4 0,3 0,2 0,1 0)
-- source: ST_SetPoint-function
SELECT ST_AsText(ST_SetPoint(ST_GeomFromText('LINESTRING(1 2, 3 2, 5 2, 1 2)'), 2, ST_GeomFromText('POINT(7 9)')));
--> st_astext:varchar
--> LINESTRING(1 2,3 2,7 9,1 2)
SELECT ST_AsText(ST_SetPoint(ST_GeomFromText('LINESTRING(1 2, 3 2, 5 2, 1 2)'), -3, ST_GeomFromText('POINT(7 9)')));
--> st_astext:varchar
--> LINESTRING(1 2,7 9,5 2,1 2)
-- source: ST_SetSRID-function
SELECT ST_AsEWKT(ST_SetSRID(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'),50));
--> st_asewkt:varchar
--> SRID=50;LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)
-- source: ST_Simplify-function
SELECT ST_AsEWKT(ST_Simplify(ST_GeomFromText('LINESTRING(0 0,1 2,1 1,2 2,2 1)'), 1));
--> st_asewkt:varchar
--> LINESTRING(0 0,1 2,2 1)
-- source: ST_Transform-function
SELECT ST_AsEWKT(ST_Transform(ST_GeomFromText('GEOMETRYCOLLECTION EMPTY', 3857), 4326));
--> st_asewkt:varchar
--> SRID=4326;GEOMETRYCOLLECTION EMPTY
SELECT ST_AsEWKT(ST_Transform(ST_GeomFromText('LINESTRING(110 40, 2 3, -10 80, -7 9, -22 -33)', 4326), 26918));
--> st_asewkt:varchar
--> SRID=26918;LINESTRING(73106.6977300955 15556182.9688576,14347201.5059964 1545178.32934967,1515090.41262989 9522193.25115316,10491250.83295 2575457.28410878,5672303.72135968 -5233682.61176205)
SELECT ST_AsEWKT(ST_Transform(ST_GeomFromText('POLYGON Z ((-10 10 -7, -65 10 -6, -10 64 -5, -10 10 -7), (-11 11 5, -11 12 6, -12 11 7, -11 11 5))', 6989), 6317));
--> st_asewkt:varchar
--> SRID=6317;POLYGON Z ((6186430.2771091 -1090834.57212608 1100247.33216237,2654831.67853801 -5693304.90741276 1100247.50581055,2760987.41750022 -486836.575101877 5709710.44137268,6186430.2771091 -1090834.57212608 1100247.33216237),(6146675.25029258 -1194792.63532103 1209007.1115113,6125027.87562215 -1190584.81194058 1317403.77865723,6124888.99555252 -1301885.3455052 1209007.49312929,6146675.25029258 -1194792.63532103 1209007.1115113))
-- source: ST_Union-function
SELECT ST_AsEWKT(ST_Union(ST_GeomFromText('POLYGON((0 0,100 100,0 200,0 0))'), ST_GeomFromText('POLYGON((0 0,10 0,0 10,0 0))')));
--> st_asewkt:varchar
--> POLYGON((0 0,0 200,100 100,5 5,10 0,0 0))
