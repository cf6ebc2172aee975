"""What a revision or tag can be called, and names that stand for something else."""

from __future__ import annotations

import re

from meshlint.finding import Value

LEGAL = re.compile(r"[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?\Z")
"""A DNS-1123 label (pkg/config/labels/instance.go), with room for the Service `istiod-NAME`."""

LEGAL_TAG = re.compile(r"[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?\Z")
"""Tags name webhook configurations, and only since 1.28 Services too: dots are no proof."""

MANAGED = re.compile(r"asm-managed(-rapid|-stable)?\Z|asm-\d-\d{1,2}\Z")
"""Revisions that Google or AKS run: no tree ever holds their istiod."""

SHOUTED = re.compile(r"[A-Z][A-Z0-9_-]{2,}\Z")
"""REVISION, ASM_REV: a blank that somebody fills in."""


def illegal(name: Value, legal: re.Pattern[str]) -> bool:
    known = name.known
    return known is not None and not legal.match(known) and not SHOUTED.match(known)
