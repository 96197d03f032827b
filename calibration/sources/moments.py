"""From the coders' frame numbers to pictures."""

from bisect import bisect_right
from dataclasses import dataclass

from deadpan.calibration.sources.folders import Numbered
from deadpan.calibration.sources.unusable import Unusable


@dataclass(frozen=True)
class Moments:
    """Which pictures, from 0: 0 <= onset < apex <= offset."""

    onset: int
    apex: int
    offset: int
    apex_coded: bool


def moments(pictures: Numbered, onset: int | None, apex: int | None, offset: int | None) -> Moments:
    """What the coders' frame numbers are among the pictures; None says that there is none.

    An apex that is missing, or not after the onset and up to the offset, is the middle between the two, as the field
    has it (SAMM's 028_4_1 and 032_3_1). An offset that is missing or not after the onset is the apex (in
    CAS(ME)² 0 says: until the end of the clip), one beyond the last picture is that (CASME II, sub16 EP01_08: cut off),
    but only where somebody saw the apex: else nothing holds. Raises `Unusable`.
    """
    if onset is None or onset < 0:
        raise Unusable("no onset")
    first, last = pictures.numbers[0], pictures.numbers[-1]
    begin = pictures.index(onset)
    if begin is None:
        raise Unusable(f"no picture of the onset, {onset}; there are {len(pictures)}, {first} to {last}")
    ends = offset is not None and offset > onset
    coded = apex is not None and apex > onset and (not ends or (offset is not None and apex <= offset))
    peak = pictures.index(apex) if coded and apex is not None else None
    if coded and peak is None:
        raise Unusable(f"no picture of the apex, {apex}; there are {len(pictures)}, {first} to {last}")
    if not ends or offset is None:
        if peak is None:
            raise Unusable(f"onset {onset}, apex {_said(apex)}, offset {_said(offset)}: nothing after the onset")
        return Moments(begin, peak, peak, apex_coded=True)
    if offset > last and peak is None:
        raise Unusable(f"no picture of the offset, {offset}, and no apex; there are {len(pictures)}, {first} to {last}")
    end = bisect_right(pictures.numbers, offset) - 1
    if end <= begin:
        raise Unusable(f"no picture between onset {onset} and offset {offset}")
    if peak is not None:
        return Moments(begin, peak, end, apex_coded=True)
    return Moments(begin, max(begin + 1, (begin + end) // 2), end, apex_coded=False)


def _said(number: int | None) -> str:
    return "missing" if number is None else str(number)
