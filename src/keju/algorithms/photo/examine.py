"""V5.2.2: hold one photo against the rule and say criterion by criterion what was found."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np

from keju.algorithms.photo import judge
from keju.algorithms.photo.container import BrokenJpeg, NotJpeg, Structure, read_structure
from keju.algorithms.photo.faces import portrait_faces, profile_faces
from keju.algorithms.photo.findings import Box, Criterion, Finding, Limit, PhotoExamination
from keju.algorithms.photo.limits import MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE_PX, Judgement, PhotoLimits
from keju.algorithms.photo.pixels import Grey, Pixels, decode


def examine(data: bytes, *, limits: PhotoLimits, judgement: Judgement | None = None) -> PhotoExamination:
    """Examine the bytes of an uploaded photo; never raises, whatever they are.

    Time and memory are bounded: files and dimensions beyond what the program handles are refused from the
    header alone. Where one criterion leaves nothing to look at (no JPEG, no face), those that build on it
    have no finding rather than a made-up one.
    """
    findings, structure = _of_bytes(data, limits)
    if structure is not None and all(f.passed for f in findings if f.criterion in _DECODABLE):
        try:
            findings += _of_pixels(data, structure, judgement or Judgement())
        except BrokenJpeg as broken:
            findings = [f for f in findings if f.criterion != Criterion.INTACT]
            findings.append(Finding(Criterion.INTACT, False, str(broken), "complete"))
    width, height = _upright(structure) if structure else (0, 0)
    order = list(Criterion)
    return PhotoExamination(
        findings=tuple(sorted(findings, key=lambda f: order.index(f.criterion))),
        width=width,
        height=height,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        turned=structure is not None and structure.orientation != 1,
    )


def restate(found: PhotoExamination, data: bytes, *, limits: PhotoLimits) -> PhotoExamination:
    """The examination of `data`, the same picture as the one that `found` tells of, coefficient for coefficient.

    What is said of the pixels holds for both and is not looked at again; what is said of the bytes is.
    """
    findings, structure = _of_bytes(data, limits)
    told = {f.criterion for f in findings}
    findings += [f for f in found.findings if f.criterion not in told]
    order = list(Criterion)
    return replace(
        found,
        findings=tuple(sorted(findings, key=lambda f: order.index(f.criterion))),
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        turned=structure is not None and structure.orientation != 1,
    )


_DECODABLE = frozenset({Criterion.SAFE, Criterion.FORMAT, Criterion.INTACT})


def _upright(structure: Structure) -> tuple[int, int]:
    size = (structure.width, structure.height)
    return size if structure.orientation < 5 else size[::-1]


def _of_bytes(data: bytes, limits: PhotoLimits) -> tuple[list[Finding], Structure | None]:
    """Everything that can be said without decoding."""
    if len(data) > MAX_FILE_BYTES:
        return [Finding(Criterion.SAFE, False, len(data), Limit(high=MAX_FILE_BYTES))], None
    try:
        found = read_structure(data)
    except NotJpeg:
        return [Finding(Criterion.FORMAT, False, _kind_of(data), "jpeg")], None
    width, height = _upright(found)
    findings = [
        Finding(Criterion.FORMAT, True, "jpeg", "jpeg"),
        Finding(Criterion.INTACT, not found.fault, found.fault or "complete", "complete"),
        _within(Criterion.FILE_SIZE, len(data), Limit(limits.min_bytes, limits.max_bytes)),
    ]
    if found.end:
        findings.append(_within(Criterion.CLEAN, len(data) - found.end, Limit(high=0)))
    if width and height:
        side = max(width, height)
        small = side <= MAX_SIDE_PX and width * height <= MAX_PIXELS
        findings += [
            Finding(Criterion.SAFE, small, width * height, Limit(high=MAX_PIXELS)),
            _within(Criterion.RATIO, height / width, _ratios(limits)),
            _within(Criterion.HEIGHT, height, Limit(low=limits.min_height_px)),
        ]
    return findings, found


def _ratios(limits: PhotoLimits) -> Limit:
    return Limit(limits.ratio - limits.ratio_tolerance, limits.ratio + limits.ratio_tolerance)


def _kind_of(data: bytes) -> str:
    known = {b"\x89PNG": "png", b"GIF8": "gif", b"BM": "bmp", b"RIFF": "webp", b"%PDF": "pdf"}
    known |= {b"II*\x00": "tiff", b"MM\x00*": "tiff", b"PK\x03\x04": "zip"}
    if data[4:8] == b"ftyp":
        return "heic"
    return next((name for magic, name in known.items() if data.startswith(magic)), "unknown")


def _within(criterion: Criterion, value: float, limit: Limit, box: Box | None = None) -> Finding:
    return Finding(criterion, limit.holds(value), value, limit, box)


def _of_pixels(data: bytes, structure: Structure, at: Judgement) -> list[Finding]:
    """Everything that needs the decoded photo. Raises BrokenJpeg."""
    width, height = _upright(structure)
    tall = max(1, round(height * at.width / width))
    pixels = decode(data, structure, at_least=(at.width, tall))
    if tall > 4 * at.width:  # a ribbon: refused by its ratio, and no face would be found in it
        return []
    if pixels.shape[:2] != (tall, at.width):
        pixels = np.asarray(cv2.resize(pixels, (at.width, tall), interpolation=cv2.INTER_AREA), np.uint8)
    return _judged(pixels, at, width / at.width)


def _judged(rgb: Pixels, at: Judgement, scale: float) -> list[Finding]:
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    findings = [_within(Criterion.COLOUR, judge.chroma(rgb), Limit(low=at.min_chroma))]
    faces = portrait_faces(rgb, grey)
    if not faces and len(profile := profile_faces(grey)) == 1:
        box = _scaled(profile[0], scale)
        return [
            *findings,
            Finding(Criterion.ONE_FACE, True, 1, Limit(1, 1), box),
            Finding(Criterion.FRONTAL, False, "profile", Limit(low=at.min_symmetry), box),
        ]
    one = _scaled(faces[0], scale) if faces else None
    findings.append(_within(Criterion.ONE_FACE, len(faces), Limit(1, 1), one))
    return findings + (_of_face(rgb, grey, faces[0], at, one) if len(faces) == 1 else [])


def _of_face(rgb: Pixels, grey: Grey, face: Box, at: Judgement, box: Box | None) -> list[Finding]:
    spread, darkness = judge.background(rgb, face)
    mean, clipped = judge.light(grey, face)
    exposure = Limit(at.min_face_light, at.max_face_light)
    lit = exposure.holds(mean) and clipped <= at.max_clipped
    return [
        _within(Criterion.FRONTAL, judge.symmetry(grey, face), Limit(low=at.min_symmetry), box),
        _within(Criterion.BARE_HEAD, judge.cover(rgb, face), Limit(high=at.max_cover), box),
        _within(Criterion.BACKGROUND_PLAIN, spread, Limit(high=at.max_spread)),
        _within(Criterion.BACKGROUND_DARK, darkness, Limit(high=at.max_background)),
        Finding(Criterion.EXPOSURE, lit, mean, exposure, box),
        # In a face that is black or white there is nothing left to be sharp.
        *(
            [_within(Criterion.SHARP, judge.sharpness(grey, face), Limit(low=at.min_sharpness), box)]
            if lit
            else []
        ),
    ]


def _scaled(box: Box, scale: float) -> Box:
    x, y, w, h = (round(side * scale) for side in box)
    return x, y, w, h
