"""What the secret of an output may say, checked when the output is declared: a word that is misspelt would otherwise mean
nothing, and the output fail later, or speak to somebody whom it should not.

Receives a secret and the words that a kind knows; its values appear in no error, but for the paths of files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from boathouse.contracts.errors import InvalidParameterValue

FILES = ("ca_file", "certificate_file", "key_file")


def require_known(secret: Mapping[str, str], known: Collection[str]) -> None:
    """Every word is one that the output knows, what belongs together is there, and files can be read.

    Raises:
        InvalidParameterValue: otherwise.
    """
    unknown = sorted(set(secret) - set(known))
    if unknown:
        raise InvalidParameterValue(
            f'the secret has "{unknown[0]}", which means nothing to this output',
            hint=f"Known are {', '.join(sorted(known))}.",
        )
    for word, other in (("password", "user"), ("key_file", "certificate_file")):
        if word in secret and other not in secret:
            raise InvalidParameterValue(f"the secret has {word}, and no {other}")
    for word in FILES:
        if word in secret:
            _require_readable(word, secret[word])


def _require_readable(word: str, path: str) -> None:
    try:
        is_pem = b"-----BEGIN " in Path(path).read_bytes()
    except OSError as failure:
        raise InvalidParameterValue(f'the secret\'s {word} "{path}" cannot be read: {failure.strerror}') from failure
    if not is_pem:
        raise InvalidParameterValue(f'the secret\'s {word} "{path}" is no PEM file')
