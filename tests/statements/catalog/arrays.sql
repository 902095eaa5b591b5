-- Arrays as queries of the catalog write them.
-- source: c_SQL_functions_leader_node_only

SELECT relname FROM pg_class WHERE relname = ANY (ARRAY['pg_class', 'pg_type']) ORDER BY 1;
--> relname:name
--> pg_class
--> pg_type
SELECT array_to_string(ARRAY(SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg_c%'), ',') AS names, ARRAY(SELECT nspname FROM pg_namespace WHERE false) AS none FROM pg_class WHERE oid = 1259;
--> names:text | none:name[]
--> pg_catalog | {}
SELECT (ARRAY['a', 'b'])[1] AS first, array_upper(ARRAY[5, 6, 7], 1) AS upper, array_lower('3 4'::int2vector, 1) AS lower FROM pg_class WHERE oid = 1259;
--> first:text | upper:int4 | lower:int4
--> a | 3 | 0
SELECT array_agg(nspname ORDER BY nspname) AS names, string_agg(nspname, '+' ORDER BY nspname DESC) AS joined FROM pg_namespace WHERE nspname IN ('public', 'pg_catalog');
--> names:name[] | joined:varchar
--> {pg_catalog,public} | public+pg_catalog
SELECT x, place FROM pg_class c, unnest(ARRAY['p', 'q']) WITH ORDINALITY AS u(x, place) WHERE c.oid = 1259 ORDER BY 2;
--> x:text | place:int8
--> p | 1
--> q | 2
SELECT unnest(proargtypes)::regtype AS takes, generate_subscripts(proargtypes, 1) AS place FROM pg_proc WHERE proname = 'split_part' ORDER BY 2;
--> takes:regtype | place:int4
--> character varying | 0
--> character varying | 1
--> integer | 2
SELECT relname FROM pg_class WHERE relname OPERATOR(pg_catalog.~) '^(pg_class)$' COLLATE pg_catalog.default;
--> relname:name
--> pg_class
SELECT relname::pg_catalog.text FROM pg_class WHERE relname OPERATOR(pg_catalog.!~) '^pg_' AND relnamespace = 'pg_catalog'::regnamespace AND relname LIKE 'svv_external_sch%';
--> relname:text
--> svv_external_schemas
