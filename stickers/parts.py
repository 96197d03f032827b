"""What a protection is called: one of five names, or skin and stickers together, joined by `+`."""

SKIN = ("freeze", "decoy", "still")
"""They bend what the camera saw; `still` is short for `freeze+decoy`."""
LAID = ("sticker", "stickers")
"""They paste: on the first of the plan's regions, the one that matters most, or on all of them."""


def parts(name: str) -> tuple[str, ...]:
    """The parts of a protection's name, in the order in which they are applied; raises `ValueError` in one line.

    Skin comes first, whatever the order of the words: a sticker that is bent afterwards trembles, and no longer lies
    where it was laid.
    """
    words = name.split("+")
    for word in words:
        if word not in SKIN + LAID:
            raise ValueError(f"expected {', '.join(LAID + SKIN)}, or one that lays and one that bends joined by +")
        if words.count(word) > 1:
            raise ValueError(f"{word} is named twice")
    skin, laid = [word for word in SKIN if word in words], [word for word in LAID if word in words]
    if skin == ["freeze", "decoy"]:
        skin = ["still"]
    if len(skin) > 1:
        raise ValueError(f"still is freeze and decoy; leave out {skin[0]}")
    if len(laid) > 1:
        raise ValueError("stickers are laid on the first region, too; leave out sticker")
    return (*skin, *laid)
