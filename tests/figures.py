"""The figures that --json writes, in the form that the issues give to them."""

from deadpan.models.recognizer import Recognizer


def assert_figures(figures: dict[str, object], *more: str) -> None:
    """The form that the issue gives to --json, with `more` keys."""
    hidden = {"protection", "strength", "let_go", "sticker", "plan"}
    assert set(figures) == {"frames", "withheld", "faces_max", "fps", "stage_ms", "latency_ms", "size", *hidden, *more}
    frames, stages, latency = figures["frames"], figures["stage_ms"], figures["latency_ms"]
    assert isinstance(frames, dict)
    assert isinstance(stages, dict)
    assert isinstance(latency, dict)
    assert set(frames) == {"in", "smaller", "out", "protected", "held", "shuttered", "unvouched", "empty", "errors"}
    assert set(stages) == {"capture", "track", "protect", "gate", "emit"}
    for percentiles in (*stages.values(), latency):
        assert set(percentiles) == {"p50", "p95"}
        assert 0 <= percentiles["p50"] <= percentiles["p95"]
    assert frames["out"] == sum(frames[kind] for kind in ("protected", "held", "shuttered", "empty"))


def assert_success(success: dict[str, object]) -> None:
    """The form that the issue gives to "success", with what comes on top."""
    wanted = {"events", "measurable", "fooling_rate", "interval", "asr", "controls", "recognizer", "recognizer_sha256"}
    assert wanted <= set(success)
    assert isinstance(success["controls"], dict)
    assert set(success["controls"]) == {"none", "random"}
    assert success["recognizer"] == "motion"
    assert success["recognizer_sha256"] == Recognizer.load("motion").sha256
    assert isinstance(success["events"], int)
    assert isinstance(success["measurable"], int)
    assert success["measurable"] <= success["events"]
