-- What a geometry is, what it consists of and how large it is, as the guide's own examples have it.
-- source: GeometryType-function
SELECT GeometryType(ST_GeomFromText('POLYGON((0 2,1 1,0 -1,0 2))'));
--> geometrytype:varchar
--> POLYGON
-- source: ST_GeometryType-function
SELECT ST_GeometryType(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_geometrytype:varchar
--> ST_LineString
-- source: ST_Dimension-function
SELECT ST_Dimension(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_dimension:int4
--> 1
-- source: ST_EndPoint-function
SELECT ST_AsEWKT(ST_EndPoint(ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5)',4326)));
--> st_asewkt:varchar
--> SRID=4326;POINT(0 5)
-- source: ST_ExteriorRing-function
SELECT ST_AsEWKT(ST_ExteriorRing(ST_GeomFromText('POLYGON((7 9,8 7,11 6,15 8,16 6,17 7,17 10,18 12,17 14,15 15,11 15,10 13,9 12,7 9),(9 9,10 10,11 11,11 10,10 8,9 9),(12 14,15 14,13 11,12 14))')));
--> st_asewkt:varchar
--> LINESTRING(7 9,8 7,11 6,15 8,16 6,17 7,17 10,18 12,17 14,15 15,11 15,10 13,9 12,7 9)
-- source: ST_GeometryN-function
WITH tmp1(idx) AS (SELECT 1 UNION SELECT 2),
tmp2(g) AS (SELECT ST_GeomFromText('GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),LINESTRING(20 10,20 0,10 0))'))
SELECT idx, ST_AsEWKT(ST_GeometryN(g, idx)) FROM tmp1, tmp2 ORDER BY idx;
--> idx:int4 | st_asewkt:varchar
--> 1 | POLYGON((0 0,10 0,0 10,0 0))
--> 2 | LINESTRING(20 10,20 0,10 0)
-- source: ST_InteriorRingN-function
SELECT ST_AsEWKT(ST_InteriorRingN(ST_GeomFromText('POLYGON((7 9,8 7,11 6,15 8,16 6,17 7,17 10,18 12,17 14,15 15,11 15,10 13,9 12,7 9),(9 9,10 10,11 11,11 10,10 8,9 9),(12 14,15 14,13 11,12 14))'),2));
--> st_asewkt:varchar
--> LINESTRING(12 14,15 14,13 11,12 14)
-- source: ST_IsClosed-function
SELECT ST_IsClosed(ST_GeomFromText('POLYGON((0 2,1 1,0 -1,0 2))'));
--> st_isclosed:bool
--> t
-- source: ST_IsCollection-function
SELECT ST_IsCollection(ST_GeomFromText('POLYGON((0 2,1 1,0 -1,0 2))'));
--> st_iscollection:bool
--> f
-- source: ST_IsEmpty-function
SELECT ST_IsEmpty(ST_GeomFromText('POLYGON((0 2,1 1,0 -1,0 2))'));
--> st_isempty:bool
--> f
-- source: ST_IsPolygonCCW-function
SELECT ST_IsPolygonCCW(ST_GeomFromText('POLYGON((7 9,8 7,11 6,15 8,16 6,17 7,17 10,18 12,17 14,15 15,11 15,10 13,9 12,7 9),(9 9,10 10,11 11,11 10,10 8,9 9),(12 14,15 14,13 11,12 14))'));
--> st_ispolygonccw:bool
--> t
-- source: ST_IsRing-function
SELECT ST_IsRing(ST_GeomFromText('linestring(0 0, 1 1, 1 2, 0 0)'));
--> st_isring:bool
--> t
-- source: ST_IsSimple-function
SELECT ST_IsSimple(ST_GeomFromText('LINESTRING(0 0,10 0,5 5,5 -5)'));
--> st_issimple:bool
--> f
-- source: ST_IsValid-function
SELECT ST_IsValid(ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0),(5 0,10 5,5 10,0 5,5 0))'));
--> st_isvalid:bool
--> f
-- source: ST_M-function
SELECT ST_M(ST_GeomFromEWKT('POINT M (1 2 3)'));
--> st_m:float8
--> 3
SELECT ST_M(ST_GeomFromEWKT('POINT ZM (1 2 3 4)'));
--> st_m:float8
--> 4
-- source: ST_MMax-function
SELECT ST_MMax(ST_GeomFromEWKT('LINESTRING M (0 1 2, 3 4 5, 6 7 8)'));
--> st_mmax:float8
--> 8
SELECT ST_MMax(ST_GeomFromEWKT('LINESTRING ZM (0 1 2 3, 4 5 6 7, 8 9 10 11)'));
--> st_mmax:float8
--> 11
-- source: ST_MMin-function
SELECT ST_MMin(ST_GeomFromEWKT('LINESTRING M (0 1 2, 3 4 5, 6 7 8)'));
--> st_mmin:float8
--> 2
SELECT ST_MMin(ST_GeomFromEWKT('LINESTRING ZM (0 1 2 3, 4 5 6 7, 8 9 10 11)'));
--> st_mmin:float8
--> 3
-- source: ST_NDims-function
SELECT ST_NDims(ST_GeomFromText('LINESTRING(0 0,1 1,2 2,0 0)'));
--> st_ndims:int4
--> 2
SELECT ST_NDims(ST_GeomFromText('LINESTRING Z(0 0 3,1 1 3,2 2 3,0 0 3)'));
--> st_ndims:int4
--> 3
SELECT ST_NDims(ST_GeomFromText('LINESTRING M(0 0 4,1 1 4,2 2 4,0 0 4)'));
--> st_ndims:int4
--> 3
SELECT ST_NDims(ST_GeomFromText('LINESTRING ZM(0 0 3 4,1 1 3 4,2 2 3 4,0 0 3 4)'));
--> st_ndims:int4
--> 4
-- source: ST_NPoints-function
SELECT ST_NPoints(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_npoints:int4
--> 4
SELECT ST_NPoints(ST_GeogFromText('LINESTRING(110 40, 2 3, -10 80, -7 9)'));
--> st_npoints:int4
--> 4
-- source: ST_NRings-function
SELECT ST_NRings(ST_GeomFromText('MULTIPOLYGON(((0 0,10 0,0 10,0 0)),((0 0,-10 0,0 -10,0 0)))'));
--> st_nrings:int4
--> 2
-- source: ST_NumGeometries-function
SELECT ST_NumGeometries(ST_GeomFromText('MULTILINESTRING((0 0,1 0,0 5),(3 4,13 26))'));
--> st_numgeometries:int4
--> 2
-- source: ST_NumInteriorRings-function
SELECT ST_NumInteriorRings(ST_GeomFromText('POLYGON((0 0,100 0,100 100,0 100,0 0),(1 1,1 5,5 1,1 1),(7 7,7 8,8 7,7 7))'));
--> st_numinteriorrings:int4
--> 2
-- source: ST_NumPoints-function
SELECT ST_NumPoints(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_numpoints:int4
--> 4
SELECT ST_NumPoints(ST_GeomFromText('MULTIPOINT(1 2,3 4)'));
--> st_numpoints:int4
--> NULL
-- source: ST_PointN-function
SELECT ST_AsEWKT(ST_PointN(ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5,0 0)',4326), 5));
--> st_asewkt:varchar
--> SRID=4326;POINT(0 5)
-- source: ST_SRID-function
SELECT ST_SRID(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_srid:int4
--> 0
-- source: ST_StartPoint-function
SELECT ST_AsEWKT(ST_StartPoint(ST_GeomFromText('LINESTRING(0 0,10 0,10 10,5 5,0 5)',4326)));
--> st_asewkt:varchar
--> SRID=4326;POINT(0 0)
-- source: ST_X-function
SELECT ST_X(ST_Point(1,2));
--> st_x:float8
--> 1
-- source: ST_XMax-function
SELECT ST_XMax(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_xmax:float8
--> 77.42
-- source: ST_XMin-function
SELECT ST_XMin(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_xmin:float8
--> 77.27
-- source: ST_Y-function
SELECT ST_Y(ST_Point(1,2));
--> st_y:float8
--> 2
-- source: ST_YMax-function
SELECT ST_YMax(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_ymax:float8
--> 29.31
-- source: ST_YMin-function
SELECT ST_YMin(ST_GeomFromText('LINESTRING(77.29 29.07,77.42 29.26,77.27 29.31,77.29 29.07)'));
--> st_ymin:float8
--> 29.07
-- source: ST_Z-function
SELECT ST_Z(ST_GeomFromEWKT('POINT Z (1 2 3)'));
--> st_z:float8
--> 3
SELECT ST_Z(ST_GeomFromEWKT('POINT ZM (1 2 3 4)'));
--> st_z:float8
--> 3
-- source: ST_ZMax-function
SELECT ST_ZMax(ST_GeomFromEWKT('LINESTRING Z (0 1 2, 3 4 5, 6 7 8)'));
--> st_zmax:float8
--> 8
SELECT ST_ZMax(ST_GeomFromEWKT('LINESTRING ZM (0 1 2 3, 4 5 6 7, 8 9 10 11)'));
--> st_zmax:float8
--> 10
-- source: ST_ZMin-function
SELECT ST_ZMin(ST_GeomFromEWKT('LINESTRING Z (0 1 2, 3 4 5, 6 7 8)'));
--> st_zmin:float8
--> 2
SELECT ST_ZMin(ST_GeomFromEWKT('LINESTRING ZM (0 1 2 3, 4 5 6 7, 8 9 10 11)'));
--> st_zmin:float8
--> 2
-- source: SupportsBBox-function
SELECT SupportsBBox(AddBBox(ST_GeomFromText('POLYGON((0 0,1 0,0 1,0 0))')));
--> supportsbbox:bool
--> t
-- source: AddBBox-function
SELECT ST_AsText(AddBBox(ST_GeomFromText('POLYGON((0 0,1 0,0 1,0 0))')));
--> st_astext:varchar
--> POLYGON((0 0,1 0,0 1,0 0))
