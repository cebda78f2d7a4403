"""Precautions: what is asked, when it is late, who may say that it is done. Pure."""
