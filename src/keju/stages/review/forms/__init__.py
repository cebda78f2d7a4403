"""What people type in the review."""

from keju.stages.review.forms.corrections import AnswerForm, ChangeForm, CorrectionFilter
from keju.stages.review.forms.counter import AcceptForm, CounterForm, DeskForm, ScanForm
from keju.stages.review.forms.second import BulkForm, QueueForm, SecondForm
from keju.stages.review.forms.sending import ParcelForm, ReceiveForm

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "BulkForm",
    "ChangeForm",
    "CorrectionFilter",
    "CounterForm",
    "DeskForm",
    "ParcelForm",
    "QueueForm",
    "ReceiveForm",
    "ScanForm",
    "SecondForm",
]
