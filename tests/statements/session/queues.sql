-- Slots are 1 to 50; without a configuration there is one queue, and the superusers' own; what reads no table needs no slot.
-- source: r_wlm_query_slot_count
CREATE TABLE t (n integer);
INSERT INTO t VALUES (1), (2);
SHOW wlm_query_slot_count;
--> wlm_query_slot_count:varchar
--> 1
SET wlm_query_slot_count TO 0;
--> ERROR 22023: 0 is outside the valid range for parameter "wlm_query_slot_count" (1 .. 50)
SET wlm_query_slot_count TO 51;
--> ERROR 22023: 51 is outside the valid range for parameter "wlm_query_slot_count" (1 .. 50)
SET wlm_query_slot_count TO 3;
--> SET
SET query_group TO 'script_queues';
--> SET
SELECT sum(n) AS total FROM t WHERE n > 0;
--> total:int8
--> 3
SELECT 1 AS one;
--> one:int4
--> 1
SELECT trim(querytxt) AS text, w.service_class, slot_count, trim(final_state) AS state, total_queue_time < 1000000 AS at_once FROM stl_query q JOIN stl_wlm_query w USING (query) WHERE label = 'script_queues' AND querytxt LIKE 'SELECT%' ORDER BY query LIMIT 1;
--> text:varchar | service_class:int4 | slot_count:int4 | state:varchar | at_once:bool
--> SELECT sum(n) AS total FROM t WHERE n > 0 | 6 | 3 | Completed | t
SELECT count(*) AS without_slot FROM stl_query q LEFT JOIN stl_wlm_query w USING (query) WHERE label = 'script_queues' AND trim(querytxt) = 'SELECT 1 AS one' AND w.query IS NULL;
--> without_slot:int8
--> 1
SELECT service_class, trim(name) AS name, trim(query_priority) AS priority FROM stv_wlm_service_class_config ORDER BY 1;
--> service_class:int4 | name:varchar | priority:varchar
--> 5 | Service class for super user | n/a
--> 6 | Default queue | n/a
SET query_group TO superuser;
--> SET
SELECT trim(condition) AS condition, action_service_class FROM stv_wlm_classification_config ORDER BY id;
--> condition:varchar | action_service_class:int4
--> (super user) and (query group: superuser) | 5
--> (querytype: any) | 6
SET wlm_query_slot_count TO 2;
--> SET
SELECT count(*) AS rows FROM t;
--> ERROR 22023: wlm_query_slot_count is 2, but the queue "Service class for super user" has 1 slots
RESET query_group;
--> RESET
