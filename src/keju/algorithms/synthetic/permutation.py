"""A seeded shuffle of 0 … n−1 that is computed place by place, without a table."""

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.uint64]
_ROUNDS = 4


class Permutation:
    """A bijection of 0 … `size`−1 onto itself (Feistel network with cycle walking, Black & Rogaway 2002)."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self._half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
        keys = np.random.default_rng((seed, size)).integers(0, 2**63, _ROUNDS, np.uint64)
        self._keys = [np.uint64(key | np.uint64(1)) for key in keys]

    def __call__(self, places: Places) -> Places:
        """Where each of the places goes; all must be below `size`."""
        out = self._encrypt(places)
        while (outside := out >= self.size).any():
            out[outside] = self._encrypt(out[outside])
        return out

    def _encrypt(self, places: Places) -> Places:
        low = (np.uint64(1) << self._half) - np.uint64(1)
        left, right = places >> self._half, places & low
        for key in self._keys:
            mixed = (right + key) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
            mixed = mixed * (key | np.uint64(1))
            left, right = right, left ^ ((mixed >> np.uint64(33)) & low)
        return np.asarray((left << self._half) | right, np.uint64)
