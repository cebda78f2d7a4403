"""Code 128 symbols (ISO/IEC 15417), code sets B and C only: printable ASCII."""

from functools import lru_cache

# Widths of bar, space, bar, space, bar, space for values 0–105 and the stop pattern, as in the standard.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232 2331112
""".split()  # noqa: SIM905  # compared with the standard more easily than 107 strings
_START_B, _START_C, _TO_B, _TO_C, _STOP = 104, 105, 100, 99, 106


def code128_values(text: str) -> list[int]:
    """Symbol values for `text` with start, check and stop; runs of digits use set C where that is shorter.

    Raises `ValueError` for anything but printable ASCII.
    """
    if not text or any(not " " <= c <= "~" for c in text):
        raise ValueError("Code 128 here takes printable ASCII only")
    values: list[int] = []
    in_c, at = False, 0
    while at < len(text):
        run = at
        while run < len(text) and text[run].isdigit():
            run += 1
        pairs = (run - at) // 2
        worth = 2 if run == len(text) or not values else 3  # changing to C and back costs two symbols
        if (in_c and pairs) or (pairs >= worth and (run - at) % 2 == 0):
            if not in_c:
                values.append(_TO_C if values else _START_C)
                in_c = True
            values += [int(text[i : i + 2]) for i in range(at, at + 2 * pairs, 2)]
            at += 2 * pairs
            continue
        if in_c or not values:
            values.append(_TO_B if values else _START_B)
            in_c = False
        values.append(ord(text[at]) - 32)
        at += 1
    check = (values[0] + sum(i * v for i, v in enumerate(values[1:], 1))) % 103
    return [*values, check, _STOP]


@lru_cache(maxsize=128)
def bars(value: int) -> tuple[tuple[int, int], ...]:
    """The bars of one symbol as (offset, width) in modules; a symbol is 11 modules wide, the stop 13."""
    out, at = [], 0
    for place, digit in enumerate(_WIDTHS[value]):
        if place % 2 == 0:
            out.append((at, int(digit)))
        at += int(digit)
    return tuple(out)


def modules(values: list[int]) -> int:
    """Width of the whole symbol in modules, without quiet zones."""
    return 11 * len(values) + 2
