"""Precautions: letters, plans, inspections, drills, devices, recordings (P1, P2, P5, P6, P7)."""
