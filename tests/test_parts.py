"""A protection's name says what is done, once, and in the order in which it can be checked."""

from itertools import permutations

import pytest

from deadpan.stickers.parts import LAID, SKIN, parts


@pytest.mark.parametrize("name", LAID + SKIN)
def test_each_name_is_a_protection_of_its_own(name: str) -> None:
    assert parts(name) == (name,)


@pytest.mark.parametrize("words", list(permutations(["freeze", "decoy", "stickers"])), ids="+".join)
def test_the_order_of_the_words_does_not_matter_and_freeze_and_decoy_are_still(words: tuple[str, ...]) -> None:
    assert parts("+".join(words)) == ("still", "stickers")


@pytest.mark.parametrize(
    "name", ["", "+", "veil", "still+", "+still", "still + stickers", "Still", "none", "still,freeze"]
)
def test_what_is_no_protection_is_answered_with_those_that_are(name: str) -> None:
    with pytest.raises(ValueError, match="expected sticker, stickers, freeze, decoy, still"):
        parts(name)


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("decoy+decoy", "decoy is named twice"),
        ("still+stickers+still", "still is named twice"),
        ("freeze+still", "leave out freeze"),
        ("still+decoy+sticker", "leave out decoy"),
        ("freeze+decoy+still", "leave out freeze"),
        ("stickers+freeze+sticker", "leave out sticker"),
    ],
)
def test_what_is_said_twice_or_contradicts_itself_is_refused(name: str, trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        parts(name)
