"""A one-page document with photo and code, for tests and the benchmark."""

import hashlib
import io

from PIL import Image

from keju.kernel.documents import codes, pictures

TEMPLATE = "documents/sample"


def photo(seed: int = 1, width: int = 295, height: int = 413) -> bytes:
    """A JPEG that compresses like a portrait: smooth, with some grain."""
    smooth = Image.linear_gradient("L").resize((width, height)).rotate(seed % 360)
    grain = Image.frombytes(
        "L", (width, height), hashlib.shake_128(str(seed).encode()).digest(width * height)
    )
    buffer = io.BytesIO()
    Image.blend(smooth, grain, 0.1).convert("RGB").save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def data(n: int = 1, name: str = "阿依古丽·买买提江") -> dict:
    return {
        "title": "执业兽医资格考试准考证",
        "number": f"6501{n:08d}",
        "facts": [
            {"zh": "姓名", "en": "Name", "value": name},
            {"zh": "准考证号", "en": "Ticket number", "value": f"6501{n:08d}"},
            {"zh": "身份证件号码", "en": "Identity number", "value": f"6501011990{n:08d}"},
            {"zh": "考点", "en": "Point", "value": "乌鲁木齐市第一中学"},
            {"zh": "考场座位", "en": "Room and seat", "value": f"{n % 500:03d} · {n % 30 + 1:02d}"},
        ],
        "sessions": [
            ["上午卷", "基础科目", "09:00–11:30"],
            ["下午卷", "临床科目", "14:00–16:30"],
        ],
    }


def files(n: int = 1) -> dict[str, bytes]:
    return {"photo": photo(n), "qr": pictures.qr_svg(codes.sign_code("ticket", f"2026|6501{n:08d}"))}
