-- Session parameters choose between NULL and an error for paths, casts and parsing, and the case of attributes.
-- source: super-configurations

CREATE TABLE s (id integer, data super);
INSERT INTO s VALUES (1, json_parse('{"Name":"Ann","name":"small","list":[1,2],"n":null}')), (2, NULL);
SELECT id, data.missing AS a, data.list[7] AS b, data.name.deeper AS c, data.list::integer AS d FROM s ORDER BY id;
--> id:int4 | a:super | b:super | c:super | d:int4
--> 1 | NULL | NULL | NULL | NULL
--> 2 | NULL | NULL | NULL | NULL
SET navigate_super_null_on_error = off;
--> SET
SELECT data.list[1] AS b, data.n AS n FROM s ORDER BY id;
--> b:super | n:super
--> 2 | NULL
--> NULL | NULL
SELECT data.missing FROM s;
--> ERROR 22023: the SUPER object has no attribute "missing"
SELECT data.list[7] FROM s;
--> ERROR 22023: the SUPER array has no element [7]
SELECT data.name.deeper FROM s;
--> ERROR 22023: navigation to "deeper" in a SUPER value that is no object
SELECT data[0] FROM s;
--> ERROR 22023: navigation to [0] in a SUPER value that is no array
RESET navigate_super_null_on_error;
SET cast_super_null_on_error = off;
--> SET
SELECT data.list[0]::integer AS one, data.name::varchar AS name FROM s ORDER BY id;
--> one:int4 | name:varchar
--> 1 | small
--> NULL | NULL
SELECT data.name::integer FROM s;
--> ERROR 22018: cannot cast this SUPER value to integer
SELECT data.list::varchar FROM s;
--> ERROR 22018: cannot cast this SUPER value to character varying
RESET cast_super_null_on_error;
SELECT json_parse('{bad');
--> ERROR 22P02: JSON parsing error: invalid JSON
SET parse_super_null_on_error = on;
--> SET
SELECT json_parse('{bad') AS none, json_parse('1.50') AS some;
--> none:super | some:super
--> NULL | 1.50
RESET parse_super_null_on_error;
SELECT data.Name AS n, data."Name" AS q, data['Name'] AS k FROM s WHERE id = 1;
--> n:super | q:super | k:super
--> "small" | "small" | "Ann"
SET enable_case_sensitive_super_attribute = true;
--> SET
SELECT data.Name AS n, data."name" AS q, DATA.NAME AS upper_ FROM s WHERE id = 1;
--> n:super | q:super | upper_:super
--> "Ann" | "small" | NULL
