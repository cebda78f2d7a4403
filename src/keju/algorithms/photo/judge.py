"""The judged criteria as numbers: how frontal, bare, plain, dark, sharp, and lit a photo is.

All functions take the photo scaled to a fixed width, so that their values compare between photos. They are
indications for the person who decides, not measurements of the law.
"""

import cv2
import numpy as np

from keju.algorithms.photo.findings import Box
from keju.algorithms.photo.pixels import Floats, Grey, Pixels


def chroma(rgb: Pixels) -> float:
    """95th percentile of max − min of the channels; 0 for a grey photo, 0–255."""
    red, green, blue = (np.ascontiguousarray(rgb[::3, ::3, channel]) for channel in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float(np.percentile(most - least, 95))


def lab(rgb: Pixels) -> Floats:
    """CIELAB of the pixels with L* 0–100 and a*, b* around 0, to whole steps; pixels × 3.

    Asked for where it is looked at: a whole photo takes longer than everything that is said of its colours.
    """
    found = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
    found -= np.array((0, 128, 128), np.float32)
    found[:, 0] *= np.float32(100 / 255)
    return found


def symmetry(grey: Grey, face: Box) -> float:
    """Best correlation of the inner face with its mirror image, over small shifts of the axis; −1 to 1.

    Lighting from one side is taken out first by a wide high-pass, so that what counts is where eyes, brows,
    nose and mouth are; each row's mean is taken out too, or a straight fringe would outweigh them.
    """
    x, y, w, h = face
    inner = _crop(grey, (x, y + h * 3 // 10, w, h * 4 // 5))
    small = cv2.resize(inner, (48, 40), interpolation=cv2.INTER_AREA).astype(np.float32)
    detail = cv2.GaussianBlur(small, (0, 0), 1.2) - cv2.GaussianBlur(small, (0, 0), 8)
    best = -1.0
    for shift in range(-2, 3):
        part = detail[:, max(0, 2 * shift) : 48 + min(0, 2 * shift)][:, 9:-9]
        part = part - part.mean(axis=1, keepdims=True)
        best = max(best, _correlation(part, part[:, ::-1]))
    return best


def _correlation(one: Floats, other: Floats) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 1e-3 else 0.0


def background(rgb: Pixels, face: Box) -> tuple[float, float]:
    """Spread (90th percentile of the distance to the median) and median lightness of the background.

    Looked at are the two strips beside the head, from the top edge down to the mouth.
    """
    x, y, w, h = face
    rows = max(8, y + h * 2 // 3)
    width = rgb.shape[1]
    beside = rgb[::2][: rows // 2]
    left = beside[:, : max(6, min(x - w // 5, width // 4))]
    right = beside[:, min(width - 6, max(x + w + w // 5, width * 3 // 4)) :]
    zone = np.concatenate([lab(left), lab(right)])
    middle = _middle(zone)
    return float(np.percentile(_distances(zone, middle), 90)), float(middle[0])


def _middle(colours: Floats) -> Floats:
    """The median of each channel."""
    return np.array([np.median(np.ascontiguousarray(channel)) for channel in colours.T], np.float32)


def _distances(colours: Floats, point: Floats) -> Floats:
    """Of each colour to the one point."""
    away = np.ascontiguousarray((colours - point).T)
    np.square(away, out=away)
    found: Floats = np.sqrt(away[0] + away[1] + away[2])
    return found


def cover(rgb: Pixels, face: Box) -> float:
    """Share of the crown and forehead whose colour is neither hair's, nor skin's, nor the background's.

    Hair is taken to be dark or close to neutral or brown; a cap or scarf of another colour stands out. A
    black cap does not, which is why this criterion is a person's to decide.
    """
    x, y, w, h = face
    top = max(0, y - h * 3 // 10)
    crown = lab(rgb[top : max(top + 4, y + h // 8), x + w // 8 : x + w - w // 8])
    beside = _middle(lab(rgb[: max(8, y + h // 2), :8]))
    lightness, a, b = crown[:, 0], crown[:, 1], crown[:, 2]
    chromas = np.hypot(a, b)
    warm = (a > -4) & (b > -2) & (chromas < 40) & (b > 0.35 * a)
    hair_or_skin = (lightness < 22) | (chromas < 9) | warm
    behind = _distances(crown, beside) < 14
    return float((~(hair_or_skin | behind)).mean())


def sharpness(grey: Grey, face: Box) -> float:
    """Energy of the finest detail of the face over that of its coarse relief, so gain-free, in its worse direction.

    Detail is taken across one axis and averaged along the other: an edge runs on, grain does not. A jerked camera
    leaves the edges along its movement sharp, hence the lesser of the two.
    """
    area = _crop(grey, face).astype(np.float32)
    relief = float(cv2.GaussianBlur(area, (0, 0), 3.0).std())
    if relief <= 1:
        return 0.0
    return min(_detail(area), _detail(np.ascontiguousarray(area.T))) / relief


def _detail(area: Floats) -> float:
    """97th percentile of the detail of 0.7 to 1.6 px from left to right, averaged from top to bottom."""
    fine = cv2.GaussianBlur(area, (0, 0), sigmaX=0.7, sigmaY=1.5)
    fine = fine - cv2.GaussianBlur(area, (0, 0), sigmaX=1.6, sigmaY=1.5)
    return float(np.percentile(np.abs(fine), 97))


def light(grey: Grey, face: Box) -> tuple[float, float]:
    """Mean luma of the face, 0–255, and the share of it that is clipped to black or white."""
    x, y, w, h = face
    area = _crop(grey, (x + w // 6, y + h // 6, w * 2 // 3, h * 2 // 3))
    return float(area.mean()), float(((area <= 3) | (area >= 252)).mean())


def _crop(grey: Grey, box: Box) -> Grey:
    x, y, w, h = box
    return grey[max(0, y) : y + h, max(0, x) : x + w]
