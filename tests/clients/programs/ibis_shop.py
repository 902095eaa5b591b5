"""Works with the warehouse through ibis and prints what it found, one JSON object: `what` → value."""

import json
import os

import ibis
import pandas as pd

found = {}
con = ibis.postgres.connect(
    host="127.0.0.1", port=int(os.environ["BOATHOUSE_PORT"]), user=os.environ["BOATHOUSE_USER"],
    password=os.environ["BOATHOUSE_PASSWORD"], database="dev",
)  # fmt: skip
shop = "ibis_shop"
found["version"] = con.version
con.create_database(shop)
found["databases"] = [name for name in con.list_databases() if name == shop]
con.raw_sql(
    f"CREATE TABLE {shop}.sold (id integer, name varchar(10), price numeric(10,2), at timestamp, day date, ok boolean, x float8)"
)
con.raw_sql(
    f"INSERT INTO {shop}.sold VALUES (1, 'a', 1.5, '2024-01-31 10:00', '2024-01-31', true, 0.5), "
    "(2, 'b', 2.25, NULL, NULL, false, NULL), (3, 'a', 4, '2024-02-29 23:59:59', '2024-02-29', true, 1.5)"
)
con.con.commit()
sold = con.table("sold", database=shop)
found["schema"] = {name: str(kind) for name, kind in sold.schema().items()}
found["tables"] = con.list_tables(database=shop)
found["filtered"] = sold.filter(sold.id > 1).order_by("id").select("id", "name").to_pandas().to_numpy().tolist()
sums = sold.group_by("name").agg(n=sold.count(), total=sold.price.sum()).order_by("name")
found["grouped"] = [[row["name"], row["n"], str(row["total"])] for row in sums.to_pyarrow().to_pylist()]
made = sold.mutate(
    loud=sold.name.upper(), year=sold.at.year(), month=sold.at.truncate("M"), next=sold.day + ibis.interval(days=1),
    place=ibis.row_number().over(order_by=sold.id), running=sold.price.cumsum(order_by=sold.id),
    kind=sold.id.cases((1, "one"), else_="more"), has_a=sold.name.re_search("a"),
).order_by("id")  # fmt: skip
found["made"] = json.loads(
    made.select("loud", "year", "month", "next", "place", "running", "kind", "has_a").to_pandas().to_json(
        orient="values", date_format="iso"
    )
)  # fmt: skip
found["joined"] = int(sold.join(sold.view(), "name").count().to_pandas())
lent = ibis.memtable({"name": ["a"], "said": ["first"]})
found["memory"] = con.execute(sold.join(lent, "name").order_by("id").select("id", "said")).to_numpy().tolist()
found["batches"] = [one.num_rows for one in sold.to_pyarrow_batches(chunk_size=2)]
con.create_table("frames", pd.DataFrame({"a": [1, 2], "b": ["x", None]}), database=shop)
con.insert("frames", pd.DataFrame({"a": [3], "b": ["z"]}), database=shop)
con.create_table("picked", sold.select("id"), database=shop)
con.insert("picked", sold.select("id"), database=shop)
found["written"] = [int(con.table(name, database=shop).count().to_pandas()) for name in ("frames", "picked")]
con.create_view("seen", sold.select("id"), database=shop)
found["view"] = int(con.table("seen", database=shop).id.sum().to_pandas())
con.truncate_table("picked", database=shop)
found["truncated"] = int(con.table("picked", database=shop).count().to_pandas())
con.drop_view("seen", database=shop)
con.drop_table("picked", database=shop)
found["left"] = sorted(con.list_tables(database=shop))
con.drop_database(shop, cascade=True)
con.disconnect()
print(json.dumps(found))
