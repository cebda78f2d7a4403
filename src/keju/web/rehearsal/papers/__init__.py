"""The documents of the year, printed through the stages' services as their people would; room by room, bounded memory.

Each function prints what its stage has just made possible and returns how many documents there are of each kind.
"""

from keju.web.rehearsal.papers.candidates import receipts, tickets
from keju.web.rehearsal.papers.endings import certificates, results
from keju.web.rehearsal.papers.offices import fiscal_receipts, records, summaries

__all__ = ["certificates", "fiscal_receipts", "receipts", "records", "results", "summaries", "tickets"]
