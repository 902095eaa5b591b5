-- NULL is neither equal nor unequal; IS and IN say so.
-- source: r_null_condition

SELECT NULL = NULL AS eq, NULL <> 1 AS ne, NULL IS NULL AS is_null, 1 IS NOT NULL AS not_null, NULL AND false AS f, NULL OR true AS t, NOT NULL AS n;
--> eq:bool | ne:bool | is_null:bool | not_null:bool | f:bool | t:bool | n:bool
--> NULL | NULL | t | t | f | t | NULL
SELECT 1 IN (2, NULL) AS unknown, 1 NOT IN (2, NULL) AS also, 1 IN (1, NULL) AS yes, NULL BETWEEN 1 AND 2 AS b;
--> unknown:bool | also:bool | yes:bool | b:bool
--> NULL | NULL | t | NULL
SELECT true IS TRUE AS a, NULL IS NOT TRUE AS b, false IS UNKNOWN AS c, NULL::boolean IS UNKNOWN AS d;
--> a:bool | b:bool | c:bool | d:bool
--> t | t | f | t
SELECT 'a' < 'B' AS bytes, 'é' > 'z' AS beyond_ascii, '' IS NULL AS empty, 'a' <> 'b' AS ne, 1 != 2 AS ne2;
--> bytes:bool | beyond_ascii:bool | empty:bool | ne:bool | ne2:bool
--> f | t | f | t | t
