"""Reported figures: their place in the yardstick's results, their bars and their peers."""

from __future__ import annotations

from typing import NamedTuple

LOWER = {
    "gross", "octave", "cents", "behind_ms", "us_per_hop", "false_alarm", "onset_ms", "offset_ms", "mape",
    "mape_gain", "false_per_min", "bc_as_interruption", "start_abs_ms", "end_abs_ms", "false_rise",
}  # fmt: skip
"""Measures of which less is better."""

SHARES = {"auc", "r"}
"""Measures shown with three decimals."""

FINE = {"gross", "octave"}
"""Measures shown with two decimals."""


class Row(NamedTuple):
    """A figure: its description, and its place in the yardstick's results."""

    what: str
    task: str
    group: str
    key: str
    ours: str
    """Name of our estimator."""
    must: float | None = None
    moonshot: float | None = None

    def worth(self, value: float) -> float:
        """Value of which more is better."""
        return -abs(value) if self.key in LOWER | {"bias"} else value

    def rounded(self, value: float) -> float:
        """Round the figure to the decimals that are shown."""
        return round(value, self._decimals)

    def show(self, value: float) -> str:
        """Format the figure."""
        return f"{value:.{self._decimals}f}".replace("-", "−")

    @property
    def _decimals(self) -> int:
        return 3 if self.key in SHARES else 2 if self.key in FINE else 0 if self.key.endswith("_ms") else 1


class Table(NamedTuple):
    """One measure: its figures, and its peers by display name.

    A peer is a function of the yardstick's ``peers``, or ``module:function`` of this project: those are
    installed with the tests, and measured in every run.
    """

    task: str
    peers: dict[str, str]
    rows: tuple[Row, ...]


Line = tuple[str, str, str] | tuple[str, str, str, float, float]
"""Description, set, measure, and the bars."""


def _table(task: str, peers: dict[str, str], *lines: Line) -> Table:
    rows = []
    for what, group, key, *bars in lines:
        home = "speed" if group == "speech" else task
        rows.append(Row(what, home, group, key, task, *bars))
    return Table(task, peers, tuple(rows))


TABLES = {
    "pitch": _table(
        "pitch",
        {"SwiftF0": "swift_f0", "RAPT": "rapt", "REAPER": "reaper", "Praat": "praat_ac"},
        ("right, %: laryngograph", "fda", "correct", 91.6, 92.6),
        ("… resynthesised, F0 known exactly", "world", "correct", 95.4, 96.3),
        ("… laryngograph, in white noise at 5 dB", "fda, white 5 dB", "correct", 88.5, 92.0),
        ("… resynthesised, in white noise at 5 dB", "world, white 5 dB", "correct", 87.0, 94.0),
        ("… laryngograph, in babble at 10 dB", "fda, babble 10 dB", "correct", 74.0, 78.0),
        ("… resynthesised, in babble at 10 dB", "world, babble 10 dB", "correct", 77.0, 81.0),
        ("… laryngograph, telephone band", "fda, telephone", "correct", 90.8, 92.5),
        ("… laryngograph, Opus at 24 kb/s", "fda, opus 24 kb/s", "correct", 91.6, 92.5),
        ("gross errors, %: laryngograph", "fda", "gross", 0.8, 0.4),
        ("octave errors, %: laryngograph", "fda", "octave"),
        ("median error, cents: resynthesised", "world", "cents"),
        ("behind the live edge, ms", "speech", "behind_ms", 50.0, 40.0),
        ("µs a hop", "speech", "us_per_hop", 12.0, 8.0),
    ),
    "vad": _table(
        "vad",
        {"Silero": "silero", "TEN": "ten", "earshot": "earshot", "WebRTC": "benchmarks.webrtc_vad:vad"},
        ("area under the curve: noisy", "ten", "auc", 0.950, 0.962),
        ("… clean", "timit", "auc"),
        ("F1, %: noisy", "ten", "f1"),
        ("false alarms, %: noisy", "ten", "false_alarm", 18.0, 14.0),
        ("… rain, keys, dogs, bells", "no speech", "false_alarm", 5.0, 1.0),
        ("onset noticed after, ms: noisy", "ten", "onset_ms", 50.0, 40.0),
        ("end noticed after, ms: noisy", "ten", "offset_ms", 60.0, 45.0),
        ("µs a hop", "speech", "us_per_hop", 12.0, 6.0),
    ),
    "pauses": _table(
        "pauses",
        {
            "level only": "pauses_energy",
            "earshot": "pauses_earshot",
            "Silero": "pauses_silero",
            "WebRTC": "benchmarks.webrtc_vad:pauses",
        },
        ("F1, %: clean", "timit", "f1", 88.0, 93.0),
        ("… noisy", "ten", "f1", 60.0, 75.0),
        ("precision, %: noisy", "ten", "precision"),
        ("recall, %: noisy", "ten", "recall"),
        ("start off by, ms: noisy", "ten", "start_abs_ms"),
        ("end off by, ms: noisy", "ten", "end_abs_ms"),
    ),
    "pace": _table(
        "pace",
        {"de Jong & Wempe": "dejong_wempe", "a metronome": "metronome"},
        ("rate off by, %: all tempos", "all", "mape", 8.0, 5.0),
        ("… after one factor for all", "all", "mape_gain", 8.0, 5.0),
        ("correlation with the true rate", "all", "r", 0.95, 0.97),
        ("bias, %", "all", "bias", 4.0, 2.0),
        ("bias, %: fast (length × 0.7)", "tempo, length x 0.7", "bias"),
        ("bias, %: slow (length × 1.4)", "tempo, length x 1.4", "bias"),
        ("nuclei F1, %", "all", "nuclei_f1", 84.0, 88.0),
    ),
    "fillers": _table(
        "fillers",
        {"level pitch": "fillers_flat"},
        ("F1, %: spliced into sentences", "spliced", "f1", 80.0, 92.0),
        ("… spontaneous", "real", "f1", 50.0, 70.0),
        ("precision, %: spontaneous", "real", "precision"),
        ("recall, %: spontaneous", "real", "recall"),
        ("false a minute of read speech", "timit", "false_per_min", 0.5, 0.1),
    ),
    "creak": _table(
        "creak",
        {"pitch under 70 Hz": "creak_low"},
        ("F1, %: resynthesised creak", "world", "f1", 65.0, 85.0),
        ("false alarms, %: the same voices, modal", "world, no creak", "false_alarm", 3.0, 1.0),
        ("F1, %: hand-labelled", "hand-labelled", "f1"),
        ("false alarms, %: other voices", "other voices, no creak", "false_alarm"),
    ),
    "ending": _table(
        "ending",
        {"Praat, end given": "ending_praat", "always a fall": "ending_fall"},
        ("mean recall of the three, %: laryngograph", "fda", "balanced", 92.0, 97.0),
        ("… imposed contours", "world", "balanced", 95.0, 98.0),
        ("answered, %: laryngograph", "fda", "answered"),
        ("right where answered, %: laryngograph", "fda", "accuracy"),
        ("falls and levels called rises, %: laryngograph", "fda", "false_rise"),
    ),
    "turns": _table(
        "turns",
        {"Silero on each side": "turns_silero"},
        ("interruptions: precision, %", "all", "precision", 92.0, 98.0),
        ("… recall, %", "all", "recall", 92.0, 98.0),
        ("backchannels called interruptions, %", "all", "bc_as_interruption", 5.0, 2.0),
        ("backchannels: recall, %", "all", "bc_recall"),
        ("interruptions with crosstalk: precision, %", "crosstalk", "precision"),
    ),
    "speed": Table(
        "speed",
        {},
        (Row("all of the ears, µs a hop", "speed", "speech", "us_per_hop", "pauses", 35.0, 20.0),),
    ),
}
