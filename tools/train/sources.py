"""Recordings used of each Debian package, and what each is used for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dsp.frame import RATE_HZ

from .labels import phones_of, trimmed, with_phones
from .recording import Recording, Stored, decoded, stored

SPEECH_MOST_S, FESTVOX_MOST_S = 30.0, 60.0
"""Recordings are cut off at these lengths."""

LEAST_SPEECH_S, LEAST_NOISE_S = 0.25, 0.05
"""Shorter recordings are left out."""

LEAST_PEAK = 1e-3
"""Softer noises are left out."""

SEED = 0
"""Seed of the order of files."""

VOICES = "human|woman|man-|female|male|laugh|speech|voice|talk|orc|dwarf|drake|troll|ogre|elf|merm|gryphon-|mage|hello|yes|no_|ok|desc"  # noqa: E501
"""Names of sounds made by people: neither plain speech nor plain noise."""


@dataclass(frozen=True)
class Source:
    """Files of packages that make up a group."""

    group: str
    """Its name; ``{language}`` in it is the part that ``files`` matched by that name."""
    package: str
    files: str
    """Pattern that a path in the package must match."""
    without: str = "^$"
    """Pattern that a path must not match."""


@dataclass(frozen=True)
class Amount:
    """How much of a kind of noise is used."""

    most_s: float = 20.0
    most_files: int = 400


SPEECH = (
    Source("fillets_cs", "fillets-ng-data-cs", r"\.ogg$"),
    Source("fillets_nl", "fillets-ng-data-nl", r"\.ogg$"),
    *(
        Source(f"asterisk_{name}", f"asterisk-core-sounds-{name}-g722", r"\.g722$", "silence|beep|tone")
        for name in ("en", "es", "fr", "it", "ru")
    ),
    Source("menardi", "asterisk-prompt-it-menardi-wav", r"\.wav$", "silence"),
    Source("tub_{language}", "ktuberling-data", r"/(?P<language>[^/]+)/[^/]+\.(ogg|wav)$"),
    Source("kajongg", "kajongg", r"\.ogg$"),
    Source("tux_{language}", "tuxpaint-stamps-default", r"_desc_(?P<language>[A-Za-z_]+)\.ogg$"),
    Source("tux_en", "tuxpaint-stamps-default", r"_desc\.ogg$"),
    Source("klettres", "klettres-data", r"\.ogg$"),
    Source("0ad_{language}", "0ad-data", r"audio/voice/(?P<language>[^/]+)/civ/.*\.ogg$"),
    Source("hog_{language}", "hedgewars-data", r"voices/(?P<language>[^/]+)/.*\.ogg$", "Singer|Robot"),
)
"""Clean speech, labelled by its energy."""

SPEECH_MOST = {"klettres": 600, "tuxpaint-stamps-default": 350}
"""Largest number of recordings per group of a package."""

NOISE = (
    Source("keys", "bucklespring-data", r"\.wav$"),
    Source("sonic", "sonic-pi-samples", r"\.flac$"),
    Source("drums", "hydrogen-drumkits", r"\.(flac|wav)$"),
    Source("music", "drascula-music", r"\.ogg$"),
    Source("music", "hyperrogue-music", r"\.ogg$"),
    Source("music", "wesnoth-1.16-music", r"\.ogg$"),
    Source("music", "widelands-data", r"/music/.*\.ogg$"),
    Source("music", "freedroidrpg-data", r"/music/[^/]*\.ogg$"),
    Source("music", "hedgewars-data", r"/Music/[^/]*\.ogg$"),
    Source("music", "colobot-common-sounds", r"/music/[^/]*\.ogg$"),
    Source("music", "supertux-data", r"/music/.*\.ogg$"),
    Source("hold", "asterisk-moh-opsound-g722", r"\.g722$"),
    Source("desk", "oxygen-sounds", r"\.ogg$"),
    Source("lmms", "lmms-common", r"\.(ogg|wav)$"),
    Source("sfx", "wesnoth-1.16-data", r"/sounds/.*\.ogg$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "widelands-data", r"/sound/.*\.ogg$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "planetblupi-common", r"\.wav$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "freedroidrpg-data", r"/effects/.*\.ogg$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "fillets-ng-data", r"/sound/.*\.ogg$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "hedgewars-data", r"/Sounds/[^/]*\.ogg$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "colobot-common-sounds", r"/sounds/[^/]*\.(ogg|wav)$", rf"(?i)({VOICES})[^/]*$"),
    Source("sfx", "supertux-data", r"/sounds/.*\.(ogg|wav)$", rf"(?i)({VOICES})[^/]*$"),
    Source("stamps", "tuxpaint-stamps-default", r"\.ogg$", "desc"),
    Source("flight", "searchandrescue-data", r"\.wav$", rf"(?i){VOICES}"),
    Source("ambient", "0ad-data", r"audio/ambient/.*\.ogg$"),
    Source("ambient", "unknown-horizons", r"ambient.*\.ogg$"),
    Source("actor", "0ad-data", r"audio/(actor|resource|attack)/.*\.ogg$", "human|voice|female|male"),
    Source("city", "lincity-ng-data", r"\.wav$"),
    Source("city", "torcs-data", r"\.wav$"),
    Source("scratch", "scratch", r"(?i)\.(wav|mp3)$", "(?i)/human|vocal"),
    Source("uh", "unknown-horizons", r"\.ogg$", "ambient|voice|speech"),
)
"""Non-speech, by kind."""

AMOUNTS = {
    "drums": Amount(5.0, 300),
    "music": Amount(40.0, 500),
    "hold": Amount(120.0),
    "stamps": Amount(10.0),
    "ambient": Amount(60.0),
    "actor": Amount(20.0, 600),
    "scratch": Amount(10.0),
    "uh": Amount(30.0),
}
"""Amounts of kinds, where that isn't ``Amount()``."""

FESTVOX = "festvox-ru"
FESTVOX_GROUP = "festvox_ru"
FESTVOX_VOWELS = frozenset("a aa ae ay e ee i ii oo u ur uu y yy".split())  # noqa: SIM905
"""Vowels of Russian, stressed and unstressed, as its labels name them."""

PACKAGES = sorted({source.package for source in (*SPEECH, *NOISE)} | {FESTVOX})
"""All packages that are needed."""


def files(sources: Iterable[Source], packages: Path) -> dict[str, list[Path]]:
    """Files of each group, in a fixed random order."""
    found: dict[str, list[Path]] = {}
    for source in sources:
        folder = packages / source.package
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(folder).as_posix()
            hit = re.search(source.files, path)
            if hit and not re.search(source.without, path):
                found.setdefault(source.group.format(**hit.groupdict()), []).append(file)
    for group in found.values():
        np.random.default_rng(SEED).shuffle(group)
    return found


def speech(packages: Path, names: list[str]) -> dict[str, list[Recording]]:
    """Labelled recordings of each group of ``SPEECH``, and those with phones, of the named packages."""
    out: dict[str, list[Recording]] = {}
    for source in (source for source in SPEECH if source.package in names):
        most = SPEECH_MOST.get(source.package)
        for group, found in files([source], packages).items():
            out[group] = []
            for file in found:
                x = decoded(file, SPEECH_MOST_S)
                kept = trimmed(x) if x.size >= LEAST_SPEECH_S * RATE_HZ else None
                if kept is not None:
                    out[group].append(kept)
                if len(out[group]) == most:
                    break
            print(f"{group}: {len(out[group])} recordings", flush=True)
    if FESTVOX in names:
        out[FESTVOX_GROUP] = festvox(packages)
    return {group: recordings for group, recordings in out.items() if recordings}


def festvox(packages: Path) -> list[Recording]:
    """A Russian speaker with the times of the phones: lines of "end number name" after a "#"."""
    out = []
    for labels in sorted((packages / FESTVOX).rglob("lab/*.lab")):
        rows = [line.split() for line in labels.read_text("utf-8").splitlines()[1:] if line.strip()]
        phones = phones_of([(name, float(end_s)) for end_s, _, name in rows])
        x = decoded(labels.parents[1] / "wav" / f"{labels.stem}.wav", FESTVOX_MOST_S)
        recording = with_phones(x, phones, FESTVOX_VOWELS)
        if recording is not None:
            out.append(recording)
    print(f"{FESTVOX_GROUP}: {len(out)} recordings with phones", flush=True)
    return out


def noise(packages: Path, names: list[str]) -> dict[str, list[Stored]]:
    """Recordings of each kind of ``NOISE``, of the named packages."""
    out: dict[str, list[Stored]] = {}
    for kind, found in files([source for source in NOISE if source.package in names], packages).items():
        take = AMOUNTS.get(kind, Amount())
        sounds = [decoded(file, take.most_s) for file in found[: take.most_files]]
        cut = [x[: int(take.most_s * RATE_HZ)] for x in sounds if x.size >= LEAST_NOISE_S * RATE_HZ]
        out[kind] = [stored(x) for x in cut if np.abs(x).max() >= LEAST_PEAK]
        print(f"{kind}: {len(out[kind])} sounds", flush=True)
    return out
