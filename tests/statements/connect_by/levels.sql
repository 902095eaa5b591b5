-- CONNECT BY follows rows to their children: roots by START WITH, parents by PRIOR, depth by LEVEL.
-- source: r_CONNECT_BY_clause

CREATE TABLE employee (id int, name varchar(20), manager_id int);
INSERT INTO employee VALUES (100, 'Carlos', NULL), (101, 'John', 100), (102, 'Jorge', 101), (103, 'Kwaku', 101), (110, 'Liu', 101), (106, 'Mateo', 102), (110, 'Nikki', 103), (104, 'Paulo', 103), (105, 'Richard', 103), (120, 'Saanvi', 104), (200, 'Shirley', 104), (201, 'Sofía', 102), (205, 'Zhang', 104);
SELECT id, name, manager_id FROM employee WHERE LEVEL < 4 START WITH name = 'John' CONNECT BY PRIOR id = manager_id ORDER BY level, id, name;
--> id:int4 | name:varchar(20) | manager_id:int4
--> 101 | John | 100
--> 102 | Jorge | 101
--> 103 | Kwaku | 101
--> 110 | Liu | 101
--> 104 | Paulo | 103
--> 105 | Richard | 103
--> 106 | Mateo | 102
--> 110 | Nikki | 103
--> 201 | Sofía | 102
SELECT count(*) AS n, max(level) AS deepest FROM employee START WITH name = 'John' CONNECT BY PRIOR id = manager_id;
--> n:int8 | deepest:int4
--> 12 | 4
SELECT * FROM employee CONNECT BY PRIOR id = manager_id AND level < 3 START WITH id = 102 ORDER BY id;
--> id:int4 | name:varchar(20) | manager_id:int4
--> 102 | Jorge | 101
--> 106 | Mateo | 102
--> 201 | Sofía | 102
SELECT e.name, level FROM employee AS e START WITH e.manager_id IS NULL CONNECT BY e.manager_id = PRIOR e.id ORDER BY level, e.name LIMIT 4;
--> name:varchar(20) | level:int4
--> Carlos | 1
--> John | 2
--> Jorge | 3
--> Kwaku | 3
SELECT name, level FROM employee START WITH id = 120 CONNECT BY id = PRIOR manager_id ORDER BY level;
--> name:varchar(20) | level:int4
--> Saanvi | 1
--> Paulo | 2
--> Kwaku | 3
--> John | 4
--> Carlos | 5
SELECT count(*) AS pairs FROM employee CONNECT BY PRIOR id = manager_id;
--> pairs:int8
--> 47
SELECT name FROM (SELECT id AS i, name, manager_id AS m FROM employee WHERE id > 101) s START WITH i = 103 CONNECT BY PRIOR i = m ORDER BY name;
--> name:varchar(20)
--> Kwaku
--> Nikki
--> Paulo
--> Richard
--> Saanvi
--> Shirley
--> Zhang
UPDATE employee SET manager_id = 205 WHERE id = 104;
--> UPDATE 1
SELECT count(*) FROM employee START WITH id = 104 CONNECT BY PRIOR id = manager_id;
--> ERROR 54001: CONNECT BY goes deeper than 1000 levels: is there a cycle?
SELECT id FROM employee CONNECT BY NOCYCLE PRIOR id = manager_id;
--> ERROR 42601: syntax error at or near "nocycle"
SELECT id FROM employee CONNECT BY id = manager_id;
--> ERROR 42601: CONNECT BY needs a condition with PRIOR
SELECT sys_connect_by_path(name, '/') FROM employee CONNECT BY PRIOR id = manager_id;
--> ERROR 42601 at 8: syntax error at or near "sys_connect_by_path"
