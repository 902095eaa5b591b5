"""Runs this folder's project through dbt in one process and prints, for each command, what became of each node (JSON)."""

import json
import sys

from dbt.cli.main import dbtRunner

runner = dbtRunner()
target, *commands = sys.argv[1:]
for command in commands:
    done = runner.invoke([*command.split(), "--target", target, "--quiet", "--no-use-colors"])
    nodes = {result.node.name: str(result.status) for result in getattr(done.result, "results", None) or []}
    if command.startswith("docs"):
        with open("target/catalog.json") as catalog:
            nodes = {key.split(".")[-1]: {name.lower(): column["type"] for name, column in node["columns"].items()}
                     for key, node in json.load(catalog)["nodes"].items()}  # fmt: skip
    print(json.dumps({"command": command, "ok": done.success, "error": str(done.exception or ""), "nodes": nodes}))
