"""Printed documents: data and a typst template become a PDF, and every print stands in the ledger."""
