"""Fixes: edits of YAML that rules propose, as changes of bytes that are proven."""
