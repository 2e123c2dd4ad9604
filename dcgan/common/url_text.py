"""URLs as they may be shown: without passwords, also where one was not written as a URL wants it.

A password may hold `@` unencoded, though it should not: the last `@` before the host ends it. Where it cannot be told
whether a character belongs to the password or to what follows, both are hidden.
"""

from __future__ import annotations

import re

ENCODED = "in a user name or password @ is written %40, : %3A, / %2F, ? %3F, # %23 and % %25"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_SECRET = re.compile(r"([?&;][^=&;\s]*(?:password|passwd|secret|token|key)[^=&;\s]*=)[^&;\s]*", re.IGNORECASE)
# What stands where a port does and is none: a password, as in postgresql://me:secret without a host.
_ODD_PORT = re.compile(r"^(\[[^\]/?#]*\]|[^:/?#\[]*):(?!\d*(?:[/?#]|$))[^/?#]*")
_WORD = re.compile(r"[\w./-]*")
_WEB = {"http", "https"}  # whose users are hidden as well: they may be tokens


def without_password(url: str) -> str:
    """A storage's URL as it may be printed: without its password and its query; of what is no URL, a mere word."""
    if "://" not in url:  # the connection string of another library (password=...), or a URL's end
        return url if _WORD.fullmatch(url) else "..."
    scheme, _, rest = _masked(url).partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}://{user}{at}" + re.split(r"[?#]", _ODD_PORT.sub(r"\1:***", host))[0]


def without_passwords(text: str) -> str:
    """The text with the password in each of its URLs, and in their queries, as `***`."""
    if "://" not in text:
        return text
    return _URL.sub(lambda found: _SECRET.sub(r"\1***", _masked(found.group())), text)


def is_ambiguous(url: str) -> bool:
    """Whether an `@` stands within the user name or password, so that programs take a part of it for the host."""
    user, _ = _parts(url)
    return "@" in user and "?" not in user


def has_reserved(url: str) -> bool:
    """Whether its password holds a character that a URL may read as something else."""
    user, _ = _parts(url)
    return re.search(r"%(?![0-9A-Fa-f]{2})|[^\w.~!$&'()*+,;=%-]", user.partition(":")[2]) is not None


def _parts(url: str) -> tuple[str, str]:
    """What stands between `://` and the last `@` that can be the host's, and what follows it."""
    scheme, _, rest = url.partition("://")
    if rest.startswith("/"):  # no host and no user: the path of a file, which may hold an @
        return "", rest
    authority = re.split(r"[/?#]", rest)[0] if scheme.lower() in _WEB else rest
    user, _, host = authority.rpartition("@")
    return user, host + rest[len(authority) :]


def _masked(url: str) -> str:
    scheme, _, _ = url.partition("://")
    user, host = _parts(url)
    if not user:
        return url
    if scheme.lower() in _WEB:
        return f"{scheme}://***@{host}"
    name = re.split(r"[:/?#@]", user)[0]
    if name == user:
        return url
    return f"{scheme}://{name}:***@{'...' if '?' in user else host}"
