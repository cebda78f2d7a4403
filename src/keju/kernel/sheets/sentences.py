"""What a spreadsheet that cannot be read is told, and what is wrong with a cell."""

from django.core.exceptions import ValidationError

from keju.rulebook.words import Words, t

TOO_LARGE = t(
    "文件超过 {limit} MB，请分成几份上传。",
    "The file is larger than {limit} MB. Split it and upload the parts.",
)
TOO_MANY = t(
    "表里超过 {limit:,} 行，一次读不完。请分成几份，每份不超过 {limit:,} 行。",
    "The sheet has more than {limit:,} rows. Split it into files of at most {limit:,} rows.",
)
TOO_WIDE = t(
    "表里的列太多，请只保留模板中的列。", "The sheet has too many columns. Keep only those of the template."
)
EMPTY = t("表里没有数据。请在标题行下面填写内容。", "The sheet has no data. Fill in rows below the headings.")
FORMAT = t(
    "只能读取 xlsx、xls、ods 和 csv 文件。请用表格软件另存为 xlsx 再上传。",
    "Only xlsx, xls, ods and csv files can be read. Save it as xlsx in your spreadsheet program.",
)
BROKEN = t(
    "这个文件打不开，可能已损坏或设有密码。请用表格软件打开，另存为 xlsx 再上传。",
    "This file cannot be opened; it may be damaged or locked by a password. Open it and save it as xlsx.",
)
BOMB = t(
    "这个文件展开后异常地大，没有读取。请把数据复制到一个新的表格再上传。",
    "This file would unpack to an unusual size and was not read. Copy the data into a new sheet.",
)
SLOW = t(
    "这个文件太复杂，{seconds} 秒内没有读完。请把数据复制到一个新的表格再上传。",
    "This file is too complex to be read within {seconds} seconds. Copy the data into a new sheet.",
)
ENCODING = t(
    "这个 csv 文件的文字编码不认得。请另存为“CSV UTF-8”或 xlsx 再上传。",
    "The text encoding of this csv file is unknown. Save it as “CSV UTF-8” or as xlsx.",
)
BROKEN_CSV = t(
    "csv 文件在第 {row} 行附近的引号不成对，读不下去。请检查这一行，或另存为 xlsx 再上传。",
    "The quotation marks of this csv file do not match near row {row}. Mend that row, or save it as xlsx.",
)
FORMULAS = t(
    "这个 ods 文件里有公式。请复制后“选择性粘贴—数值”，或另存为 xlsx 再上传。",
    "This ods file holds formulas. Paste them as values, or save it as xlsx.",
)
NO_COLUMN = t(
    "找不到这些列：{titles}。请使用模板，不要改动标题行。",
    "These columns are missing: {titles}. Use the template and leave its headings as they are.",
)
TWICE_COLUMN = t(
    "列“{title}”出现了两次，请删去一列。", "The column “{title}” occurs twice. Remove one of them."
)

REQUIRED = t("“{title}”不能空着。", "“{title}” must not be empty.")
LONG = t("“{title}”超过 {limit} 个字。", "“{title}” has more than {limit} characters.")
NOT_INT = t("“{title}”应是整数，这里是“{value}”。", "“{title}” must be a whole number, not “{value}”.")
NOT_DECIMAL = t("“{title}”应是数，这里是“{value}”。", "“{title}” must be a number, not “{value}”.")
NOT_DATE = t(
    "“{title}”应是日期，例如 2011-07-01，这里是“{value}”。",
    "“{title}” must be a date such as 2011-07-01, not “{value}”.",
)
FORMULA = t(
    "“{title}”里是公式。请复制后“选择性粘贴—数值”，或直接填写内容。",
    "“{title}” holds a formula. Paste it as values or type the content.",
)
CONTROL = t("“{title}”里有看不见的控制字符。", "“{title}” holds invisible control characters.")
CELL_ERROR = t("“{title}”是表格软件的出错标记“{value}”。", "“{title}” is the error mark “{value}”.")
LOST_DIGITS = t(
    "“{title}”的数字被表格软件改成了近似值。请把这一列设成“文本”格式，重新填写。",
    "“{title}” was rounded by the spreadsheet program. Format the column as text and enter it again.",
)
DUPLICATE = t("“{title}”的“{value}”与第 {row} 行重复。", "“{title}” “{value}” is already in row {row}.")


def refused(words: Words, **facts: object) -> ValidationError:
    """The whole file is refused, in the reader's language."""
    return ValidationError(str(words.format(**facts)))
