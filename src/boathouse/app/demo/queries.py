"""The SQL of the demonstration: tables, loads, exports to the lake, and queries over what was exported.

Received: the lake's place (`s3://bucket`) and the role that stands for its access. Handed on: steps in order, to `run`.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLE = "arn:aws:iam::111122223333:role/boathouse-demo"
DATABASE = "demo"
SCHEMA = "lake"
CRAWLER = "exports"

ACCESS_LOG_PATTERN = (
    r'([^ ]*) ([^ ]*) \[(.*?)\] ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ("[^"]*"|-) (-|[0-9]*) ([^ ]*) ([^ ]*) '
    r'([^ ]*) ([^ ]*) ([^ ]*) ("[^"]*"|-) ("[^"]*"|-) ([^ ]*).*$'
)
"""One group per field of a server access log line."""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of the demonstration.

    Attributes:
        title: what it does, for the reader.
        sql: the statement.
        shown: print the rows it returns.
    """

    title: str
    sql: str
    shown: bool = False


TABLES = {
    "customer": """
        c_custkey INTEGER NOT NULL SORTKEY, c_name VARCHAR(25) NOT NULL, c_address VARCHAR(25) NOT NULL,
        c_city VARCHAR(10) NOT NULL, c_nation VARCHAR(15) NOT NULL, c_region VARCHAR(12) NOT NULL,
        c_phone VARCHAR(15) NOT NULL, c_mktsegment VARCHAR(10) NOT NULL""",
    "supplier": """
        s_suppkey INTEGER NOT NULL SORTKEY, s_name VARCHAR(25) NOT NULL, s_address VARCHAR(25) NOT NULL,
        s_city VARCHAR(10) NOT NULL, s_nation VARCHAR(15) NOT NULL, s_region VARCHAR(12) NOT NULL,
        s_phone VARCHAR(15) NOT NULL""",
    "part": """
        p_partkey INTEGER NOT NULL SORTKEY DISTKEY, p_name VARCHAR(22) NOT NULL, p_mfgr VARCHAR(6) NOT NULL,
        p_category VARCHAR(7) NOT NULL, p_brand1 VARCHAR(9) NOT NULL, p_color VARCHAR(11) NOT NULL,
        p_type VARCHAR(25) NOT NULL, p_size INTEGER NOT NULL, p_container VARCHAR(10) NOT NULL""",
    "dwdate": """
        d_datekey INTEGER NOT NULL SORTKEY, d_date VARCHAR(19) NOT NULL, d_dayofweek VARCHAR(10) NOT NULL,
        d_month VARCHAR(10) NOT NULL, d_year INTEGER NOT NULL, d_yearmonthnum INTEGER NOT NULL,
        d_yearmonth VARCHAR(8) NOT NULL, d_daynuminweek INTEGER NOT NULL, d_daynuminmonth INTEGER NOT NULL,
        d_daynuminyear INTEGER NOT NULL, d_monthnuminyear INTEGER NOT NULL, d_weeknuminyear INTEGER NOT NULL,
        d_sellingseason VARCHAR(13) NOT NULL, d_lastdayinweekfl VARCHAR(1) NOT NULL,
        d_lastdayinmonthfl VARCHAR(1) NOT NULL, d_holidayfl VARCHAR(1) NOT NULL, d_weekdayfl VARCHAR(1) NOT NULL""",
    "lineorder": """
        lo_orderkey INTEGER NOT NULL, lo_linenumber INTEGER NOT NULL, lo_custkey INTEGER NOT NULL,
        lo_partkey INTEGER NOT NULL DISTKEY, lo_suppkey INTEGER NOT NULL, lo_orderdate INTEGER NOT NULL SORTKEY,
        lo_orderpriority VARCHAR(15) NOT NULL, lo_shippriority VARCHAR(1) NOT NULL, lo_quantity INTEGER NOT NULL,
        lo_extendedprice INTEGER NOT NULL, lo_ordertotalprice INTEGER NOT NULL, lo_discount INTEGER NOT NULL,
        lo_revenue INTEGER NOT NULL, lo_supplycost INTEGER NOT NULL, lo_tax INTEGER NOT NULL,
        lo_commitdate INTEGER NOT NULL, lo_shipmode VARCHAR(10) NOT NULL""",
    "users": """
        userid INTEGER NOT NULL DISTKEY SORTKEY, username CHAR(8), firstname VARCHAR(30), lastname VARCHAR(30),
        city VARCHAR(30), state CHAR(2), email VARCHAR(100), phone CHAR(14), likesports BOOLEAN, liketheatre BOOLEAN,
        likeconcerts BOOLEAN, likejazz BOOLEAN, likeclassical BOOLEAN, likeopera BOOLEAN, likerock BOOLEAN,
        likevegas BOOLEAN, likebroadway BOOLEAN, likemusicals BOOLEAN""",
    "date": """
        dateid SMALLINT NOT NULL DISTKEY SORTKEY, caldate DATE NOT NULL, day CHAR(3) NOT NULL, week SMALLINT NOT NULL,
        month CHAR(5) NOT NULL, qtr CHAR(5) NOT NULL, year SMALLINT NOT NULL, holiday BOOLEAN DEFAULT false""",
    "event": """
        eventid INTEGER NOT NULL DISTKEY, venueid SMALLINT NOT NULL, catid SMALLINT NOT NULL,
        dateid SMALLINT NOT NULL SORTKEY, eventname VARCHAR(200), starttime TIMESTAMP""",
}

_LOADS = {
    "customer": ("ssb/customer", "GZIP"),
    "supplier": ("ssb/supplier", "GZIP"),
    "part": ("ssb/part", "GZIP"),
    "dwdate": ("ssb/dwdate", "GZIP"),
    "lineorder": ("ssb/lineorder", "GZIP"),
    "users": ("tickit/allusers_pipe.txt", ""),
    "date": ("tickit/date2008_pipe.txt", ""),
    "event": ("tickit/allevents_pipe.txt", "TIMEFORMAT 'YYYY-MM-DD HH:MI:SS'"),
}

_EXPORTS = {
    "monthly_revenue_by_region_manufacturer_category_brand": (
        "supplier_region, year, month",
        """SELECT d_month AS month, d_year AS year, s_region AS supplier_region, p_mfgr AS manufacturer,
                  p_category AS category, p_brand1 AS brand, sum(lo_revenue) AS revenue
             FROM lineorder
             JOIN dwdate ON lo_orderdate = d_datekey
             JOIN part ON lo_partkey = p_partkey
             JOIN supplier ON lo_suppkey = s_suppkey
            GROUP BY d_month, d_year, s_region, p_mfgr, p_category, p_brand1""",
    ),
    "monthly_revenue_by_region_city_brand": (
        "supplier_region, year",
        """SELECT d_month AS month, d_year AS year, s_region AS supplier_region, s_city AS supplier_city,
                  p_brand1 AS brand, sum(lo_revenue) AS revenue
             FROM lineorder
             JOIN dwdate ON lo_orderdate = d_datekey
             JOIN part ON lo_partkey = p_partkey
             JOIN supplier ON lo_suppkey = s_suppkey
            GROUP BY d_month, d_year, s_region, s_city, p_brand1""",
    ),
    "yearly_revenue_by_city": (
        "year, month",
        """SELECT c_city AS customer_city, s_city AS supplier_city, d_month AS month, d_year AS year,
                  sum(lo_revenue) AS revenue
             FROM lineorder
             JOIN dwdate ON lo_orderdate = d_datekey
             JOIN customer ON lo_custkey = c_custkey
             JOIN supplier ON lo_suppkey = s_suppkey
            GROUP BY c_city, s_city, d_month, d_year""",
    ),
    "total_quantity_sold_by_date": (
        "caldate",
        """SELECT d.caldate, sum(s.qtysold) AS total_quantity
             FROM {schema}.sales s
             JOIN date d ON s.dateid = d.dateid
            GROUP BY d.caldate""",
    ),
    "total_quantity_sold_by_buyer_by_date": (
        "caldate",
        """SELECT u.firstname, u.lastname, d.caldate, t.total_quantity
             FROM (SELECT buyerid, dateid, sum(qtysold) AS total_quantity
                     FROM {schema}.sales GROUP BY buyerid, dateid) t
             JOIN users u ON t.buyerid = u.userid
             JOIN date d ON t.dateid = d.dateid""",
    ),
    "total_price_by_eventname": (
        "",
        """SELECT e.eventname, ranked.total_price
             FROM (SELECT eventid, total_price, ntile(1000) OVER (ORDER BY total_price DESC) AS percentile
                     FROM (SELECT eventid, sum(pricepaid) AS total_price FROM {schema}.sales GROUP BY eventid)) ranked
             JOIN event e ON ranked.eventid = e.eventid
            WHERE ranked.percentile = 1""",
    ),
}


def load_steps(place: str) -> list[Step]:
    """CREATE TABLE and COPY of every local table."""
    steps = [Step(f"create {name}", f"CREATE TABLE {name} ({columns}\n)") for name, columns in TABLES.items()]
    for name, (path, options) in _LOADS.items():
        sql = f"COPY {name} FROM '{place}/{path}'\nIAM_ROLE '{ROLE}' DELIMITER '|' {options}"
        steps.append(Step(f"load {name}", f"{sql} COMPUPDATE OFF REGION 'us-east-1'"))
    counts = "\nUNION ALL ".join(f"SELECT '{name}' AS table_name, count(*) AS row_count FROM {name}" for name in TABLES)
    steps.append(Step("count what was loaded", f"{counts}\nORDER BY row_count DESC", shown=True))
    return steps


def external_steps(place: str) -> list[Step]:
    """The external schema, and a table over sales that stay in the lake."""
    return [
        Step(
            "open the lake's catalog",
            f"CREATE EXTERNAL SCHEMA {SCHEMA} FROM DATA CATALOG DATABASE '{DATABASE}'\n"
            f"IAM_ROLE '{ROLE}' CREATE EXTERNAL DATABASE IF NOT EXISTS",
        ),
        Step(
            "declare sales in place",
            f"""CREATE EXTERNAL TABLE {SCHEMA}.sales (
    salesid INTEGER, listid INTEGER, sellerid INTEGER, buyerid INTEGER, eventid INTEGER, dateid SMALLINT,
    qtysold SMALLINT, pricepaid DECIMAL(8,2), commission DECIMAL(8,2), saletime TIMESTAMP)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE
LOCATION '{place}/tickit/spectrum/sales/'""",
        ),
        Step("count sales in place", f"SELECT count(*) AS sales FROM {SCHEMA}.sales", shown=True),
    ]


def export_steps(place: str) -> list[Step]:
    """UNLOAD of the six aggregates as Parquet, partitioned as their readers ask for them."""
    steps = []
    for name, (keys, query) in _EXPORTS.items():
        partitioned = f"PARTITION BY ({keys}) " if keys else ""
        text = query.format(schema=SCHEMA).replace("'", "''")
        sql = f"UNLOAD ('{text}')\nTO '{place}/exports/{name}/'\nIAM_ROLE '{ROLE}' FORMAT PARQUET {partitioned}"
        steps.append(Step(f"export {name}", sql.rstrip()))
    return steps


def crawl_steps(place: str) -> list[Step]:
    """A crawler finds the exported tables, their columns and partitions."""
    targets = ", ".join(f"'{place}/exports/{name}/'" for name in _EXPORTS)
    return [
        Step("make a crawler", f"CREATE CRAWLER {CRAWLER} DATABASE '{DATABASE}' TARGETS ({targets}) IAM_ROLE '{ROLE}'"),
        Step("crawl the exports", f"START CRAWLER {CRAWLER}", shown=True),
    ]


def read_back_steps() -> list[Step]:
    """Queries over the exported files, alone and joined with local tables."""
    return [
        Step(
            "ten best brands of one region and month",
            f"""SELECT brand, category, manufacturer, revenue
  FROM "{SCHEMA}"."monthly_revenue_by_region_manufacturer_category_brand"
 WHERE year = '1992' AND month = 'March' AND supplier_region = 'AFRICA'
 ORDER BY revenue DESC LIMIT 10""",
            shown=True,
        ),
        Step(
            "revenue by month in America",
            f"""SELECT month, sum(revenue) AS revenue
  FROM "{SCHEMA}"."monthly_revenue_by_region_city_brand"
 WHERE year = '1992' AND supplier_region = 'AMERICA'
 GROUP BY month ORDER BY revenue DESC""",
            shown=True,
        ),
        Step(
            "one city's Decembers",
            f"""SELECT year, supplier_city, sum(revenue) AS revenue
  FROM "{SCHEMA}"."yearly_revenue_by_city"
 WHERE supplier_city LIKE 'ETHIOPIA%' AND year BETWEEN '1992' AND '1995' AND month = 'December'
 GROUP BY year, supplier_city ORDER BY year, supplier_city LIMIT 10""",
            shown=True,
        ),
        Step(
            "busiest days in February and March",
            f"""SELECT caldate, total_quantity
  FROM "{SCHEMA}"."total_quantity_sold_by_date"
 WHERE caldate BETWEEN '2008-02-01' AND '2008-03-30'
 ORDER BY total_quantity DESC LIMIT 5""",
            shown=True,
        ),
        Step(
            "most eager buyers in February and March",
            f"""SELECT firstname, lastname, total_quantity
  FROM "{SCHEMA}"."total_quantity_sold_by_buyer_by_date"
 WHERE caldate BETWEEN '2008-02-01' AND '2008-03-31'
 ORDER BY total_quantity DESC LIMIT 5""",
            shown=True,
        ),
        Step(
            "best-selling events",
            f"SELECT eventname, total_price FROM {SCHEMA}.total_price_by_eventname ORDER BY total_price DESC LIMIT 5",
            shown=True,
        ),
        Step(
            "local tables joined with the lake",
            f"""SELECT e.eventname, u.state, sum(s.pricepaid) AS paid
  FROM {SCHEMA}.sales s JOIN event e ON s.eventid = e.eventid JOIN users u ON s.buyerid = u.userid
 GROUP BY 1, 2 ORDER BY paid DESC LIMIT 5""",
            shown=True,
        ),
    ]


def access_log_steps(place: str) -> list[Step]:
    """Server access logs queried where they lie."""
    names = [
        "bucketowner",
        "bucket_name",
        "requestdatetime",
        "remoteip",
        "requester",
        "requestid",
        "operation",
        "key",
        "requesturi_operation",
        "httpstatus",
        "errorcode",
        "bytessent",
        "objectsize",
        "totaltime",
        "turnaroundtime",
        "referrer",
        "useragent",
        "versionid",
    ]
    columns = ", ".join(f"{name} VARCHAR" for name in names)
    pattern = ACCESS_LOG_PATTERN.replace("\\", "\\\\").replace("'", "''")
    return [
        Step(
            "declare the access logs",
            f"""CREATE EXTERNAL TABLE {SCHEMA}.access_logs ({columns})
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('input.regex' = '{pattern}')
STORED AS TEXTFILE LOCATION '{place}/logs/'""",
        ),
        Step(
            "who asked for what",
            f"""SELECT operation, requester, count(*) AS requests, count(DISTINCT key) AS objects
  FROM {SCHEMA}.access_logs GROUP BY operation, requester ORDER BY requests DESC LIMIT 5""",
            shown=True,
        ),
    ]


def nested_steps(place: str) -> list[Step]:
    """Nested orders queried in place: struct, array and map columns."""
    return [
        Step(
            "declare nested orders",
            f"""CREATE EXTERNAL TABLE {SCHEMA}.customer_orders (
    customer struct<username:varchar(40),name:varchar(80),sex:varchar(1),address:varchar(200),
        mail:varchar(80),birthdate:varchar(10)>,
    shipping_address array<struct<street:varchar(80),city:varchar(40),state:varchar(2)>>,
    creditcard VARCHAR(16), transaction_date VARCHAR(10), shipping_date VARCHAR(10), membership VARCHAR(10),
    preference map<varchar(20),boolean>,
    orders array<struct<product_id:bigint,price:int,onsale:boolean,tax:int,weight:int,vendor:varchar(60)>>,
    platform VARCHAR(10), comments VARCHAR(100))
STORED AS PARQUET LOCATION '{place}/orders/'""",
        ),
        Step(
            "vendors with the most customers",
            f"""SELECT item.vendor, count(DISTINCT co.customer.username) AS customers, sum(item.price) AS revenue
  FROM {SCHEMA}.customer_orders co, co.orders item
 WHERE co.transaction_date > '2019-09-01'
 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5""",
            shown=True,
        ),
        Step(
            "customers who like free shipping",
            f"""SELECT count(DISTINCT co.customer.username) AS customers
  FROM {SCHEMA}.customer_orders co, co.preference p
 WHERE p.key = 'free_shipping' AND p.value = true""",
            shown=True,
        ),
    ]


def steps(place: str) -> list[tuple[str, list[Step]]]:
    """The whole demonstration: (chapter, its steps) in order."""
    return [
        ("Load the warehouse", load_steps(place)),
        ("Query files where they lie", external_steps(place)),
        ("Export results to the lake", export_steps(place)),
        ("Let a crawler find them", crawl_steps(place)),
        ("Read the exports back", read_back_steps()),
        ("Access logs in place", access_log_steps(place)),
        ("Nested data in place", nested_steps(place)),
    ]
