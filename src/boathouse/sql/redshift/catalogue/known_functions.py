"""Functions that Redshift has and we have not, each with the reason.

Received by name by the binder, which refuses a call (`0A000`) instead of calling the name unknown; the page of functions
lists them. What is in neither catalogue is no function of Redshift's.

Source: Redshift Developer Guide, "SQL functions reference", chapter by chapter.
"""

from __future__ import annotations

_GROUPS = {
    "geometries are stored without a bounding box": "DropBBox",
    "there are no H3 indexes": "H3_FromLongLat H3_FromPoint H3_PolyFill",
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
    "Redshift has it on its leader node alone, and deprecates it": (
        "AGE CURRENT_TIME LOCALTIME ISFINITE GET_BIT GET_BYTE SET_BIT SET_BYTE TO_ASCII"
    ),
    "write the object anew with OBJECT": "OBJECT_TRANSFORM",
}

KNOWN: dict[str, str] = {name.lower(): reason for reason, names in _GROUPS.items() for name in names.split()}
"""The reason by name, lower case."""
