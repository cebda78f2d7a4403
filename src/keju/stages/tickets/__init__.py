"""Ticket numbers by frozen plan, the opening of printing, tickets, and the sheets of the rooms."""
