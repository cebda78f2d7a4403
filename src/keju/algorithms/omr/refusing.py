"""Why a card is refused or goes to a person: codes for the program, words for people."""

from enum import StrEnum


class Reason(StrEnum):
    """One finding about an image: up to `OTHER_TEMPLATE` nothing was read, the rest send the card to a person."""

    NOT_AN_IMAGE = "not_an_image"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    WRONG_SIZE = "wrong_size"
    TOO_COARSE = "too_coarse"
    NO_MARKS = "no_reference_marks"
    ORIENTATION = "orientation_unclear"
    OTHER_TEMPLATE = "other_template"
    MARK_MISSING = "mark_missing"
    SKEWED = "skewed"
    SHEARED = "sheared"
    SCALED = "scaled"
    SHIFTED = "shifted"
    STRETCHED = "stretched"
    FOLDED = "folded"
    TRACK_LOST = "track_lost"
    CODE_UNREADABLE = "code_unreadable"
    CODES_DISAGREE = "codes_disagree"
    TICKET_MISMATCH = "ticket_mismatch"
    TICKET_UNCLEAR = "ticket_bubbles_unclear"
    LIGHT_TONER = "light_toner"
    FAINT_LOST = "faint_marks_lost"
    FAINT_PENCIL = "faint_pencil"
    COARSE_JPEG = "coarse_jpeg"
    NOISY = "noisy"
    BLURRED = "blurred"
    UNEVEN = "uneven_light"
    DIRTY = "dirty"
    STREAK = "streak"
    BLANK_CARD = "blank_card"
    ABSENT_WITH_ANSWERS = "absent_with_answers"
    STAFF_UNCLEAR = "invigilator_marks_unclear"
    MANY_DOUBTFUL = "many_doubtful"
    DOUBTFUL = "doubtful_answers"


WORDS: dict[Reason, tuple[str, str]] = {
    Reason.NOT_AN_IMAGE: ("不是可读的图像文件", "not a readable image file"),
    Reason.TRUNCATED: ("图像文件不完整", "the image file is cut off"),
    Reason.TOO_LARGE: ("图像尺寸过大", "the image is too large"),
    Reason.WRONG_SIZE: ("不是整张A4纸的图像", "not an image of one whole A4 sheet"),
    Reason.TOO_COARSE: ("扫描分辨率过低", "scanned too coarsely"),
    Reason.NO_MARKS: ("找不到定位块", "reference marks not found"),
    Reason.ORIENTATION: ("无法判断方向", "cannot tell which way up"),
    Reason.OTHER_TEMPLATE: ("不是本版式的答题卡", "a card of another layout"),
    Reason.MARK_MISSING: ("缺一个定位块", "one reference mark is missing"),
    Reason.SKEWED: ("歪斜过大", "too crooked"),
    Reason.SHEARED: ("剪切变形", "sheared"),
    Reason.SCALED: ("比例不符", "wrong scale"),
    Reason.SHIFTED: ("位置偏移过大", "shifted too far"),
    Reason.STRETCHED: ("纸张伸缩变形", "the paper is stretched"),
    Reason.FOLDED: ("有折痕错位", "folded"),
    Reason.TRACK_LOST: ("定位条缺失过多", "too many side bars are missing"),
    Reason.CODE_UNREADABLE: ("条码和二维码均无法读取", "neither code can be read"),
    Reason.CODES_DISAGREE: ("条码与二维码不一致", "bar code and QR code disagree"),
    Reason.TICKET_MISMATCH: ("条码与准考证号填涂不一致", "code and ticket bubbles disagree"),
    Reason.TICKET_UNCLEAR: ("准考证号填涂不清", "ticket bubbles unclear"),
    Reason.LIGHT_TONER: ("印刷过淡", "printed too faintly"),
    Reason.FAINT_LOST: ("扫描丢失浅色痕迹", "the scan has lost faint marks"),
    Reason.FAINT_PENCIL: ("铅笔过淡", "pencil too faint"),
    Reason.COARSE_JPEG: ("压缩过度", "compressed too much"),
    Reason.NOISY: ("噪点过多", "too noisy"),
    Reason.BLURRED: ("模糊", "blurred"),
    Reason.UNEVEN: ("明暗不均", "unevenly lit"),
    Reason.DIRTY: ("污损", "dirty"),
    Reason.STREAK: ("有竖直条纹", "streaks"),
    Reason.BLANK_CARD: ("整张空白", "no answer at all"),
    Reason.ABSENT_WITH_ANSWERS: ("填涂缺考却有作答", "marked absent but answered"),
    Reason.STAFF_UNCLEAR: ("监考员填涂不清", "invigilator's marks unclear"),
    Reason.MANY_DOUBTFUL: ("可疑题目过多", "too many doubtful answers"),
    Reason.DOUBTFUL: ("有可疑题目", "some answers are doubtful"),
}


class Refused(Exception):
    """The image cannot be read as a card; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
