"""The numbers a photo is held against: the law's come from the caller, the trade's stand here."""

from dataclasses import dataclass

# Bounds of this program, not of the law: what is refused before a single pixel is decoded.
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_SIDE_PX = 10_000
MAX_PIXELS = 25_000_000
MAX_SCANS = 64
MAX_SEGMENTS = 2_000


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What the rule demands (V5.2.2); `ratio` is height divided by width."""

    ratio: float
    ratio_tolerance: float
    min_height_px: int
    recommended: tuple[int, int]  # width, height in px
    min_kb: float
    max_kb: float
    bytes_per_kb: int = 1024

    @property
    def min_bytes(self) -> int:
        """Smallest allowed file in bytes."""
        return round(self.min_kb * self.bytes_per_kb)

    @property
    def max_bytes(self) -> int:
        """Largest allowed file in bytes."""
        return round(self.max_kb * self.bytes_per_kb)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a judged criterion tips; own choice, tuned on the labelled generated set.

    All values are taken from the photo scaled to `width` pixels, so they do not depend on its size.
    A person may overrule every one of them.
    """

    width: int = 230
    min_chroma: float = 4.0  # 95th percentile of max(R,G,B) − min(R,G,B); below it the photo is grey
    min_symmetry: float = 0.75  # correlation of the face with its mirror image
    max_cover: float = 0.30  # share of the crown that is neither hair, skin nor background
    max_spread: float = 14.0  # 90th percentile of the background's distance to its median, CIELAB
    max_background: float = 55.0  # median lightness of the background, CIELAB L*
    min_sharpness: float = 0.125  # fine detail of the face, in its worse direction, relative to its contrast
    min_face_light: float = 70.0  # mean luma of the face, 0–255
    max_face_light: float = 225.0
    max_clipped: float = 0.25  # share of the face that is pure black or pure white
