-- CONNECT BY over a join: the join is made first, each of its rows is a node, and names mean what they mean in FROM.
-- source: r_CONNECT_BY_clause

CREATE TABLE employee (id int, name varchar(20), manager_id int, dept int);
INSERT INTO employee VALUES (1, 'Ann', NULL, 10), (2, 'Bob', 1, 10), (3, 'Cid', 1, 20), (4, 'Dan', 2, 20), (5, 'Eve', 4, 30), (6, 'Flo', 3, 99);
CREATE TABLE department (dept int, name varchar(10), floor smallint);
INSERT INTO department VALUES (10, 'head', 3), (20, 'sales', 1), (30, 'shop', 0);
SELECT e.name, d.name AS department, level FROM employee e JOIN department d ON e.dept = d.dept START WITH e.id = 1 CONNECT BY PRIOR e.id = e.manager_id ORDER BY e.id;
--> name:varchar(20) | department:varchar(10) | level:int4
--> Ann | head | 1
--> Bob | head | 2
--> Cid | sales | 2
--> Dan | sales | 3
--> Eve | shop | 4
-- USING's column has one value, which PRIOR takes too: here, only those in their manager's department.
SELECT *, level FROM employee e JOIN department d USING (dept) START WITH manager_id IS NULL CONNECT BY PRIOR id = manager_id AND PRIOR dept = dept ORDER BY id;
--> dept:int4 | id:int4 | name:varchar(20) | manager_id:int4 | name:varchar(10) | floor:int2 | level:int4
--> 10 | 1 | Ann | NULL | head | 3 | 1
--> 10 | 2 | Bob | 1 | head | 3 | 2
SELECT d.*, count(*) AS n, min(level) AS first FROM employee e LEFT JOIN department d ON e.dept = d.dept START WITH e.id = 1 CONNECT BY PRIOR e.id = e.manager_id GROUP BY d.dept, d.name, d.floor ORDER BY d.dept;
--> dept:int4 | name:varchar(10) | floor:int2 | n:int8 | first:int4
--> 10 | head | 3 | 2 | 1
--> 20 | sales | 1 | 2 | 2
--> 30 | shop | 0 | 1 | 4
--> NULL | NULL | NULL | 1 | 3
-- A condition of WHERE that joins items of a list goes before the hierarchy, any other after it: Dan goes, not Eve below him.
SELECT e.name, d.floor, level FROM employee e, department d WHERE e.dept = d.dept AND d.floor <> 1 AND level > 1 START WITH e.id = 1 CONNECT BY PRIOR e.id = e.manager_id ORDER BY 1;
--> name:varchar(20) | floor:int2 | level:int4
--> Bob | 3 | 2
--> Eve | 0 | 4
SELECT count(*) FROM employee e, department d START WITH e.id = 4 CONNECT BY PRIOR e.id = e.manager_id AND PRIOR d.floor > d.floor;
--> count:int8
--> 6
SELECT m.name, (SELECT count(*) FROM employee s WHERE s.manager_id = e.id AND s.dept >= d.dept) AS near, (e.id, level) IN (SELECT 4, 2) AS is_dan FROM employee e INNER JOIN department d ON e.dept = d.dept LEFT JOIN employee m ON m.id = e.manager_id START WITH e.id IN (SELECT id FROM employee WHERE name = 'Bob') CONNECT BY PRIOR e.id = e.manager_id AND level < 3 ORDER BY level;
--> name:varchar(20) | near:int8 | is_dan:bool
--> Ann | 1 | f
--> Bob | 1 | t
WITH staff AS (SELECT id AS n, manager_id AS m FROM employee) SELECT n, level FROM (staff CROSS JOIN (SELECT 1 AS one) o) START WITH n = one CONNECT BY m = PRIOR n AND level <= PRIOR one + 1 ORDER BY n;
--> n:int4 | level:int4
--> 1 | 1
--> 2 | 2
--> 3 | 2
SELECT employee.name FROM employee, department WHERE employee.dept = department.dept CONNECT BY PRIOR id = nobody;
--> ERROR 42703 at 108: column "nobody" does not exist in employee, department
SELECT employee.id FROM employee, department CONNECT BY PRIOR name = name;
--> ERROR 42702 at 70: column reference "name" is ambiguous
SELECT name FROM employee JOIN department USING (dept) CONNECT BY PRIOR id = manager_id;
--> ERROR 42702 at 8: column reference "name" is ambiguous
CREATE TABLE carts (id int, parent int, lines super);
INSERT INTO carts VALUES (1, NULL, JSON_PARSE('[{"sku": "a"}, {"sku": "b"}]')), (2, 1, JSON_PARSE('[{"sku": "b"}]'));
SELECT c.id, l.sku, level FROM carts c, c.lines l START WITH c.parent IS NULL CONNECT BY PRIOR c.id = c.parent AND PRIOR l.sku = l.sku ORDER BY level, l.sku;
--> id:int4 | sku:super | level:int4
--> 1 | "a" | 1
--> 1 | "b" | 1
--> 2 | "b" | 2
-- FULL JOIN USING: PRIOR dept is either side's value, also where no employee is.
INSERT INTO department VALUES (100, 'attic', 9);
SELECT id, dept, level FROM employee FULL JOIN department USING (dept) START WITH dept = 99 CONNECT BY PRIOR dept + 1 = dept ORDER BY level;
--> id:int4 | dept:int4 | level:int4
--> 6 | 99 | 1
--> NULL | 100 | 2
-- A hierarchy for each row of the query around it, and one over another.
SELECT x.id, (SELECT max(level) FROM employee e JOIN department d ON e.dept = d.dept START WITH e.id = x.id CONNECT BY PRIOR e.id = e.manager_id) AS depth FROM employee x WHERE x.id < 4 ORDER BY 1;
--> id:int4 | depth:int4
--> 1 | 4
--> 2 | 3
--> 3 | 1
SELECT k, l, floor FROM (SELECT id AS k, dept, level AS l FROM employee JOIN department USING (dept) START WITH id = 2 CONNECT BY PRIOR id = manager_id) h JOIN department d ON d.dept = h.dept START WITH l = 1 CONNECT BY PRIOR l + 1 = l ORDER BY 1;
--> k:int4 | l:int4 | floor:int2
--> 2 | 1 | 3
--> 4 | 2 | 1
--> 5 | 3 | 0
SELECT e.id FROM employee e, department CONNECT BY PRIOR e.nope = e.manager_id;
--> ERROR 42703 at 60: column "nope" does not exist in e
