"""Notices between offices; telling candidates; the outbox through which messages leave the house."""

from keju.kernel.notices.services.candidates import read_messages, silence, tell_candidates
from keju.kernel.notices.services.offices import POST, acknowledge, below, deliver, forward, open_notice, send
from keju.kernel.notices.services.outbox import Text, ask_again, claim, dispatch, dispatch_many, settle
from keju.kernel.notices.services.reminding import remind_late

__all__ = [
    "POST",
    "Text",
    "acknowledge",
    "ask_again",
    "below",
    "claim",
    "deliver",
    "dispatch",
    "dispatch_many",
    "forward",
    "open_notice",
    "read_messages",
    "remind_late",
    "send",
    "settle",
    "silence",
    "tell_candidates",
]
