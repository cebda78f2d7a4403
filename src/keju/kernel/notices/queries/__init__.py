"""Reading notices between offices, a candidate's messages, and what did not arrive."""

from keju.kernel.notices.queries.deliveries import FAULTS, Undelivered, undelivered, undelivered_rows
from keju.kernel.notices.queries.messages import (
    MESSAGES,
    InboxPage,
    messages,
    messages_page,
    unread_messages,
    wants_silence,
)
from keju.kernel.notices.queries.offices import (
    PAGE,
    STATE_WORDS,
    Inbox,
    Item,
    Opened,
    Outbox,
    Sent,
    all_below,
    inbox,
    notice,
    outbox,
    recipients_of,
    state_of,
    unread,
)

__all__ = [
    "FAULTS",
    "MESSAGES",
    "PAGE",
    "STATE_WORDS",
    "Inbox",
    "InboxPage",
    "Item",
    "Opened",
    "Outbox",
    "Sent",
    "Undelivered",
    "all_below",
    "inbox",
    "messages",
    "messages_page",
    "notice",
    "outbox",
    "recipients_of",
    "state_of",
    "undelivered",
    "undelivered_rows",
    "unread",
    "unread_messages",
    "wants_silence",
]
