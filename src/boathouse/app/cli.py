"""The command line: `boathouse init | serve | sql | settings | crawl | demo …`.

Verbs of this module are the house's own; further ones come from the rooms' declarations.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from boathouse.contracts.errors import BoathouseError

YOUNG_OBJECTS_MAX = 20_000
"""Objects made before Python looks for garbage cycles: all that a start makes stays, and a statement's trees are a few thousand
objects in cycles. At Python's own 700, about a quarter of a short statement's processor time went into looking through trees
still in use."""
OVERRIDES = {"host": "serve", "port": "serve", "http_port": "serve", "memory_limit": "engine", "tls": "postgres"}
"""Options of `serve` and the section of the settings that each one overrides."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status. Errors go to standard error in one line and a hint."""
    from boathouse.app.process.lean import be_lean

    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 10)
    parser = _parser()
    parsed = parser.parse_args(arguments)
    be_lean()
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except BoathouseError as failure:
        print(f"boathouse: {failure.message}", file=sys.stderr)
        if failure.hint:
            print(f"hint: {failure.hint}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    except Exception as failure:
        if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
            what = failure.filename2 or failure.filename
            print(f"boathouse: no space left on device{f' to write {what}' if what else ''}", file=sys.stderr)
            print("hint: Make room, and run the command again.", file=sys.stderr)
            return 1
        # A defect of ours; the trace is for its report, not for every reader.
        if os.environ.get("BOATHOUSE_TRACE"):
            raise
        print(f"boathouse: internal error: {type(failure).__name__}: {failure}", file=sys.stderr)
        print("hint: run again with BOATHOUSE_TRACE=1 and report what it prints.", file=sys.stderr)
        return 70


def _parser() -> argparse.ArgumentParser:
    from boathouse import __version__
    from boathouse.app.discover import discover_rooms

    parser = argparse.ArgumentParser(prog="boathouse", description="The lake house you can run anywhere.")
    parser.add_argument("--version", action="version", version=f"boathouse {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    init = verbs.add_parser("init", help="make a home and print the administrator's password once")
    init.add_argument("home", type=Path)
    init.add_argument("--database", default="dev", help="the database's name (default: dev)")
    init.add_argument("--storage", choices=("native", "ducklake"), default="native", help="how its tables are kept")
    init.add_argument(
        "--catalog", help="of a lake: the secret of the PostgreSQL that holds its catalog, in the environment"
    )
    init.add_argument(
        "--data-path", dest="data_path", help="of a lake: where its files are, s3://bucket/prefix or a folder"
    )
    init.set_defaults(run=_init)

    serve = verbs.add_parser("serve", help="serve a home until SIGTERM")
    serve.add_argument("home", type=Path)
    serve.add_argument("--host")
    serve.add_argument("--port", type=int)
    serve.add_argument("--http-port", type=int, dest="http_port")
    serve.add_argument("--memory-limit", dest="memory_limit")
    serve.add_argument("--tls", choices=("prefer", "require", "off"))
    serve.add_argument("--standby", action="store_true", help="wait until no other server has the home, then serve it")
    serve.set_defaults(run=_serve)

    sql = verbs.add_parser("sql", help="a SQL shell on a home or a connection string")
    sql.add_argument("target", metavar="HOME_OR_DSN")
    sql.add_argument("-c", "--command", action="append", help="run this and exit; may be repeated")
    sql.add_argument("-f", "--file", type=Path, help="run this file and exit")
    sql.set_defaults(run=_sql)

    crawl = verbs.add_parser("crawl", help="find the tables in a place and put them into an external database")
    crawl.add_argument("target", metavar="HOME_OR_DSN")
    crawl.add_argument("places", nargs="+", metavar="PLACE", help="a folder: a path or s3://bucket/prefix")
    crawl.add_argument("--database", required=True, help="the external database; made where there is none")
    crawl.add_argument("--prefix", default="", help="put before the name of each new table")
    crawl.add_argument("--secret", help="the named secret that opens the places")
    crawl.set_defaults(run=_crawl)

    _add_capture(verbs)
    _add_storage(verbs)

    settings = verbs.add_parser("settings", help="every setting, its value, where it came from, what it means")
    settings.add_argument("home", type=Path)
    settings.set_defaults(run=_settings)

    _add_elsewhere(verbs)

    demo = verbs.add_parser("demo", help="run the main job on generated data, from nothing to done")
    demo.add_argument("--home", type=Path, default=None, help="where (default: a temporary folder)")
    demo.add_argument("--keep", action="store_true", help="leave the servers running at the end")
    demo.set_defaults(run=_demo)

    for room in discover_rooms():
        for command in room.commands:
            verb = verbs.add_parser(command.name, help=command.help)
            command.configure(verb)
            verb.set_defaults(run=command.run)
    return parser


def _add_elsewhere(verbs: Any) -> None:
    worker = verbs.add_parser("worker", help="run queries for another host's house, which starts this over ssh")
    worker.set_defaults(run=_worker)

    cluster = verbs.add_parser("spark-cluster", help="a cluster of Spark on this host, until standard input closes")
    cluster.add_argument("--workers", type=int, default=1, help="how many (default: 1)")
    cluster.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="of each (default: the host's)")
    cluster.add_argument("--memory", default="1g", help="of each, as Spark writes it (default: 1g)")
    cluster.add_argument("--folder", help="where it writes, in a new folder (default: the system's for such)")
    cluster.add_argument("--spark-home", default=os.environ.get("SPARK_HOME", ""), help="Spark's (default: pyspark's)")
    cluster.set_defaults(run=_spark_cluster)


def _add_capture(verbs: Any) -> None:
    capture = verbs.add_parser("capture", help="what stands in the way of capturing a database, how it goes, its dumps")
    parts = capture.add_subparsers(dest="part", required=True)
    check = parts.add_parser("check", help="look at a source, and say what to mend there")
    check.add_argument("home", type=Path)
    check.add_argument("secret", help="the named secret that opens the source")
    check.add_argument("--table", action="append", default=[], help="schema.table; may be repeated (default: all)")
    check.add_argument("--from", default="postgres", dest="kind", help="what the source is: postgres, mysql, …")
    check.add_argument("--json", action="store_true", dest="as_json", help="for programs")
    check.set_defaults(run=_capture_check)
    run = parts.add_parser("run", help="capture without a warehouse, beside any number of instances that stand by")
    run.add_argument("home", type=Path, help="of this instance alone")
    run.add_argument("name", help="the capture is defined by the file NAME.toml of the home")
    run.set_defaults(run=_capture_run)
    status = parts.add_parser("status", help="the state of the integrations and of their tables")
    status.add_argument("target", metavar="HOME_OR_DSN")
    status.add_argument("name", nargs="?", help="a capture without a warehouse, which the home defines")
    status.set_defaults(run=_capture_status)
    waiting = parts.add_parser("waiting", help="what waits for an output of a capture without a warehouse")
    again = parts.add_parser("again", help="send what waits for an output at once; begin anew one that was given up")
    anew = parts.add_parser("anew", help="after a gap in the source's log: a capture without a warehouse begins anew")
    for one, run_it in ((waiting, _capture_waiting), (again, _capture_again), (anew, _capture_anew)):
        one.add_argument("home", type=Path)
        one.add_argument("name", help="the capture is defined by the file NAME.toml of the home")
        if one is not anew:
            one.add_argument("output")
        one.set_defaults(run=run_it)
    schema = parts.add_parser("schema", help="a captured table's shape, as JSON Schema or for Avro")
    schema.add_argument("target", metavar="HOME_OR_DSN")
    schema.add_argument("integration")
    schema.add_argument("table", help="schema.table, as at the source")
    schema.add_argument("--version", type=int, help="as events name it (default: the newest)")
    schema.add_argument("--format", choices=("json-schema", "avro"), default="json-schema", dest="kind")
    schema.set_defaults(run=_capture_schema)
    tables = parts.add_parser("tables", help="say which tables an integration captures from now on")
    tables.add_argument("target", metavar="HOME_OR_DSN")
    tables.add_argument("integration")
    tables.add_argument("change", choices=("set", "add", "drop"))
    tables.add_argument("tables", nargs="*", help="schema.table, with * for any characters (set: none stand for all)")
    tables.set_defaults(run=_capture_steer)
    for action, said in {
        "dump": "read tables again, or single rows of one",
        "pause": "let the dumps wait",
        "resume": "let the dumps go on",
        "stop": "give the dumps up",
        "pace": "say how fast dumps go",
    }.items():
        steer = parts.add_parser(action, help=said)
        steer.add_argument("target", metavar="HOME_OR_DSN")
        steer.add_argument("integration")
        if action == "pace":
            steer.add_argument("--chunk-rows", type=int, help="rows that are read at once")
            steer.add_argument("--chunk-pause", type=float, help="seconds between two chunks")
        else:
            steer.add_argument("--table", help="schema.table (default: all)")
        if action == "dump":
            steer.add_argument(
                "--key", action="append", nargs="+", default=[], help="a row's key, a value for each of its columns"
            )
        steer.set_defaults(run=_capture_steer)


def _add_storage(verbs: Any) -> None:
    storage = verbs.add_parser("storage", help="a stopped home's warehouse: stored in another way, or as it was")
    parts = storage.add_subparsers(dest="part", required=True)
    convert = parts.add_parser("convert", help="store the warehouse in the other way; the old one is kept")
    convert.add_argument("home", type=Path)
    convert.add_argument("--to", choices=("native", "ducklake"), required=True, dest="kind")
    convert.add_argument("--catalog", default="", help="of a lake: the secret of the PostgreSQL that holds its catalog")
    convert.add_argument("--data-path", default="", dest="data_path", help="of a lake: where its files are, as of init")
    convert.set_defaults(run=_storage_convert)
    listed = parts.add_parser("snapshots", help="the snapshots there are")
    listed.add_argument("home", type=Path)
    listed.set_defaults(run=_storage_snapshots)
    restore = parts.add_parser("restore", help="the whole warehouse as it was at a snapshot")
    restore.add_argument("home", type=Path)
    restore.add_argument("snapshot")
    restore.add_argument("--into", type=Path, help="a new home, instead of this one; settings and secrets are copied")
    restore.set_defaults(run=_storage_restore)
    forget = parts.add_parser("forget", help="remove for good what a conversion or a restore has replaced")
    forget.add_argument("home", type=Path)
    forget.add_argument("replaced", help="the folder's name, replaced-…")
    forget.set_defaults(run=_storage_forget)


def _init(parsed: argparse.Namespace) -> int:
    from boathouse.app.initialise import initialise

    place = {name: value for name in ("catalog", "data_path") if (value := getattr(parsed, name))}
    given = os.environ.get("BOATHOUSE_ADMIN_PASSWORD")
    password = initialise(parsed.home, parsed.database, given, parsed.storage, place)
    print(f"home made: {parsed.home}")
    if password is not None:
        print(f"user admin, password {password}   (shown only now)")
    print(f"start it:  boathouse serve {parsed.home}")
    return 0


def _serve(parsed: argparse.Namespace) -> int:
    from boathouse.app.serve import serve

    overrides: dict[str, dict[str, object]] = {}
    for option, section in OVERRIDES.items():
        overrides.setdefault(section, {})[option] = getattr(parsed, option)
    return serve(parsed.home, overrides, standby=parsed.standby)


def _sql(parsed: argparse.Namespace) -> int:
    from boathouse.app.shell import shell

    return shell(parsed.target, parsed.command, parsed.file)


def _crawl(parsed: argparse.Namespace) -> int:
    from boathouse.app.crawl import crawl

    return crawl(parsed.target, parsed.places, parsed.database, parsed.prefix, parsed.secret)


def _worker(parsed: argparse.Namespace) -> int:
    from boathouse.engines.duckdb.burst.worker import serve_standard_streams

    serve_standard_streams()
    return 0


def _spark_cluster(parsed: argparse.Namespace) -> int:
    from boathouse.engines.spark.standalone import Size, run

    size = Size(parsed.workers, parsed.cores, parsed.memory)
    return run(size, parsed.spark_home, parsed.folder, os.environ)


def _capture_check(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import check

    return check(parsed.home, parsed.secret, parsed.kind, parsed.table, parsed.as_json)


def _capture_run(parsed: argparse.Namespace) -> int:
    from boathouse.app.instance import run

    return run(parsed.home, parsed.name)


def _capture_status(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import status

    return status(parsed.target, parsed.name)


def _capture_waiting(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import waiting

    return waiting(parsed.home, parsed.name, parsed.output)


def _capture_anew(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import anew

    return anew(parsed.home, parsed.name)


def _capture_again(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import send_again

    return send_again(parsed.home, parsed.name, parsed.output)


def _capture_schema(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import schema

    return schema(parsed.target, parsed.integration, parsed.table, parsed.version, parsed.kind)


def _capture_steer(parsed: argparse.Namespace) -> int:
    from boathouse.app.capture import steer
    from boathouse.capture.steering import dump_statement, pace_statement, tables_statement

    if parsed.part == "tables":
        statement = tables_statement(parsed.change, parsed.integration, parsed.tables)
    elif parsed.part == "pace":
        statement = pace_statement(parsed.integration, parsed.chunk_rows, parsed.chunk_pause)
    else:
        keys = parsed.key if parsed.part == "dump" else []
        statement = dump_statement(parsed.part, parsed.integration, parsed.table, keys)
    return steer(parsed.target, statement, parsed.integration)


def _storage_convert(parsed: argparse.Namespace) -> int:
    from boathouse.app.replaced.place import Place
    from boathouse.app.storage.convert import convert

    kept = convert(parsed.home, Place(parsed.kind, parsed.catalog, parsed.data_path))
    told = f"the old one is kept in {kept}" if kept else "the lake that it shared is as it was, for its other homes"
    print(f"the warehouse is stored as {parsed.kind}; {told}")
    return 0


def _storage_snapshots(parsed: argparse.Namespace) -> int:
    from boathouse.app.storage.convert import snapshots

    for name, kind, place, made, size in snapshots(parsed.home):
        print(f"{name}   {kind}, {made:%Y-%m-%d %H:%M:%S} UTC, {size} bytes, {place}")
    return 0


def _storage_restore(parsed: argparse.Namespace) -> int:
    from boathouse.app.storage.convert import restore

    kept = restore(parsed.home, parsed.snapshot, parsed.into)
    print(f"the new home is {kept}" if parsed.into else f"restored; the warehouse that was there is kept in {kept}")
    return 0


def _storage_forget(parsed: argparse.Namespace) -> int:
    from boathouse.app.storage.forget import forget

    forget(parsed.home, parsed.replaced)
    print(f"{parsed.replaced} is gone")
    return 0


def _settings(parsed: argparse.Namespace) -> int:
    from boathouse.app.assemble import OWN_SECTIONS
    from boathouse.app.discover import discover_rooms
    from boathouse.app.home import require_home
    from boathouse.app.settings import explain, sections

    require_home(parsed.home)
    section = None
    for origin in explain(parsed.home, sections(discover_rooms(), OWN_SECTIONS), {}):
        if origin.section != section:
            section = origin.section
            print(f"\n[{section}]")
        print(f"{origin.name} = {origin.value!r}   ({origin.source})\n    {origin.help}")
    return 0


def _demo(parsed: argparse.Namespace) -> int:
    from boathouse.app.demo.run import run_demo

    return run_demo(parsed.home, keep=parsed.keep)


if __name__ == "__main__":
    sys.exit(main())
