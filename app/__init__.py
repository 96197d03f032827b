"""Runs it live: camera, face, protection, virtual camera; `app/commands/` is the command line."""

import os

# OpenCV reads these once, when it loads: an unplugged V4L2 camera is noticed after one second instead of ten,
# and its own remarks on cameras and codecs do not run through the status line.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# One thread: waking more costs a 720p frame's conversions more CPU time than it saves (`deadpan bench`: 1.33 → 1.28).
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
# Qt, inside OpenCV's windows, warns about fonts that it does not need.
os.environ.setdefault("QT_LOGGING_RULES", "*=false")
