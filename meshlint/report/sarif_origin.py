"""Where the work tree comes from, for SARIF's versionControlProvenance."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from meshlint.report.sarif_places import BASE, Json
from meshlint.source.git import run

URL = re.compile(r"(https?|ssh|git)://(?:[^/]*@)?([\w.-]+)(:\d+)?/([^?#@]+)(?:[?#][^@]*)?")
SCP = re.compile(r"(?:[^/:@]*@)?([\w.-]{2,}):(?!//)([^?#@:]+)")
"""`git@github.com:owner/name.git`; a host of one letter is a drive of Windows."""


def provenance(root: Path, commit: str = "") -> list[Json]:
    """Repository, revision and branch; empty where there is no work tree or no web address.

    `commit` is the one that was looked at; "" for what the work tree has.
    """
    address = (root / ".git").exists() and web_address(_remote(root))
    if not address:
        return []
    known: Json = {
        "repositoryUri": address,
        "revisionId": commit or _ask(root, "rev-parse", "--verify", "--quiet", "HEAD"),
        "branch": "" if commit else _ask(root, "symbolic-ref", "--quiet", "--short", "HEAD"),
        "mappedTo": {"uriBaseId": BASE},
    }
    return [{key: value for key, value in known.items() if value}]


def web_address(remote: str) -> str | None:
    """A remote's URL without credentials and `.git`; None for folders and what else is no URL.

    What is fetched over SSH is given as HTTPS, so that it is the same for people and for CI.
    """
    url, short = URL.fullmatch(remote), SCP.fullmatch(remote)
    if url:
        scheme, host, port, path = url.groups()
    elif short:
        scheme, host, port, path = "ssh", short[1], None, short[2]
    else:
        return None
    if scheme == "ssh":
        scheme, port = "https", None
    name = path.strip("/").removesuffix(".git").strip("/")
    return f"{scheme}://{host}{port or ''}/{quote(name, safe='/%~')}"


def _remote(root: Path) -> str:
    """The URL of `origin`, or of another remote where there is none."""
    lines = _ask(root, "config", "--get-regexp", r"^remote\..*\.url$").splitlines()
    urls = dict(line.split(" ", 1) for line in sorted(lines, reverse=True) if " " in line)
    return urls.get("remote.origin.url") or next(iter(urls.values()), "")


def _ask(root: Path, *question: str) -> str:
    return (run(root, *question) or b"").decode("utf-8", "replace").strip()
