"""Functions that Redshift has and we have not, each with the reason.

Received by name by the binder, which refuses a call (`0A000`) instead of calling the name unknown; the page of functions
lists them. What is in neither catalogue is no function of Redshift's.

Source: Redshift Developer Guide, "SQL functions reference", chapter by chapter.
"""

from __future__ import annotations

_SPATIAL = """
    AddBBox DropBBox GeometryType SupportsBBox H3_FromLongLat H3_FromPoint H3_PolyFill ST_AddPoint ST_Angle ST_Area
    ST_AsBinary ST_AsEWKB ST_AsEWKT ST_AsGeoJSON ST_AsHexEWKB ST_AsHexWKB ST_AsText ST_Azimuth ST_Boundary ST_Buffer
    ST_Centroid ST_Collect ST_Contains ST_ContainsProperly ST_ConvexHull ST_CoveredBy ST_Covers ST_Crosses ST_DWithin
    ST_Dimension ST_Disjoint ST_Distance ST_DistanceSphere ST_EndPoint ST_Envelope ST_Equals ST_ExteriorRing ST_Force2D
    ST_Force3D ST_Force3DM ST_Force3DZ ST_Force4D ST_GeoHash ST_GeogFromText ST_GeogFromWKB ST_GeomFromEWKB
    ST_GeomFromEWKT ST_GeomFromGeoHash ST_GeomFromGeoJSON ST_GeomFromText ST_GeomFromWKB ST_GeometryN ST_GeometryType
    ST_InteriorRingN ST_Intersection ST_Intersects ST_IsClosed ST_IsCollection ST_IsEmpty ST_IsPolygonCCW
    ST_IsPolygonCW ST_IsRing ST_IsSimple ST_IsValid ST_Length ST_Length2D ST_LengthSphere ST_LineFromMultiPoint
    ST_LineInterpolatePoint ST_M ST_MMax ST_MMin ST_MakeEnvelope ST_MakeLine ST_MakePoint ST_MakePolygon ST_MemSize
    ST_Multi ST_NDims ST_NPoints ST_NRings ST_NumGeometries ST_NumInteriorRings ST_NumPoints ST_Perimeter
    ST_Perimeter2D ST_Point ST_PointN ST_Points ST_Polygon ST_RemovePoint ST_Reverse ST_SRID ST_SetPoint ST_SetSRID
    ST_Simplify ST_StartPoint ST_Touches ST_Transform ST_Union ST_Within ST_X ST_XMax ST_XMin ST_Y ST_YMax ST_YMin ST_Z
    ST_ZMax ST_ZMin
"""
_GROUPS = {
    "there are no spatial types": _SPATIAL,
    "there is no HLLSKETCH type; HLL and APPROXIMATE COUNT count": (
        "HLL_CREATE_SKETCH HLL_CARDINALITY HLL_COMBINE HLL_COMBINE_SKETCHES"
    ),
    "there are no models": "EXPLAIN_MODEL",
    "there are no query queues": "CHANGE_QUERY_PRIORITY CHANGE_SESSION_PRIORITY CHANGE_USER_PRIORITY",
    "there is no cluster": "REBOOT_CLUSTER",
    "there is no AWS account behind a session": (
        "CURRENT_AWS_ACCOUNT CURRENT_NAMESPACE CURRENT_SESSION_ARN DEFAULT_IAM_ROLE GET_MOUNTED_ROLE "
        "PG_GET_GRANTEE_BY_IAM_ROLE PG_GET_IAM_ROLE_BY_USER PG_GET_SESSION_ROLES"
    ),
    "use SET": "SET_CONFIG",
    "the documentation names no algorithm": "CHECKSUM",
    "write the object anew with OBJECT": "OBJECT_TRANSFORM",
}

KNOWN: dict[str, str] = {name.lower(): reason for reason, names in _GROUPS.items() for name in names.split()}
"""The reason by name, lower case."""
