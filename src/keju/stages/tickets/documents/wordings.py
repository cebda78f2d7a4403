"""What is said to candidates in print: on the ticket in short, on the walls in full (V7.3, V14.6.2).

The ticket's sentences are written with few different characters: each one costs 150 bytes of typeface in every file.
"""

from keju.rulebook.words import t

EXAM_RULES = (
    t(
        "凭准考证和身份证原件进入考场，核对本人后入座。",
        "Bring this ticket and your original identity card. You are admitted when both and you agree.",
    ),
    t(
        "按考场、座位号入座，两证放在桌面左上角。",
        "Take your room and seat. Put ticket and identity card at the upper left of the desk.",
    ),
    t(
        "只带签字笔、2B铅笔和橡皮；手机、手表、书和纸不得带到座位。",
        "Bring pens, 2B pencils and a rubber only. Phones, watches, books and paper do not come to the seat.",
    ),
    t(
        "姓名、准考证号写在答题卡规定位置；答在卡外无效。",
        "Write name and ticket number where the answer card asks for them. Answers elsewhere do not count.",
    ),
    t(
        "考试开始、结束听统一信号；结束后不得再答，试卷、答题卡核对无误后离开。",
        "Begin and stop at the signal. Stay until papers and cards are counted.",
    ),
    t(
        "试卷、答题卡和纸不得带出考场。违反规则的按规定处理。",
        "Papers, cards and scrap paper stay in the room. Violations are dealt with by the rules.",
    ),
)
PLEDGE = t(
    "我已阅读考试规则，报名信息真实，本人诚信考试；如有违反，承担责任。",
    "I have read the rules. What I stated is true. I answer alone and honestly, and bear the consequences if I do not.",
)
ROOM_RULES = (
    t(
        "考生凭准考证和报名时所用的身份证原件入场，证件、存根与本人一致方可进入考场，缺一不可。",
        "Candidates come in with ticket and the original identity card they registered with; ticket, card, stub and "
        "person must agree.",
    ),
    t(
        "只准带蓝、黑色签字笔、2B铅笔和橡皮。手机等通讯、存储、计时设备以及书籍、纸张放在指定处，不得带到座位。",
        "Pens, 2B pencils and a rubber are allowed. Phones, anything that sends, stores or tells the time, books and paper "
        "stay at the place assigned.",
    ),
    t(
        "对号入座，两证放在桌面左上角。拿到试卷、答题卡后，先在规定位置写姓名、填涂准考证号。",
        "Sit at your number, ticket and card at the upper left of the desk. First write name and ticket number where asked.",
    ),
    t(
        "开考信号发出后才能答题；字迹不清、缺页等可举手询问，不得询问试题内容。",
        "Answer after the starting signal only. Raise your hand for bad print or missing pages, not for what a question means.",
    ),
    t(
        "保持安静。不得交谈、传递物品、偷看，不得把试卷、答题卡给他人看。",
        "Keep quiet. Do not talk, pass things on, look at others' work or show your own.",
    ),
    t(
        "考试中不得离开考场；确需去卫生间的，由工作人员陪同。",
        "Nobody leaves during a session; whoever must use the toilet is accompanied.",
    ),
    t(
        "结束信号发出后立即停笔，坐在原位，待试卷、答题卡、草稿纸清点无误，听监考员指令离开。",
        "At the last signal put down the pen and stay seated until papers, cards and scrap paper are counted.",
    ),
    t("试卷、答题卡和草稿纸不得带出考场。", "Papers, cards and scrap paper are not taken out of the room."),
)
VIOLATIONS = (
    t(
        "把书籍、资料、纸张或通讯、存储、计时设备带到座位",
        "Books, notes, paper, or anything that sends, stores or tells the time at the seat",
    ),
    t(
        "不在规定的座位考试，未经允许离开座位或考场",
        "Sitting elsewhere than assigned; leaving seat or room without leave",
    ),
    t("开考信号前答题，结束信号后继续答题", "Answering before the first or after the last signal"),
    t(
        "交谈、打手势、传递物品，偷看或让他人看",
        "Talking, making signs, passing things, copying or letting copy",
    ),
    t(
        "在规定位置以外写姓名、号码或作标记",
        "Names, numbers or marks elsewhere than asked for",
    ),
    t(
        "损毁或带走试卷、答题卡、草稿纸",
        "Damaging or taking away papers, cards or scrap paper",
    ),
    t("用通讯设备收发信息", "Sending or receiving messages"),
    t("由他人代考、代他人考试，持假证件", "Sitting for another or being sat for; false documents"),
    t(
        "扰乱秩序，威胁、侮辱工作人员或其他考生",
        "Disturbing the exam; threatening or insulting staff or candidates",
    ),
)
CONSEQUENCES = t(
    "有上列行为之一的，由两名监考员如实记录并当场告知本人，按照考试违纪处理规定，视情节给予警告、取消该科目或全部科目成绩，"
    "直至在规定年限内不得报考；涉嫌犯罪的移送司法机关。本人可以陈述和申辩。",
    "Two invigilators record any of these and tell the candidate at once. By the rules on violations it leads to a warning, "
    "loss of the result of one or all subjects, or exclusion for the years laid down; crimes are handed to the courts. The "
    "candidate may answer and object.",
)
ROOM_KINDS = {
    "exam": t("考场", "Exam room"),
    "spare": t("备用考场", "Spare room"),
    "separate": t("单独考场", "Separate room"),
    "rest": t("休息室", "Rest room"),
    "seal": t("封卷室", "Seal room"),
    "office": t("考务办公室", "Exam office"),
    "medical": t("医务室", "Medical room"),
}
