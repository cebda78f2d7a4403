"""Which names of employers and schools mean the same one."""

import hmac
import unicodedata

NOBODY = frozenset(
    [
        "无",
        "暂无",
        "没有",
        "无业",
        "待业",
        "个体",
        "自由职业",
        "退休",
        "none",
        "na",
        "no",
        "unemployed",
        "retired",
        "selfemployed",
        "freelance",
    ]
)
"""What people write who have none: it makes nobody colleagues."""
GROUP_FOR = b"keju/group/1\0"


def comparable(name: str) -> str:
    """The name as it is compared: width, case, blanks and punctuation do not count. "" for who has none."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
    return "" if plain in NOBODY else plain


def group_key(key: bytes, name: str) -> int:
    """A number from 1 to 2**63 - 1, equal for names that mean the same, of which nobody without the key reads the name;
    0 for none."""
    plain = comparable(name)
    if not plain:
        return 0
    return (int.from_bytes(hmac.digest(key, GROUP_FOR + plain.encode(), "sha256")[:8], "big") >> 1) or 1
