"""Character sets by the number of a collation: which of Python's codecs reads its bytes.

Receives collation numbers from TABLE_MAP metadata (or names from information_schema); hands decoders to `texts`. Pure.
A set that Python reads otherwise than the server does is refused by name: a wrong letter is worse than an error.

Source: `information_schema.collations` and `information_schema.character_sets` of MySQL 8.0 and MariaDB 10.11.
"""

from __future__ import annotations

from boathouse.contracts.errors import FeatureNotSupported

BINARY = 63
"""The collation of columns that hold bytes."""

CODECS = {
    "armscii8": None,
    "ascii": "ascii",
    "big5": None,  # the server's table differs from Python's in the extensions
    "binary": "binary",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1256": None,
    "cp1257": "cp1257",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp866": "cp866",
    "cp932": "cp932",
    "dec8": None,
    "eucjpms": None,
    "euckr": "cp949",
    "gb18030": "gb18030",
    "gb2312": "gb2312",
    "gbk": "gbk",
    "geostd8": None,
    "greek": "iso8859_7",
    "hebrew": "iso8859_8",
    "hp8": None,
    "keybcs2": None,
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "latin1": "latin1",  # read as cp1252 with its five holes filled, see `texts`
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macce": None,
    "macroman": "mac_roman",
    "sjis": None,
    "swe7": None,
    "tis620": "tis_620",
    "ucs2": "utf_16_be",
    "ujis": None,
    "utf16": "utf_16_be",
    "utf16le": "utf_16_le",
    "utf32": "utf_32_be",
    "utf8": "utf8",
    "utf8mb3": "utf8",
    "utf8mb4": "utf8",
}
"""Character set -> Python codec; None: the tables differ."""

# First and last number of each set's collations; the numbers are the same in MySQL and MariaDB.
_SMALL = {
    "latin2": (2, 9, 21, 27, 77),
    "dec8": (3, 69),
    "cp850": (4, 80),
    "latin1": (5, 8, 15, 31, 47, 48, 49, 94),
    "hp8": (6, 72),
    "koi8r": (7, 74),
    "swe7": (10, 82),
    "ascii": (11, 65),
    "ujis": (12, 91),
    "sjis": (13, 88),
    "cp1251": (14, 23, 50, 51, 52),
    "hebrew": (16, 71),
    "tis620": (18, 89),
    "euckr": (19, 85),
    "latin7": (20, 41, 42, 79),
    "koi8u": (22, 75),
    "gb2312": (24, 86),
    "greek": (25, 70),
    "cp1250": (26, 34, 44, 66, 99),
    "gbk": (28, 87),
    "cp1257": (29, 58, 59),
    "latin5": (30, 78),
    "armscii8": (32, 64),
    "utf8mb3": (33, 76, 83, 223),
    "ucs2": (35, 90, 159),
    "cp866": (36, 68),
    "keybcs2": (37, 73),
    "macce": (38, 43),
    "macroman": (39, 53),
    "cp852": (40, 81),
    "utf8mb4": (45, 46),
    "utf16": (54, 55),
    "utf16le": (56, 62),
    "cp1256": (57, 67),
    "utf32": (60, 61),
    "binary": (BINARY,),
    "geostd8": (92, 93),
    "cp932": (95, 96),
    "eucjpms": (97, 98),
    "big5": (1, 84),
    "gb18030": (248, 249, 250),
}
_RANGES = (
    (101, 124, "utf16"),
    (128, 151, "ucs2"),
    (160, 183, "utf32"),
    (192, 215, "utf8mb3"),
    (224, 247, "utf8mb4"),
    (255, 323, "utf8mb4"),
    (2048, 2303, "utf8mb3"),  # MariaDB's UCA-14.0.0 collations begin here, 256 numbers for each set
    (2304, 2559, "utf8mb4"),
    (2560, 2815, "ucs2"),
    (2816, 3071, "utf16"),
    (3072, 3327, "utf32"),
)
_MARIADB = {"NOPAD": 0x400}
"""MariaDB numbers a collation without padding 1024 above its padding sister."""
_BY_NUMBER = {number: name for name, numbers in _SMALL.items() for number in numbers}


def charset_of(collation: int) -> str:
    """The character set of a collation's number.

    Raises:
        FeatureNotSupported: the number is not known; the column cannot be read.
    """
    found = _BY_NUMBER.get(collation)
    if found is None and collation < 2048:
        plain = collation - _MARIADB["NOPAD"] if collation >= _MARIADB["NOPAD"] else collation
        found = _BY_NUMBER.get(plain)
        collation = plain
    if found is None:
        found = next((name for first, last, name in _RANGES if first <= collation <= last), None)
    if found is None:
        raise FeatureNotSupported(f"collation number {collation} is not known")
    return found


def collation_of(charset: str) -> int:
    """The number of one of a character set's collations.

    Raises:
        FeatureNotSupported: the set is not known.
    """
    numbers = _SMALL.get("utf8mb3" if charset == "utf8" else charset)
    if numbers is None:
        raise FeatureNotSupported(f"text in character set {charset} is not captured")
    return numbers[0]


def codec_of(charset: str) -> str:
    """The Python codec that reads a character set.

    Raises:
        FeatureNotSupported: Python has no table that equals the server's.
    """
    codec = CODECS.get(charset)
    if codec is None:
        raise FeatureNotSupported(f"text in character set {charset} is not captured")
    return codec
