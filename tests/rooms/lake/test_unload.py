"""UNLOAD to local places, read back with pyarrow and the engine. Facts: Redshift Developer Guide, page "UNLOAD"."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts import errors
from boathouse.contracts import types as t
from boathouse.contracts.answers import Field
from boathouse.lake.unload import write
from boathouse.lake.unload.lines import line_encoder
from boathouse.lake.unload.options import UnloadOptions
from boathouse.lake.unload.partitions import hive_escape

sys.path.insert(0, str(Path(__file__).parent))
from unload_house import UnloadSession, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("house"))
    yield made
    made.engine.close()


@pytest.fixture
def session(house):
    made = UnloadSession(house)
    yield made
    made.engine.close()


@pytest.fixture
def place(house, request):
    """A folder of the test's own: its name below the lake, and where it is."""
    name = request.node.name.replace("[", "-").replace("]", "")
    return name + "/", house.home / "lake" / name


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def text(folder, name="0000_part_00"):
    return (folder / name).read_text()


VALUES = (
    "SELECT 1 AS a, true AS b, false AS c, 1.5::DECIMAL(18,8) AS d, 0::DECIMAL(18,8) AS e, "
    "TIMESTAMP '2020-01-02 03:04:05' AS f, TIMESTAMP '2020-01-02 03:04:05.25' AS g, DATE '2020-01-02' AS h, "
    "NULL::INT AS i, 1e-7::DOUBLE AS j, 'nan'::DOUBLE AS k, '-inf'::DOUBLE AS l, "
    "TIMESTAMPTZ '2020-01-02 03:04:05+00' AS m, TIME '03:04:05.5' AS n, 'é|x' AS o"
)


def test_text_is_delimited_by_pipes_with_redshifts_value_texts(session, place):
    assert session.unload(VALUES, place[0]) == "UNLOAD"
    assert text(place[1]) == (
        "1|t|f|1.50000000|0.00000000|2020-01-02 03:04:05|2020-01-02 03:04:05.25|2020-01-02||1e-07|NaN|-Infinity|"
        "2020-01-02 03:04:05+00|03:04:05.5|é|x\n"
    )


def test_the_client_is_told_the_count(session, place):
    session.unload("SELECT * FROM range(5)", place[0])
    assert [(n.severity, n.message) for n in session.notices] == [
        ("INFO", "UNLOAD completed, 5 record(s) unloaded successfully.")
    ]
    assert session.engine.fetch("SELECT getvariable('last_unload_count')") == [(5,)]


def test_escape_puts_a_backslash_before_special_characters(session, place):
    session.unload("SELECT 'a|b\\c' || chr(10) || 'd\"' AS x, 1 AS y", place[0], ESCAPE=True)
    assert text(place[1]) == 'a\\|b\\\\c\\\nd"|1\n'


def test_addquotes_quotes_values_and_leaves_null_bare(session, place):
    session.unload("SELECT 'a\"b' AS x, NULL AS y, 1 AS z", place[0], ESCAPE=True, ADDQUOTES=True, NULL="@")
    assert text(place[1]) == '"a\\"b"|@|"1"\n'


def test_csv_quotes_only_what_needs_it(session, place):
    session.unload("SELECT 'plain' AS a, 'a,b' AS b, 'say \"x\"' AS c, NULL AS d", place[0], FORMAT="csv", HEADER=True)
    assert text(place[1]) == 'a,b,c,d\nplain,"a,b","say ""x""",\n'


def test_json_lines_hold_booleans_as_letters_and_nulls(session, place):
    session.unload("SELECT 1 AS a, true AS b, NULL AS c, 'q\"\\' || chr(1) || chr(9) AS d", place[0], FORMAT="json")
    assert json.loads(text(place[1], "0000_part_00.json")) == {"a": 1, "b": "t", "c": None, "d": 'q"\\\x01\t'}


def test_super_values_stay_json_in_json_and_become_text_in_parquet(session, place):
    session.fields = (Field("s", t.SUPER), Field("n", t.INTEGER))
    query = "SELECT '{\"a\": [1, 2]}' AS s, 7::INTEGER AS n"
    session.unload(query, place[0] + "json/", FORMAT="json")
    session.unload(query, place[0] + "parquet/", FORMAT="parquet")
    assert json.loads(text(place[1] / "json", "0000_part_00.json")) == {"s": {"a": [1, 2]}, "n": 7}
    assert pq.read_table(place[1] / "parquet").to_pylist() == [{"s": '{"a": [1, 2]}', "n": 7}]


def test_parquet_reads_back_the_same_rows(session, place, house):
    query = (
        "SELECT i, i * 1.25 AS x, 'n' || i AS s, i % 2 = 0 AS b, DATE '2020-01-01' + i::INT AS d FROM range(9999) t(i)"
    )
    session.unload(query, place[0], FORMAT="parquet")
    back = f"SELECT * FROM read_parquet('{place[1]}/*.parquet')"
    assert session.engine.fetch(f"(SELECT * FROM ({query}) EXCEPT {back}) UNION ALL ({back} EXCEPT {query})") == []
    meta = pq.read_metadata(place[1] / "0000_part_00.parquet")
    assert meta.row_group(0).column(0).compression == "SNAPPY"


def test_parquet_timestamps_lose_their_zone(session, place):
    session.unload("SELECT TIMESTAMPTZ '2020-01-01 12:00:00+02' AS t", place[0], FORMAT="parquet")
    schema = pq.read_schema(place[1] / "0000_part_00.parquet")
    assert str(schema.field("t").type) == "timestamp[us]"
    assert str(pq.read_table(place[1])["t"][0]) == "2020-01-01 10:00:00"


@pytest.mark.parametrize(
    ("codec", "suffix", "opened"), [("gzip", ".gz", gzip.decompress), ("bzip2", ".bz2", bz2.decompress)]
)
def test_compressed_text_carries_the_suffix(session, place, codec, suffix, opened):
    session.unload("SELECT i FROM range(5000) t(i)", place[0], COMPRESSION=codec, PARALLEL="OFF")
    assert files(place[1]) == ["000" + suffix]
    assert opened((place[1] / f"000{suffix}").read_bytes()).decode() == "".join(f"{i}\n" for i in range(5000))


def test_zstd_text_reads_back(session, place):
    session.unload("SELECT i FROM range(50000) t(i)", place[0], FORMAT="csv", COMPRESSION="zstd")
    assert files(place[1]) == ["0000_part_00.zst", "0001_part_00.zst"]
    read = f"SELECT count(*), sum(column0) FROM read_csv('{place[1]}/*.zst', header=false)"
    assert session.engine.fetch(read) == [(50000, 50000 * 49999 // 2)]


def test_slices_share_the_rows_evenly(session, place):
    session.unload("SELECT i FROM range(200000) t(i)", place[0], FORMAT="parquet")
    counts = [pq.read_metadata(place[1] / name).num_rows for name in files(place[1])]
    assert files(place[1]) == ["0000_part_00.parquet", "0001_part_00.parquet"]
    assert sum(counts) == 200000
    assert abs(counts[0] - counts[1]) < 2000


def test_parallel_off_keeps_the_global_order_over_several_files(session, place):
    query = "SELECT i, repeat('x', 90) AS s FROM range(150000) t(i) ORDER BY i DESC"
    session.unload(query, place[0], PARALLEL="OFF", MAXFILESIZE=5 * 1024 * 1024)
    names = files(place[1])
    assert names == ["000", "001", "002"]
    assert all((place[1] / name).stat().st_size <= 5 * 1024 * 1024 for name in names)
    numbers = [int(line.split("|")[0]) for name in names for line in text(place[1], name).splitlines()]
    assert numbers == list(range(149999, -1, -1))


def test_compressed_files_stay_below_maxfilesize(session, place):
    query = "SELECT md5(i::VARCHAR) || md5((i+1)::VARCHAR) AS s FROM range(250000) t(i)"
    session.unload(query, place[0], PARALLEL="OFF", MAXFILESIZE=5 * 1024 * 1024, COMPRESSION="gzip")
    names = files(place[1])
    assert len(names) > 1
    assert all((place[1] / name).stat().st_size <= 5 * 1024 * 1024 for name in names)
    assert sum(len(gzip.decompress((place[1] / name).read_bytes()).splitlines()) for name in names) == 250000


@pytest.mark.parametrize("parallel", ["ON", "OFF"])
@pytest.mark.parametrize("kind", ["parquet", "text"])
def test_files_are_nearly_as_large_as_maxfilesize_also_under_skew(session, place, kind, parallel):
    """Rows get wider and repeat less towards the end; only the last file of each writer may be smaller."""
    limit = 5 * 1024 * 1024
    hashes = "list_transform(range((i // 20000)::BIGINT), lambda x: md5((i * 16 + x)::VARCHAR))"
    wide = f"CASE WHEN i % 2 = 0 THEN array_to_string({hashes}, chr(48)) END AS wide"
    session.unload(
        f"SELECT i, i % 10 AS few, {wide} FROM range(200000) t(i)",
        place[0],
        FORMAT=kind,
        MAXFILESIZE=limit,
        PARALLEL=parallel,
    )
    sizes = {}
    for name in files(place[1]):
        sizes.setdefault(name[:4] if parallel == "ON" else "", []).append((place[1] / name).stat().st_size)
    print(kind, {writer: [round(size / limit, 2) for size in found] for writer, found in sizes.items()})
    assert all(0.7 * limit < size <= limit for found in sizes.values() for size in found[:-1])
    assert all(len(found) > 1 for found in sizes.values())
    totals = [sum(found) for found in sizes.values()]
    assert max(totals) < 1.2 * min(totals)


def test_a_prefix_without_slash_is_the_beginning_of_the_names(session, place):
    session.unload("SELECT 1", place[0] + "venue_", FORMAT="parquet")
    assert files(place[1]) == ["venue_0000_part_00.parquet"]


def test_extension_takes_the_suffixs_place(session, place):
    session.unload("SELECT 1", place[0], FORMAT="csv", COMPRESSION="gzip", EXTENSION="csv.gz")
    assert files(place[1]) == ["0000_part_00.csv.gz"]


def test_partitions_become_hive_folders_and_leave_the_files(session, place):
    query = "SELECT i, i % 3 AS k, CASE WHEN i % 2 = 0 THEN 'a/b: c' END AS v FROM range(600) t(i)"
    session.unload(query, place[0].rstrip("/"), FORMAT="parquet", PARTITION_BY=("k", "v"))
    folders = sorted({str(Path(name).parent) for name in files(place[1])})
    assert folders == [f"k={k}/v={v}" for k in range(3) for v in ("__HIVE_DEFAULT_PARTITION__", "a%2Fb%3A c")]
    back = ds.dataset(place[1], partitioning="hive").to_table().to_pylist()
    assert sorted((r["i"], r["k"], r["v"]) for r in back) == [
        (i, i % 3, "a/b: c" if i % 2 == 0 else None) for i in range(600)
    ]
    assert pq.read_schema(place[1] / files(place[1])[0]).names == ["i"]


def test_include_keeps_the_keys_in_the_files(session, place):
    session.unload("SELECT 1 AS a, 2 AS k", place[0], FORMAT="csv", PARTITION_BY=("k",), INCLUDE=True)
    assert text(place[1], "k=2/0000_part_00") == "1,2\n"


def test_partitions_keep_the_querys_order_inside(session, place):
    query = "SELECT i, i % 2 AS k FROM range(100000) t(i) ORDER BY i DESC"
    session.unload(query, place[0], PARTITION_BY=("k",), PARALLEL="OFF")
    assert [int(x) for x in text(place[1], "k=1/000").splitlines()] == list(range(99999, -1, -2))


def test_manifest_lists_the_files_and_verbose_adds_schema_and_counts(session, place):
    session.fields = (Field("a", t.INTEGER), Field("b", t.varchar(20)), Field("c", t.numeric(8, 2)))
    query = "SELECT 1::INTEGER AS a, 'x' AS b, 1.5::DECIMAL(8,2) AS c"
    session.unload(query, place[0], HEADER=True, MANIFEST=True, VERBOSE=True)
    found = json.loads(text(place[1], "manifest"))
    size = (place[1] / "0000_part_00").stat().st_size
    assert found["entries"] == [
        {"url": f"{place[1]}/0000_part_00", "meta": {"content_length": size, "record_count": 2}}
    ]
    assert found["meta"] == {"content_length": size, "record_count": 2}
    assert [element["type"] for element in found["schema"]["elements"]] == [
        {"base": "integer"},
        {"base": "character varying", "max_length": 20},
        {"base": "numeric", "precision": 8, "scale": 2},
    ]


def test_a_place_with_files_is_refused_before_the_query_runs(session, place):
    session.unload("SELECT 1", place[0])
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="Specified unload destination on S3 is not empty"):
        session.unload("SELECT error('must not run')", place[0])


def test_allowoverwrite_replaces_files_of_the_same_name(session, place):
    session.unload("SELECT 1", place[0])
    session.unload("SELECT 2", place[0], ALLOWOVERWRITE=True)
    assert text(place[1]) == "2\n"


def test_cleanpath_deletes_what_was_there(session, place):
    session.unload("SELECT 1", place[0] + "old_")
    session.unload("SELECT 2", place[0], CLEANPATH=True)
    assert files(place[1]) == ["0000_part_00"]


def test_cleanpath_with_partitions_touches_only_folders_that_receive_files(session, place):
    session.unload("SELECT i, i AS k FROM range(3) t(i)", place[0], PARTITION_BY=("k",), EXTENSION="old")
    session.unload("SELECT 9 AS i, 1 AS k", place[0], PARTITION_BY=("k",), CLEANPATH=True)
    assert files(place[1]) == ["k=0/0000_part_00.old", "k=1/0000_part_00", "k=2/0000_part_00.old"]


def test_zero_rows(session, place):
    query = "SELECT 1 AS a WHERE false"
    session.unload(query, place[0] + "csv/", FORMAT="csv", HEADER=True)
    session.unload(query, place[0] + "parquet/", FORMAT="parquet")
    session.unload(query, place[0] + "json/", FORMAT="json")
    assert text(place[1] / "csv") == "a\n"
    assert pq.read_table(place[1] / "parquet").schema.names == ["a"]
    assert not (place[1] / "json").exists()


@pytest.mark.parametrize(
    ("query", "options", "error", "words"),
    [
        ("SELECT 1 AS a LIMIT 5", {}, errors.FeatureNotSupported, "Limit clause is not supported"),
        ("SELECT 1 AS a", {"PARTITION_BY": ("z",)}, errors.UndefinedColumn, '"z" is not a column'),
        ("SELECT 1 AS a", {"PARTITION_BY": ("a",)}, errors.InvalidParameterValue, "at least one column"),
        ("SELECT 1 AS a, 2 AS a, 3 AS b", {"PARTITION_BY": ("a",)}, errors.AmbiguousColumn, "2 times"),
        ("SELECT 1 AS a, TIME '01:00' AS b", {"PARTITION_BY": ("b",)}, errors.FeatureNotSupported, "partition key"),
        ("SELECT 1 AS a, 2 AS a", {"FORMAT": "json"}, errors.DuplicateColumn, "more than once"),
        ("SELECT INTERVAL 1 DAY AS a", {"FORMAT": "parquet"}, errors.FeatureNotSupported, "Parquet"),
        ("SELECT 1 AS a", {"CLEANPATH": True, "ALLOWOVERWRITE": True}, errors.SqlSyntaxError, "together"),
        ("SELECT 1 AS a", {"MAXFILESIZE": 1024}, errors.InvalidParameterValue, "MAXFILESIZE"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(session, place, query, options, error, words):
    with pytest.raises(error, match=words):
        session.unload(query, place[0], **options)
    assert not place[1].exists()


def test_a_limit_inside_a_sub_query_is_fine(session, place):
    session.unload("SELECT * FROM (SELECT i FROM range(10) t(i) LIMIT 3)", place[0])
    assert len(text(place[1]).splitlines()) == 3


def test_an_error_midway_leaves_nothing(session, place, house):
    query = "SELECT CASE WHEN i = 199999 THEN error('late') ELSE i END AS x FROM range(200000) t(i)"
    with pytest.raises(errors.BoathouseError):
        session.unload(query, place[0])
    assert not place[1].exists()
    assert not list((house.home / "tmp").glob("unload-*"))


def test_a_cancel_leaves_nothing(session, place, house):
    session.cancelled.set()
    with pytest.raises(errors.QueryCanceled):
        session.unload("SELECT * FROM range(100000)", place[0])
    assert not place[1].exists()
    assert not list((house.home / "tmp").glob("unload-*"))


def test_a_failure_between_two_files_takes_back_the_published_ones(session, place, house, monkeypatch):
    real = write.storage_for

    class Failing:
        def __init__(self, inner):
            self.inner, self.left = inner, 3

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def write_file(self, local, path, check):
            self.left -= 1
            if self.left < 0:
                raise errors.StorageError("the disk is gone")
            self.inner.write_file(local, path, check)

    monkeypatch.setattr(write, "storage_for", lambda *arguments: Failing(real(*arguments)))
    with pytest.raises(errors.StorageError):
        session.unload("SELECT i, i AS k FROM range(20) t(i)", place[0], PARTITION_BY=("k",))
    assert not place[1].exists()
    assert not list((house.home / "unload").glob("*.json"))


def test_each_file_is_logged(session, place):
    session.unload("SELECT i FROM range(100000) t(i)", place[0], FORMAT="parquet")
    rows = session.engine.fetch(
        "SELECT slice, path, line_count, file_format, pid FROM boathouse.unload_log WHERE path LIKE ? ORDER BY slice",
        [f"{place[1]}/%"],
    )
    assert [(r[0], r[1], r[3], r[4]) for r in rows] == [
        (n, f"{place[1]}/000{n}_part_00.parquet", "PARQUET", 4711) for n in range(2)
    ]
    assert sum(r[2] for r in rows) == 100000


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.text()), st.decimals(-1000, 1000, places=8)), min_size=1, max_size=20)
)
def test_csv_reads_back_whatever_the_texts(rows):
    import pyarrow as pa

    rows = [(None if s is None else s.replace("\x00", ""), d) for s, d in rows]
    fields = (Field("s", t.VARCHAR), Field("d", t.numeric(20, 8)))
    batch = pa.record_batch(
        [pa.array([s for s, _ in rows], pa.string()), pa.array([d for _, d in rows], pa.decimal128(20, 8))],
        names=["s", "d"],
    )
    lines = line_encoder(fields, UnloadOptions("csv", ","))(batch)
    found = list(csv.reader(io.StringIO(bytes(lines.data).decode(), newline="")))
    assert [(s, Decimal(d)) for s, d in found] == [(s or "", d) for s, d in rows]
    assert int(lines.ends[-1]) == len(lines.data)


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), st.text()), min_size=1, max_size=20))
def test_json_reads_back_whatever_the_texts(values):
    import pyarrow as pa

    batch = pa.record_batch([pa.array(values, pa.string())], names=["s"])
    lines = line_encoder((Field("s", t.VARCHAR),), UnloadOptions("json", "|"))(batch)
    assert [json.loads(line)["s"] for line in bytes(lines.data).decode().split("\n")[:-1]] == values


@given(st.text(min_size=1))
def test_hive_names_decode_to_what_they_were(text):
    from urllib.parse import unquote

    escaped = hive_escape(text)
    assert "/" not in escaped
    assert unquote(escaped) == text


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_that_comes_again_gets_a_further_file(session, place, kind):
    """NULL and the empty string share a folder, and other keys are sorted between them."""
    rows = "(1, ''), (2, 'a'), (3, 'b'), (4, 'c'), (5, NULL), (6, '__HIVE_DEFAULT_PARTITION__')"
    session.unload(
        f"SELECT * FROM (VALUES {rows}) t(n, k)", place[0], FORMAT=kind, PARTITION_BY=("k",), HEADER=kind == "csv"
    )
    shared = ds.dataset(place[1] / "k=__HIVE_DEFAULT_PARTITION__", format=kind)
    assert sorted(shared.to_table()["n"].to_pylist()) == [1, 5, 6]
    assert ds.dataset([str(path) for path in place[1].rglob("*part*")], format=kind).count_rows() == 6
