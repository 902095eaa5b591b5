"""Files packed by lzop: read whole, and refused where a byte is wrong or missing."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.lake.copy_house import CopyHouse

from boathouse.lake.copy.decode.lzop import NotLzop, unpacked

ARCHIVES = base64.b64decode(
    "iUxaTwANChoKEEAgoAlAAQUDAAABAACBpGsHkq0AAAAACWxpbmVzLnR4dG89B+wAAAgqAAAD5dJtWC0AATB8bGluZSAwCjF8bGluZSAx"
    "CjKjATIKM6MBMwo0owE0CjWjATUKNqMBNgo3owEwCjijATEKOaMBMgoxywszCjHPCzQKMdMLNQox1ws2CjHbCzAKMd8LMQoxwwwyCjHH"
    "DDMKMcsMNAoxzww1CjLPDDYKMs8MMAoyzwwxCjLPDDIKMs8MMwoyzww0CjLPDDUKMs8MNgoyzwwwCjLPDDEKM88MMgozzwwzCjPPDDQK"
    "M88MNQozzww2CjPPDDAKM88MMQozzwwyCjPPDDMKM88MNAo0zww1CjTPDDYKNM8MMAo0zwwxCjTPDDIKNM8MMwo0zww0CjTPDDUKNM8M"
    "Ngo0zwwwCjXPDDEKNc8MMgo1zwwzCjXPDDQKNc8MNQo1zww2CjXPDDAKNc8MMQo1zwwyCjXPDDMKNs8MNAo2zww1CjbPDDYKNs8MMAo2"
    "zwwxCjbPDDIKNs8MMwo2zww0CjbPDDUKNs8MNgo3zwwwCjfPDDEKN88MMgo3zwwzCjfPDDQKN88MNQo3zww2CjfPDDAKN88MMQo3zwwy"
    "CjjPDDMKOM8MNAo4zww1CjjPDDYKOM8MMAo4zwwxCjjPDDIKOM8MMwo4zww0CjjPDDUKOc8MNgo5zwwwCjnPDDEKOc8MMgo5zwwzCjnP"
    "DDQKOc8MNQo5zww2CjnPDDAKOcwMATEKMTDQDHhx1AwBMwoxMNgMATQKMTDcDAE1CjEwwA0BNgoxMMQNATAKMTDIDXAJzA1wCdANcAnX"
    "DTQKMet+NQox7342CjHzfjAKMfd+MQox+34yCjH8fmSF1A1wCdQNcAnUDXAJ1w0wCjHzfzEKMfd/Mgox+38zCjH8f3yOzxs1CjHngDYK"
    "MeiAcAnUDXAJ1A1wCdcNMwox+4A0CjH8gHSYxyk2CjHngTAKMeuBMQox74EyCjHwgXAJ1A1wCdQNcAnUDWyi3zYwCjHngjEKMeuCMgox"
    "74IzCjHwggE0CjE03zY1CjH4gnAJ1A1wCdQNcAnXDTIKMeuDMwox74M0CjHzgzUKMfeDNgox+IN4tdcNMQox4IRwCdQNcAnUDXAJ1w01"
    "CjHzhDYKMfeEMAox+IRwv89SMgox44UzCjHnhTQKMeiFcAnUDXAJ1A1wCdcNMQox+IVoySgEDOOGNAox54Y1CjHrhjYKMe+GMAox8IZw"
    "CdQNcAnXDTMKMf+GNAox44c1CjHnhzYKMeuHMAox74cxCjHzhzIKMfSHdNwoBAz8h3AJ1A1wCc8bMAox64gxCjHviDIKMfOIMwox9Ihs"
    "5igEDP+INgox4IlwCcwbcAkAAjh8bGluZSAyCjE5OXxsaW5lIDMKEQAAAAAAAIlMWk8ADQoaChBAIKAQAQMJAwARAAAAgaRrB5KtAAAA"
    "AAhtb3JlLnR4dMQxdF4AAAAJAAAACZXpTqAyMDB8bGFzdAoAAAAA"
)
"""What lzop 1.04 made of two files: one by its defaults, one by `-9 --crc32` with a block that is stored as it is."""
PLAIN = "".join(f"{i}|line {i % 7}\n" for i in range(200)).encode() + b"200|last\n"


def content_of(path: Path, packed: bytes) -> bytes:
    path.write_bytes(packed)
    return b"".join(unpacked(path))


def test_archives_in_a_row_are_one_file(tmp_path: Path) -> None:
    assert content_of(tmp_path / "x", ARCHIVES) == PLAIN


@given(cut=st.integers(0, len(ARCHIVES) - 1))
def test_a_file_that_is_cut_is_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.lzo"
    try:
        assert content_of(path, ARCHIVES[:cut]) == PLAIN[: -len("200|last\n")], "only between the archives"
    except NotLzop:
        return


@given(place=st.integers(0, len(ARCHIVES) - 1), change=st.integers(1, 255))
def test_a_wrong_byte_never_gives_other_content(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    wrong = bytearray(ARCHIVES)
    wrong[place] ^= change
    try:
        assert content_of(tmp_path_factory.getbasetemp() / "wrong.lzo", bytes(wrong)) == PLAIN
    except NotLzop:
        return


def test_copy_loads_them_and_names_those_that_are_damaged(tmp_path: Path) -> None:
    house = CopyHouse(tmp_path / "home")
    house.run("CREATE TABLE t (a integer, b varchar(9))")
    house.file("load/part.lzo", ARCHIVES)
    house.run("COPY t FROM 'load/' LZOP")
    assert house.run("SELECT count(*), sum(a), max(b) FROM t") == [(201, 20100, "line 6")]
    house.file("load/part.lzo", ARCHIVES[:-20])
    assert 'part.lzo" is not a whole lzop file' in str(house.fails("COPY t FROM 'load/' LZOP"))
    assert house.run("SELECT count(*) FROM t") == [(201,)]
    house.close()
