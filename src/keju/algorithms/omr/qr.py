"""QR symbols (ISO/IEC 18004) for many short texts at once: one version, level M, byte mode, one mask.

A general encoder takes milliseconds a symbol because it tries eight masks and places module by module.
Here all symbols of a batch share version and mask, so the function patterns and the order of the modules
are worked out once and the data are placed by array indexing.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# version -> (data codewords per block …), error correction codewords per block, level M
_BLOCKS = {2: ((28,), 16), 3: ((44,), 26), 4: ((32, 32), 18), 5: ((43, 43), 24)}
_ALIGN = {2: 18, 3: 22, 4: 26, 5: 30}
MASK = 2  # vertical stripes, column % 3


def _gf_tables() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    exp, log = np.zeros(512, np.int64), np.zeros(256, np.int64)
    value = 1
    for power in range(255):
        exp[power], log[value] = value, power
        value = (value << 1) ^ (0x11D if value & 0x80 else 0)
    exp[255:510] = exp[:255]
    return exp, log


_EXP, _LOG = _gf_tables()


def _generator(degree: int) -> list[int]:
    poly = [1]
    for i in range(degree):
        nxt = [0] * (len(poly) + 1)
        for j, c in enumerate(poly):
            nxt[j] ^= c
            nxt[j + 1] ^= int(_EXP[_LOG[c] + i]) if c else 0
        poly = nxt
    return poly[1:]


def _parity(data: NDArray[np.int64], degree: int) -> NDArray[np.int64]:
    """Reed–Solomon remainders of every row: polynomial division of the whole batch, one column a step."""
    logs = _LOG[np.array(_generator(degree))]
    rest = np.concatenate([data, np.zeros((len(data), degree), np.int64)], axis=1)
    for at in range(data.shape[1]):
        lead = rest[:, at]
        product = _EXP[_LOG[lead][:, None] + logs[None, :]]
        rest[:, at + 1 : at + 1 + degree] ^= np.where(lead[:, None] > 0, product, 0)
    return rest[:, data.shape[1] :]


def _format_bits() -> int:
    data = (0b00 << 3) | MASK  # level M is 00
    rest = data << 10
    for shift in range(4, -1, -1):
        if rest & (1 << (shift + 10)):
            rest ^= 0x537 << shift
    return ((data << 10) | rest) ^ 0x5412


@lru_cache(maxsize=8)
def _frame(version: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Function patterns of a version, and the flat indices of the data modules in reading order."""
    size = 17 + 4 * version
    grid, used = np.zeros((size, size), np.uint8), np.zeros((size, size), bool)
    ring = np.maximum.outer(np.abs(np.arange(-4, 5)), np.abs(np.arange(-4, 5))).clip(0)
    ring = np.maximum(np.abs(np.arange(-4, 5))[:, None], np.abs(np.arange(-4, 5))[None, :])
    finder = ((ring != 2) & (ring != 4)).astype(np.uint8)
    for r, c in ((3, 3), (3, size - 4), (size - 4, 3)):
        for dr in range(-4, 5):
            for dc in range(-4, 5):
                if 0 <= r + dr < size and 0 <= c + dc < size:
                    grid[r + dr, c + dc], used[r + dr, c + dc] = finder[dr + 4, dc + 4], True
    line = np.arange(8, size - 8)
    grid[6, line] = grid[line, 6] = (line + 1) % 2
    used[6, line] = used[line, 6] = True
    a = _ALIGN[version]
    grid[a - 2 : a + 3, a - 2 : a + 3] = (ring[2:7, 2:7] != 1).astype(np.uint8)
    used[a - 2 : a + 3, a - 2 : a + 3] = True
    bits = _format_bits()
    for i in range(15):
        bit = (bits >> i) & 1
        row = i if i < 6 else i + 1 if i < 8 else size - 15 + i
        column = size - 1 - i if i < 8 else 15 - i if i < 9 else 14 - i
        for r, c in ((row, 8), (8, column)):
            grid[r, c], used[r, c] = bit, True
    grid[size - 8, 8], used[size - 8, 8] = 1, True
    order, up, right = [], True, size - 1
    while right > 0:
        right -= right == 6
        for row in range(size - 1, -1, -1) if up else range(size):
            order += [row * size + c for c in (right, right - 1) if not used[row, c]]
        up, right = not up, right - 2
    return grid, np.array(order, np.int64)


def qr_version(length: int) -> int:
    """The smallest version here that holds `length` bytes. Raises `ValueError` above 84 bytes."""
    for version, (blocks, _) in _BLOCKS.items():
        if length + 2 <= sum(blocks):
            return version
    raise ValueError(f"a card code of {length} bytes is too long for its QR symbol")


def qr_matrices(texts: list[bytes]) -> NDArray[np.uint8]:
    """One symbol per text, all of the version that the longest needs: array (n, size, size) of 0 and 1."""
    version = qr_version(max(map(len, texts)))
    blocks, degree = _BLOCKS[version]
    capacity = sum(blocks)
    stream = np.zeros((len(texts), 2 * capacity + 8), np.uint8)  # nibbles: mode, length, bytes, terminator
    for n, text in enumerate(texts):
        body = text[:capacity]
        nibbles = [4, len(body) >> 4, len(body) & 15]
        for byte in body:
            nibbles += (byte >> 4, byte & 15)
        nibbles += [0] * (1 if len(nibbles) < 2 * capacity else 0)
        pad = (0xE, 0xC, 0x1, 0x1)
        nibbles += [0] * (len(nibbles) % 2)
        room = 2 * capacity - len(nibbles)
        stream[n, : 2 * capacity] = nibbles + [pad[i % 4] for i in range(room)]
    words = (stream[:, 0 : 2 * capacity : 2] << 4 | stream[:, 1 : 2 * capacity : 2]).astype(np.int64)
    parts = np.split(words, np.cumsum(blocks)[:-1], axis=1)
    checks = [_parity(part, degree) for part in parts]
    data = np.stack(parts, axis=2).reshape(len(texts), -1)
    parity = np.stack(checks, axis=2).reshape(len(texts), -1)
    bits = np.unpackbits(np.concatenate([data, parity], axis=1).astype(np.uint8), axis=1)
    grid, order = _frame(version)
    size = grid.shape[0]
    flat = np.repeat(grid.reshape(1, -1), len(texts), axis=0)
    placed = np.zeros((len(texts), len(order)), np.uint8)
    placed[:, : bits.shape[1]] = bits
    flat[:, order] = placed ^ ((order % size) % 3 == 0).astype(np.uint8)
    return flat.reshape(len(texts), size, size)
