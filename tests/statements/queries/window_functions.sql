-- Window functions, each by its page, over one small table.
-- source: c_Window_functions

CREATE TABLE winsales (salesid int, sellerid int, qty int, buyerid char(1));
INSERT INTO winsales VALUES (10001, 1, 10, 'c'), (10005, 1, 30, 'a'), (10006, 1, 10, 'c'), (20001, 2, 20, 'b'), (20002, 2, 20, 'c'), (30001, 3, 10, 'b'), (30003, 3, 15, 'b'), (30004, 3, 20, 'b'), (30007, 3, 30, 'c'), (40001, 4, 40, 'a'), (40005, 4, 10, 'a');
-- source: r_WF_AVG
SELECT salesid, avg(qty) OVER (ORDER BY salesid ROWS UNBOUNDED PRECEDING) AS avg, sum(qty) OVER (ORDER BY salesid ROWS UNBOUNDED PRECEDING) AS sum, count(*) OVER (ORDER BY salesid ROWS UNBOUNDED PRECEDING) AS count FROM winsales ORDER BY salesid LIMIT 4;
--> salesid:int4 | avg:int8 | sum:int8 | count:int8
--> 10001 | 10 | 10 | 1
--> 10005 | 20 | 40 | 2
--> 10006 | 16 | 50 | 3
--> 20001 | 17 | 70 | 4
-- source: r_WF_CUME_DIST
SELECT sellerid, qty, cume_dist() OVER (PARTITION BY sellerid ORDER BY qty) AS cume_dist, percent_rank() OVER (PARTITION BY sellerid ORDER BY qty) AS percent_rank FROM winsales WHERE sellerid = 3 ORDER BY qty;
--> sellerid:int4 | qty:int4 | cume_dist:float8 | percent_rank:float8
--> 3 | 10 | 0.25 | 0
--> 3 | 15 | 0.5 | 0.3333333333333333
--> 3 | 20 | 0.75 | 0.6666666666666666
--> 3 | 30 | 1 | 1
-- source: r_WF_DENSE_RANK
SELECT salesid, qty, dense_rank() OVER (ORDER BY qty DESC) AS d_rnk, rank() OVER (ORDER BY qty DESC) AS rnk, row_number() OVER (ORDER BY qty DESC, salesid) AS row FROM winsales ORDER BY 2 DESC, 1 LIMIT 5;
--> salesid:int4 | qty:int4 | d_rnk:int8 | rnk:int8 | row:int8
--> 40001 | 40 | 1 | 1 | 1
--> 10005 | 30 | 2 | 2 | 2
--> 30007 | 30 | 2 | 2 | 3
--> 20001 | 20 | 3 | 4 | 4
--> 20002 | 20 | 3 | 4 | 5
-- source: r_WF_first_value
SELECT salesid, first_value(qty) OVER (PARTITION BY sellerid ORDER BY salesid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS first, last_value(qty) OVER (PARTITION BY sellerid ORDER BY salesid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last FROM winsales WHERE sellerid IN (1, 3) ORDER BY salesid;
--> salesid:int4 | first:int4 | last:int4
--> 10001 | 10 | 10
--> 10005 | 10 | 10
--> 10006 | 10 | 10
--> 30001 | 10 | 30
--> 30003 | 10 | 30
--> 30004 | 10 | 30
--> 30007 | 10 | 30
SELECT salesid, first_value(nullif(qty, 10) IGNORE NULLS) OVER (PARTITION BY sellerid ORDER BY salesid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS first FROM winsales WHERE sellerid = 3 ORDER BY salesid;
--> salesid:int4 | first:int4
--> 30001 | 15
--> 30003 | 15
--> 30004 | 15
--> 30007 | 15
-- source: r_WF_LAG
SELECT salesid, qty, lag(qty, 1) OVER (ORDER BY salesid) AS before, lead(qty, 2) OVER (ORDER BY salesid) AS after, lag(qty, 1, 0) OVER (ORDER BY salesid) AS before_or_zero FROM winsales WHERE sellerid = 3 ORDER BY salesid;
--> salesid:int4 | qty:int4 | before:int4 | after:int4 | before_or_zero:int4
--> 30001 | 10 | NULL | 20 | 0
--> 30003 | 15 | 10 | 30 | 10
--> 30004 | 20 | 15 | NULL | 15
--> 30007 | 30 | 20 | NULL | 20
-- source: r_WF_NTH
SELECT salesid, nth_value(qty, 2) OVER (PARTITION BY sellerid ORDER BY qty, salesid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM winsales WHERE sellerid = 3 ORDER BY salesid;
--> salesid:int4 | second:int4
--> 30001 | 15
--> 30003 | 15
--> 30004 | 15
--> 30007 | 15
-- source: r_WF_NTILE
SELECT salesid, ntile(4) OVER (ORDER BY qty DESC, salesid) AS quarter FROM winsales ORDER BY quarter, salesid LIMIT 5;
--> salesid:int4 | quarter:int8
--> 10005 | 1
--> 30007 | 1
--> 40001 | 1
--> 20001 | 2
--> 20002 | 2
-- source: r_WF_RATIO_TO_REPORT
SELECT sellerid, qty, ratio_to_report(qty) OVER (PARTITION BY sellerid) AS ratio FROM winsales WHERE sellerid IN (1, 2) ORDER BY salesid;
--> sellerid:int4 | qty:int4 | ratio:float8
--> 1 | 10 | 0.2
--> 1 | 30 | 0.6
--> 1 | 10 | 0.2
--> 2 | 20 | 0.5
--> 2 | 20 | 0.5
-- source: r_WF_LISTAGG
SELECT DISTINCT sellerid, listagg(buyerid, '-') WITHIN GROUP (ORDER BY salesid) OVER (PARTITION BY sellerid) AS buyers FROM winsales ORDER BY sellerid;
--> sellerid:int4 | buyers:varchar
--> 1 | c-a-c
--> 2 | b-c
--> 3 | b-b-b-c
--> 4 | a-a
-- source: r_WF_MEDIAN
SELECT DISTINCT sellerid, median(qty) OVER (PARTITION BY sellerid) AS median FROM winsales ORDER BY sellerid;
--> sellerid:int4 | median:numeric(19,2)
--> 1 | 10.00
--> 2 | 20.00
--> 3 | 17.50
--> 4 | 25.00
-- source: r_WF_PERCENTILE_CONT
SELECT DISTINCT sellerid, percentile_cont(0.5) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY sellerid) AS cont, percentile_disc(0.5) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY sellerid) AS disc FROM winsales ORDER BY sellerid;
--> sellerid:int4 | cont:numeric(19,2) | disc:int4
--> 1 | 10.00 | 10
--> 2 | 20.00 | 20
--> 3 | 17.50 | 15
--> 4 | 25.00 | 10
-- source: r_WF_STDDEV
SELECT DISTINCT sellerid, round(stddev_samp(qty) OVER (PARTITION BY sellerid), 4) AS samp, round(stddev_pop(qty) OVER (PARTITION BY sellerid), 4) AS pop, var_pop(qty) OVER (PARTITION BY sellerid) AS var FROM winsales ORDER BY sellerid;
--> sellerid:int4 | samp:float8 | pop:float8 | var:float8
--> 1 | 11.547 | 9.4281 | 88.8888888888889
--> 2 | 0 | 0 | 0
--> 3 | 8.5391 | 7.3951 | 54.6875
--> 4 | 21.2132 | 15 | 225
