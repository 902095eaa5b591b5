r"""Grok patterns as regular expressions: `%{IPORHOST:client} \[%{HTTPDATE:at}\] %{INT:status:int}`.

Receives a classifier's pattern and its own named patterns; hands `classifiers` an expression with one capturing group
per named field, for an engine that works in time linear in the line (RE2), and the fields with their types. So the named
patterns here have neither lookaround nor back-references. Source: AWS Glue Developer Guide, "Writing grok custom
classifiers"; the names of Logstash's core patterns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, REAL, SMALLINT, SqlType, varchar
from boathouse.lake.scans.regexes import to_re2
from boathouse.lake.tables import Columns

DEPTH_MAX = 20
"""Named patterns inside each other."""
CHARACTERS_MAX = 65_536
"""Of the whole expression."""

_TYPES: dict[str, SqlType] = {
    "byte": SMALLINT,
    "short": SMALLINT,
    "int": INTEGER,
    "long": BIGINT,
    "float": REAL,
    "double": DOUBLE,
    "boolean": BOOLEAN,
    "string": varchar(65535),
}
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_MONTH = "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?"
_MONTH += "|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_APACHE = r"%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] "
_APACHE += r'"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" '
_APACHE += r"%{INT:response:int} (?:%{INT:bytes:long}|-)"

PATTERNS: dict[str, str] = {
    "USERNAME": r"[a-zA-Z0-9._-]+",
    "USER": r"%{USERNAME}",
    "EMAILADDRESS": r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]+@%{HOSTNAME}",
    "INT": r"[+-]?[0-9]+",
    "BASE10NUM": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "NUMBER": r"%{BASE10NUM}",
    "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+",
    "POSINT": r"[1-9][0-9]*",
    "NONNEGINT": r"[0-9]+",
    "WORD": r"\w+",
    "NOTSPACE": r"\S+",
    "SPACE": r"\s*",
    "DATA": r".*?",
    "GREEDYDATA": r".*",
    "QUOTEDSTRING": r'(?:"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')',
    "QS": r"%{QUOTEDSTRING}",
    "UUID": r"[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}",
    "MAC": r"[A-Fa-f0-9]{2}(?:[:-][A-Fa-f0-9]{2}){5}",
    "IPV4": rf"{_OCTET}(?:\.{_OCTET}){{3}}",
    "IPV6": r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%\w+)?",
    "IP": r"(?:%{IPV6}|%{IPV4})",
    "HOSTNAME": r"[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?",
    "HOST": r"%{HOSTNAME}",
    "IPORHOST": r"(?:%{IP}|%{HOSTNAME})",
    "HOSTPORT": r"%{IPORHOST}:%{POSINT}",
    "UNIXPATH": r"(?:/[^/\s]*)+",
    "WINPATH": r"(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+",
    "PATH": r"(?:%{UNIXPATH}|%{WINPATH})",
    "URIPROTO": r"[A-Za-z][A-Za-z0-9+.-]*",
    "URIHOST": r"%{IPORHOST}(?::%{POSINT})?",
    "URIPATH": r"(?:/[^\s?#]*)+",
    "URIPARAM": r"\?\S*",
    "URIPATHPARAM": r"%{URIPATH}(?:%{URIPARAM})?",
    "URI": r"%{URIPROTO}://(?:%{USER}(?::[^@\s]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
    "MONTH": _MONTH,
    "MONTHNUM": r"(?:0?[1-9]|1[0-2])",
    "MONTHNUM2": r"(?:0[1-9]|1[0-2])",
    "MONTHDAY": r"(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
    "DAY": r"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)",
    "YEAR": r"(?:[0-9]{4}|[0-9]{2})",
    "HOUR": r"(?:2[0123]|[01]?[0-9])",
    "MINUTE": r"[0-5][0-9]",
    "SECOND": r"(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?",
    "TIME": r"%{HOUR}:%{MINUTE}(?::%{SECOND})?",
    "DATE_US": r"%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}",
    "DATE_EU": r"%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}",
    "DATE": r"(?:%{DATE_US}|%{DATE_EU})",
    "ISO8601_TIMEZONE": r"(?:Z|[+-]%{HOUR}(?::?%{MINUTE}))",
    "TIMESTAMP_ISO8601": r"[0-9]{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?",
    "DATESTAMP": r"%{DATE}[- ]%{TIME}",
    "TZ": r"(?:[A-Z]{3,4})",
    "HTTPDATE": r"%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} [+-][0-9]{4}",
    "SYSLOGTIMESTAMP": r"%{MONTH} +%{MONTHDAY} %{TIME}",
    "PROG": r"[\x21-\x5a\x5c\x5e-\x7e]+",
    "SYSLOGPROG": r"%{PROG:program}(?:\[%{POSINT:pid:int}\])?",
    "SYSLOGHOST": r"%{IPORHOST}",
    "SYSLOGBASE": r"%{SYSLOGTIMESTAMP:timestamp} %{SYSLOGHOST:logsource} %{SYSLOGPROG}:",
    "SYSLOGLINE": r"%{SYSLOGBASE} %{GREEDYDATA:message}",
    "LOGLEVEL": (
        r"(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe"
        r"|emerg(?:ency)?)"
    ),
    "JAVACLASS": r"[a-zA-Z$_][a-zA-Z$_0-9]*(?:\.[a-zA-Z$_][a-zA-Z$_0-9]*)*",
    "BOOLEAN": r"(?i:true|false)",
    "COMMONAPACHELOG": _APACHE,
    "COMBINEDAPACHELOG": r"%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}",
    "S3ACCESSLOG": (
        r"%{NOTSPACE:bucketowner} %{NOTSPACE:bucket} \[%{HTTPDATE:requestdatetime}\] %{NOTSPACE:remoteip} "
        r"%{NOTSPACE:requester} %{NOTSPACE:requestid} %{NOTSPACE:operation} %{NOTSPACE:key} "
        r'(?:"%{DATA:requesturi}"|-) (?:%{INT:httpstatus:int}|-) %{NOTSPACE:errorcode} (?:%{INT:bytessent:long}|-) '
        r"(?:%{INT:objectsize:long}|-) (?:%{INT:totaltime:long}|-) (?:%{INT:turnaroundtime:long}|-) "
        r"(?:%{QS:referrer}|-) (?:%{QS:useragent}|-) %{NOTSPACE:versionid}(?: .*)?"
    ),
}
"""Named patterns that every classifier knows."""

_REFERENCE = re.compile(r"%\{(\w+)(?::([\w.@-]+))?(?::(\w+))?\}")
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<(?![=!])\w+>|\(\?P<\w+>|\((?!\?)", re.DOTALL)


def read_grok(pattern: str, own: Mapping[str, str] | None = None) -> tuple[str, Columns]:
    """The expression that a pattern says, and its fields in the order of their groups.

    Args:
        own: named patterns of the classifier, before the ones that all know.

    Raises:
        InvalidParameterValue: an unknown name or type, names in a circle, no field, a field twice.
        FeatureNotSupported: constructs that only a backtracking engine has.
    """
    fields: list[tuple[str, SqlType]] = []
    known = {**PATTERNS, **(own or {})}
    made = _expand(pattern, known, fields, 0)
    if not fields:
        raise InvalidParameterValue("the grok pattern names no field", hint="%{WORD:name} makes a column of a word.")
    names = [name for name, _ in fields]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InvalidParameterValue(f'the grok pattern names the field "{repeated}" twice')
    expression, groups = to_re2(made)
    assert groups == len(fields), "only named fields are groups"
    return expression, tuple(fields)


def _expand(text: str, known: Mapping[str, str], fields: list[tuple[str, SqlType]], depth: int) -> str:
    if depth > DEPTH_MAX:
        raise InvalidParameterValue("the named patterns of a grok pattern refer to each other in a circle")
    made: list[str] = []
    at = 0
    for found in _REFERENCE.finditer(text):
        made.append(_without_groups(text[at : found.start()]))
        at = found.end()
        name, field, kind = found.groups()
        if name not in known:
            raise InvalidParameterValue(f'the grok pattern "{name}" is not known', hint="CUSTOM PATTERNS defines more.")
        if field is not None:
            fields.append((field.lower(), _type(kind)))
        made.append("(" if field is not None else "(?:")
        made.append(_expand(known[name], known, fields, depth + 1))
        made.append(")")
        if sum(map(len, made)) > CHARACTERS_MAX:
            raise InvalidParameterValue("the grok pattern becomes too long an expression")
    made.append(_without_groups(text[at:]))
    return "".join(made)


def _without_groups(text: str) -> str:
    """Groups of the text's own capture nothing: only named fields are columns."""
    return _GROUP.sub(lambda found: "(?:" if found.group().startswith("(") else found.group(), text)


def _type(kind: str | None) -> SqlType:
    if kind is not None and kind.lower() not in _TYPES:
        raise InvalidParameterValue(f'"{kind}" is not a type of a grok field', hint=f"Types: {', '.join(_TYPES)}.")
    return _TYPES[(kind or "string").lower()]


def read_own_patterns(text: str) -> dict[str, str]:
    """CUSTOM PATTERNS: a name and its pattern on each line.

    Raises:
        InvalidParameterValue: a line without a pattern.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, _, pattern = line.strip().partition(" ")
        if not re.fullmatch(r"\w+", name) or not pattern.strip():
            raise InvalidParameterValue(f'"{line.strip()}" is no name and pattern')
        found[name] = pattern.strip()
    return found
