-- regclass and its like: names to oids and back.
-- source: c_intro_catalog_views

CREATE TABLE here (a integer);
SELECT 'here'::regclass AS class, 'here'::regclass::text AS text, 'pg_class'::regclass::oid AS oid, 1259::regclass AS again, '1259'::regclass::text AS digits, 0::oid::regclass AS nothing, 7::regclass AS unknown;
--> class:regclass | text:text | oid:oid | again:regclass | digits:text | nothing:regclass | unknown:regclass
--> here | here | 1259 | pg_class | pg_class | - | 7
SELECT 'int4'::regtype, 1043::regtype AS by_number, 'character varying'::pg_catalog.regtype::oid AS oid, 'pg_catalog'::regnamespace AS schema, 'array_in'::regproc AS proc;
--> regtype:regtype | by_number:regtype | oid:oid | schema:regnamespace | proc:regproc
--> integer | character varying | 1043 | pg_catalog | array_in
SELECT 'nowhere'::regclass;
--> ERROR 42P01: relation "nowhere" does not exist
SELECT 'nowhere'::regtype;
--> ERROR 42704: type "nowhere" does not exist
SELECT 'nowhere'::regnamespace;
--> ERROR 3F000: schema "nowhere" does not exist
SELECT relname FROM pg_class WHERE oid = 'here'::regclass AND relkind = ANY ('{r,v}'::"char"[]);
--> relname:name
--> here
SELECT '{a,"b c",NULL}'::text[] AS words, '{1,2}'::int[] AS numbers, ('{1,2}'::int[])::text AS shown, '1 2'::int2vector AS vector FROM pg_class WHERE oid = 1259;
--> words:text[] | numbers:int4[] | shown:text | vector:int2vector
--> {a,"b c",NULL} | {1,2} | {1,2} | 1 2
