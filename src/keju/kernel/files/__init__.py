"""Uploads: sealed at rest, named by their SHA-256, visible to those who may see a row that names them."""
