"""Who signs at a moment, and when signing ends."""

from __future__ import annotations

import pytest

from gateway.provenance.jwks import PublishedKey
from gateway.provenance.keys import LocalSigner, throw_away_signer
from gateway.provenance.keyview import KeyView, signing_ends


def key(
    begins: int | None, ends: int | None, **more: int | str
) -> tuple[PublishedKey, LocalSigner]:
    signer = throw_away_signer()
    revoked = more.get("revoked_at")
    assert revoked is None or isinstance(revoked, int)
    return PublishedKey(signer.public, 0, begins, ends, revoked), signer


def view(*pairs: tuple[PublishedKey, LocalSigner]) -> KeyView:
    return KeyView.of([k for k, _ in pairs], {s.kid: s for _, s in pairs}, {})


def test_the_first_instant_belongs_to_a_key_and_the_last_one_does_not() -> None:
    only = key(100, 200)
    found = view(only)
    assert found.signer_at(99.999) is found.signer_at(200) is None
    assert found.key_at(200) is None
    assert found.signer_at(100) is found.signer_at(199.999) is only[1]
    assert found.key_at(100) == only[0]


def test_of_several_keys_in_their_time_the_one_that_began_last_signs() -> None:
    old, new, open_ended = key(0, 300), key(100, 300), key(None, None)
    found = view(new, old, open_ended)
    assert [found.signer_at(at) for at in (-1, 50, 150, 300)] == [
        open_ended[1],
        old[1],
        new[1],
        open_ended[1],
    ]


def test_of_two_that_begin_together_the_one_published_last_signs() -> None:
    first, second = key(100, 200), key(100, 200)
    assert view(first, second).signer_at(150) is second[1]


def test_a_revoked_key_signs_at_no_time() -> None:
    lost = key(100, 200, revoked_at=180)
    found = view(lost)
    assert found.signer_at(150) is None
    assert not found.stands(lost[0].kid, 150)


def test_a_key_stands_in_its_time_only() -> None:
    one, other = key(100, 200), key(200, 300)
    found = view(one, other)
    assert found.stands(one[0].kid, 150)
    assert not found.stands(one[0].kid, 250)
    assert not found.stands("another", 150)


def test_the_next_beginning_is_of_a_key_that_can_sign() -> None:
    found = view(key(100, 200), key(300, 300), key(400, 500), key(350, 500, revoked_at=1))
    assert [found.begins_after(at) for at in (50, 100, 400)] == [100, 400, None]
    assert view(key(None, 10)).begins_after(20) is None


@pytest.mark.parametrize(
    ("spans", "at", "ends"),
    [
        ([], 5.5, 5),
        ([(0, 10)], 5.5, 10),
        ([(0, 10), (10, 20), (15, 30)], 5.5, 30),
        ([(0, 10), (11, 20)], 5.5, 10),
        ([(0, 10), (8, None)], 5.5, None),
        ([(0, 10)], 10.0, 10),
        ([(6, 10)], 5.5, 5),
    ],
)
def test_signing_ends_where_no_key_follows(
    spans: list[tuple[int, int | None]], at: float, ends: int | None
) -> None:
    pairs = [key(*span) for span in spans]
    assert signing_ends([k for k, _ in pairs], at) == ends
    assert view(*pairs).ends_after(at) == ends
