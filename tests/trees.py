"""The five data sets' real layouts, tiny, with faces that move: two people who show each class once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import openpyxl

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models.frame import Image

SHOWN = (("negative", (17,)), ("positive", (6, 12)), ("surprise", (1, 2)))
ONSET, APEX, OFFSET, LENGTH = 1, 4, 7, 9
Shown = Mapping[tuple[int, str], Sequence[Image]]
"""Person, from 1, and class → the clip's pictures."""


def shown(model: bytes) -> Shown:
    """What all data sets hold."""
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(150).framed((320, 280))
    clips = {}
    for person in (1, 2):
        for number, (label, units) in enumerate(SHOWN):
            event = Event(ONSET, APEX, OFFSET, label, units, 0.02)
            seen = {"head": head_named("quiet"), "size": (320, 280), "seed": 10 * person + number}
            clips[person, label] = list(Clip(label, "collins", (still,), LENGTH, (event,), **seen).pictures())
    return clips


def casme(root: Path, clips: Shown) -> None:
    rows: list[list[object]] = [["Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None]]
    rows[0] += ["AU", "Emotion"]
    for number, ((person, label), pictures) in enumerate(clips.items()):
        name, start = f"EP0{number + 1}_1", 73
        emotion = {"negative": "repression", "positive": "happiness", "surprise": "surprise"}[label]
        rows.append([person, name, None, start + ONSET, start + APEX, "\\", start + OFFSET, None, "4", emotion])
        folder = root / "CASME_raw_selected" / f"sub0{person}" / name
        _pictures(folder, pictures, f"{name}-{{}}.jpg", start)
    _book(root / "CASME-coded-20190721.xlsx", {"Sheet1": rows})


def casme2(root: Path, clips: Shown) -> None:
    rows: list[list[object]] = [["Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None]]
    rows[0] += ["Action Units", "Estimated Emotion"]
    for number, ((person, label), pictures) in enumerate(clips.items()):
        name, start = f"EP0{number + 1}_01", 46
        emotion = {"negative": "repression", "positive": "happiness", "surprise": "surprise"}[label]
        rows.append([f"0{person}", name, None, start + ONSET, start + APEX, start + OFFSET, None, "4", emotion])
        folder = root / "CASME2_RAW_selected" / f"sub0{person}" / name
        _pictures(folder, pictures, "img{}.jpg", start)
    _book(root / "CASME2-coding-20140508.xlsx", {"Sheet1": rows})


def casme_squared(root: Path, clips: Shown) -> None:
    codes: list[list[object]] = []
    videos = {"negative": ("0101", "disgust1"), "positive": ("0502", "happy1"), "surprise": ("0401", "anger1")}
    for (person, label), pictures in clips.items():
        number, name = videos[label]
        at = [1 + ONSET, 1 + APEX, 1 + OFFSET]
        codes.append([person, f"{name}_1", *at, "4", label, "micro-expression", "disgust"])
        folder = root / "rawpic" / f"s1{person}" / f"1{person}_{number}film"
        _pictures(folder, pictures, "img{:03d}.jpg", 1)
    subjects: list[list[object]] = [[11, "s11", 1], [12, "s12", 2]]
    names: list[list[object]] = [list(each) for each in videos.values()]
    pages = {"CASFEcode_final": codes, "naming rule1": subjects, "naming rule2": names}
    _book(root / "CAS(ME)^2code_final.xlsx", pages)


def samm(root: Path, clips: Shown) -> None:
    rows: list[list[object]] = [["SAMM micro-movement codes, release 2"], *([[None]] * 12)]
    rows.append(["Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration"])
    rows[-1] += ["Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"]
    for number, ((person, label), pictures) in enumerate(clips.items()):
        name, start = f"00{person + 5}_{number + 1}_1", 5562
        emotion = {"negative": "Anger", "positive": "Happiness", "surprise": "Surprise"}[label]
        at = [start + ONSET, start + APEX, start + OFFSET, OFFSET - ONSET + 1]
        rows.append([name[:3], name, 1, *at, "Micro - 1/2", "13", emotion, 5, None])
        grey = [cv2.cvtColor(each, cv2.COLOR_BGR2GRAY) for each in pictures]
        _pictures(root / "SAMM" / name[:3] / name, grey, f"{name[:3]}_{{:05d}}.jpg", start)
    _book(root / "SAMM_Micro_FACS_Codes_v2.xlsx", {"Sheet1": rows})


def smic(root: Path, clips: Shown) -> None:
    for (person, label), pictures in clips.items():
        short = {"negative": "ne", "positive": "po", "surprise": "sur"}[label]
        folder = root / "SMIC_all_raw" / "HS" / f"s{person}" / "micro" / label / f"s{person}_{short}_01"
        _pictures(folder, pictures[ONSET : OFFSET + 1], "image{:06d}.bmp", 1)


LAYOUTS = {"casme": casme, "casme2": casme2, "casme-squared": casme_squared, "samm": samm, "smic": smic}


def _pictures(folder: Path, pictures: Sequence[Image], name: str, first: int) -> None:
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures, first):
        quality = [cv2.IMWRITE_JPEG_QUALITY, 100]
        assert cv2.imwrite(str(folder / name.format(number)), picture, quality)


def _book(path: Path, pages: Mapping[str, Sequence[Sequence[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in pages.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    book.save(path)
