"""Names of the divisions that identity numbers begin with, of every period, by python-stdnum and GB 2260."""

import re
from functools import cache

import gb2260
from stdnum import numdb

# Residence permits for people of Hong Kong, Macao and Taiwan bear these instead of a county.
_PERMITS = {"810000": "香港特别行政区", "820000": "澳门特别行政区", "830000": "台湾"}
_PERIOD = re.compile(r"\[[0-9]*-[0-9]*\]")


@cache
def division_name(code: str) -> str | None:
    """The name that six digits stand or once stood for (the latest of several); None if never any."""
    if code in _PERMITS:
        return _PERMITS[code]
    parts = [properties for _, properties in numdb.get("cn/loc").info(code)]
    names = [name for properties in parts for name in properties.get("county", "").split(",") if name]
    if names:
        return _PERIOD.sub("", names[-1])
    found = gb2260.search(code)
    return str(found.name) if found is not None else None
