-- COPY of JSON: objects by name, whatever the letters' case, by JSONPaths, and as whole documents.
-- source: copy-parameters-data-format
-- file copy_json/objects: {"id": 1, "name": "one", "Score": 1.5}\n{"id": 2,\n "name": null, "extra": [1]}\n
-- file copy_json/upper: {"ID": 3, "Name": "three", "SCORE": "2.25"}
-- file copy_json/nested: {"key": {"id": 4}, "names": ["x", "four"], "score": 4}
-- file copy_json/arrays: [5, "five", 5.125][6, "six", 6]
-- file copy_json/paths: {"jsonpaths": ["$.key.id", "$['names'][1]", "$.score"]}
-- file copy_json/places: {"jsonpaths": ["$[0]", "$[1]", "$[2]"]}
-- file copy_json/two: {"jsonpaths": ["$.id", "$.name"]}
-- file copy_json/wrong: {"paths": ["$.id"]}
-- file copy_json/broken: {"id": 7, "name": "seven"}\n{"id": 8, "name": \n

CREATE TABLE t (id integer, name varchar(20), score numeric(9,2));
COPY t FROM 'copy_json/objects' JSON;
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_json/upper' FORMAT AS JSON 'auto ignorecase';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_json/nested' JSON AS 'copy_json/paths';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
COPY t FROM 'copy_json/arrays' JSON 'copy_json/places';
--> INFO: Load into table 't' completed, 2 record(s) loaded successfully.
--> COPY
SELECT * FROM t ORDER BY id;
--> id:int4 | name:varchar(20) | score:numeric(9,2)
--> 1 | one | NULL
--> 2 | NULL | NULL
--> 3 | three | 2.25
--> 4 | four | 4.00
--> 5 | five | 5.12
--> 6 | six | 6.00
CREATE TABLE documents (whole super);
COPY documents FROM 'copy_json/nested' JSON 'noshred';
--> INFO: Load into table 'documents' completed, 1 record(s) loaded successfully.
--> COPY
SELECT whole.names[1]::varchar AS name, whole FROM documents;
--> name:varchar | whole:super
--> four | {"key":{"id":4},"names":["x","four"],"score":4}
COPY t FROM 'copy_json/upper' JSON 'auto';
--> INFO: Load into table 't' completed, 1 record(s) loaded successfully.
--> COPY
SELECT count(*) FROM t WHERE id IS NULL;
--> count:int8
--> 1
COPY t FROM 'copy_json/objects' JSON 'copy_json/two';
--> ERROR 22023: the JSONPaths file has 2 paths for 3 columns
COPY t FROM 'copy_json/broken' JSON 'auto';
--> ERROR XX000: "…/copy_json/broken": line 3: not well-formed JSON: Expecting value
SELECT count(*) FROM t WHERE id > 6;
--> count:int8
--> 0
COPY t FROM 'copy_json/objects' JSON 'noshred';
--> ERROR 22023: JSON 'noshred' loads one SUPER column
COPY t FROM 'copy_json/objects' JSON DELIMITER ',';
--> ERROR 22023 at 38: COPY option DELIMITER cannot be used with JSON
COPY t FROM 'copy_json/objects' JSON 'copy_json/nowhere';
--> ERROR 58030: cannot read "…/copy_json/nowhere": no such file or directory
