"""No part of a password is shown, however it was written."""

from __future__ import annotations

import pytest

from dcgan.common.url_text import has_reserved, is_ambiguous, without_password, without_passwords


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql+psycopg://me@host/db", "postgresql+psycopg://me@host/db"),
        ("postgresql://me:p@secret@localhost", "postgresql://me:***@localhost"),
        ("postgresql://me:s@e@cret@localhost/db?sslmode=require", "postgresql://me:***@localhost/db"),
        ("postgresql://me:sec/ret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:sec#ret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:sec?ret@host/db", "postgresql://me:***@..."),
        ("postgresql://me:a@b?secret@host/db", "postgresql://me:***@..."),
        ("postgresql://me@x:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?user=me&password=secret", "postgresql://host/db"),
        ("postgresql://host/db?password=se@cret", "postgresql://host:***@..."),
        ("postgresql://:secret@host", "postgresql://:***@host"),
        ("postgresql://me:secret", "postgresql://me:***"),
        ("postgresql://me:secret/db", "postgresql://me:***/db"),
        ("postgresql://me:secret@[::1]:secret/db?x", "postgresql://me:***@[::1]:***/db"),
        ("postgresql://me@[::1]:5432/db", "postgresql://me@[::1]:5432/db"),
        ("me:secret@host", "..."),
        ("host=h password=secret", "..."),
        ("password=secret", "..."),
        ("sqlite:////home/a@b.db", "sqlite:////home/a@b.db"),
        ("grpc://host:13000", "grpc://host:13000"),
        ("sqlite:///queue.db", "sqlite:///queue.db"),
        ("foo", "foo"),
    ],
)
def test_a_storage_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
    assert without_password(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no URL: me@host", "no URL: me@host"),
        ("see postgresql://me:s@cret@h/db: gone", "see postgresql://me:***@h/db: gone"),
        ("'--storag=postgresql://me:secret@h'", "'--storag=postgresql://me:***@h'"),
        ("no storage: sqlite:////home/a:b@c.db", None),
        ("https://token@host/a@b", "https://***@host/a@b"),
        ("https://wandb.ai/me/study?workspace=mine", "https://wandb.ai/me/study?workspace=mine"),
        ("http://h/x?a=1&api_key=secret&b=2", "http://h/x?a=1&api_key=***&b=2"),
        ("postgresql://h/x?user=me&sslpassword=secret", "postgresql://h/x?user=me&sslpassword=***"),
        ("expected postgresql://user@host/database, or grpc://host:port", None),
    ],
)
def test_every_url_of_a_line_is(text: str, shown: str | None) -> None:
    assert without_passwords(text) == (shown or text)


def test_what_must_be_percent_encoded_is_seen() -> None:
    assert is_ambiguous("postgresql://me:p@ss@host") and not is_ambiguous("postgresql://me:p%40ss@host")
    assert not is_ambiguous("postgresql://host/db?user=a@b")
    assert has_reserved("postgresql://me:p%ss@host") and has_reserved("postgresql://me:p/s@host")
    assert not has_reserved("postgresql://me:p-s_s.~%40@host") and not has_reserved("postgresql://me@host:5432/db")
