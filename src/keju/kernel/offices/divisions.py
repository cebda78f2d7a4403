"""The divisions of the country as offices: codes and names of GB/T 2260 from the package gb2260.

31 provinces; 333 prefectures (edition 2012) plus one point for the urban area of each of the four municipalities, which
have no prefectures. The standard's collective entries (省直辖县级行政区划 and the like) are no bodies and are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gb2260.data import data
from pypinyin import lazy_pinyin

EDITION = 2012
MUNICIPALITIES = ("11", "12", "31", "50")
BEYOND = ("71", "81", "82")
ENGLISH = {
    "11": "Beijing", "12": "Tianjin", "13": "Hebei", "14": "Shanxi", "15": "Inner Mongolia", "21": "Liaoning",
    "22": "Jilin", "23": "Heilongjiang", "31": "Shanghai", "32": "Jiangsu", "33": "Zhejiang", "34": "Anhui",
    "35": "Fujian", "36": "Jiangxi", "37": "Shandong", "41": "Henan", "42": "Hubei", "43": "Hunan",
    "44": "Guangdong", "45": "Guangxi", "46": "Hainan", "50": "Chongqing", "51": "Sichuan", "52": "Guizhou",
    "53": "Yunnan", "54": "Tibet", "61": "Shaanxi", "62": "Gansu", "63": "Qinghai", "64": "Ningxia",
    "65": "Xinjiang",
}  # fmt: skip
ENDINGS = ("市", "地区", "盟", "自治州")


@dataclass(frozen=True)
class Division:
    """`code` "11" or "1101"; `parent` the province's code or ""."""

    code: str
    name_zh: str
    name_en: str
    parent: str


def regions() -> Iterator[Division]:
    """The 31 provinces in code order."""
    for number, name in sorted(data[EDITION].items()):
        code = f"{number:06d}"
        if code.endswith("0000") and code[:2] not in BEYOND:
            yield Division(code[:2], name, ENGLISH[code[:2]], "")


def points() -> Iterator[Division]:
    """The prefectures of the 31 provinces in code order, municipalities' urban areas included."""
    names = data[EDITION]
    for number, name in sorted(names.items()):
        code = f"{number:06d}"
        region = code[:2]
        if not code.endswith("00") or code.endswith("0000") or region in BEYOND:
            continue
        if name == "市辖区" and region in MUNICIPALITIES:
            yield Division(code[:4], names[int(region + "0000")], ENGLISH[region], region)
        elif name not in ("县", "市辖区") and "直辖" not in name:
            yield Division(code[:4], name, _english(name), region)


def _english(name: str) -> str:
    """石家庄市 → Shijiazhuang: pinyin without the ending that only says what kind of division it is."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            name = name.removesuffix(ending)
            break
    return "".join(lazy_pinyin(name)).capitalize()
