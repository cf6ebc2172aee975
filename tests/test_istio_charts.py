"""Istio's own charts, rendered by helm: clean as they are, and each single fault at its line."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from meshlint.finding import Level
from meshlint.origin.chart import Charts, rendered
from meshlint.origin.template import Template
from meshlint.render.chart import Release, contents
from meshlint.render.helm import helm, template
from meshlint.render.tree import Files
from meshlint.source.lines import Lines
from meshlint.source.node import Node
from meshlint.source.parse import parse
from meshlint.source.split import split

CHARTS = {
    "manifests/charts/base/": "base",
    "manifests/charts/gateway/": "gateway",
    "manifests/charts/istio-control/istio-discovery/": "istiod",
}
CONFIGURATION = """\
charts:
- {path: base, namespace: istio-system, set: {defaultRevision: 1-29}}
- {path: istiod, namespace: istio-system, set: {revision: 1-29, "revisionTags[0]": prod}}
- {path: gateway, namespace: ingress}
"""
T = "istiod/templates/"
REV = 'istio.io/rev: {{ .Values.revision | default "default" | quote }}'
FAULTS = [
    ("the label of the injector", T + "mutatingwebhook.yaml", REV, 'istio.io/rev: "1-28"', "MESH303", 'istio.io/rev: "1-28"'),
    ("the names of its hooks", T + "mutatingwebhook.yaml", "sidecar-injector.istio.io", "sidecar-injector.example.io", "MESH304", "- name: {{.Prefix}}sidecar"),
    ("the port that they call", T + "mutatingwebhook.yaml", "      port: 443", "      port: 15017", "MESH309", "port: 15017"),
    ("their path, in the values", "istiod/values.yaml", 'injectionPath: "/inject"', 'injectionPath: "/injectx"', "MESH311", 'path: "{{ .injectionPath }}"'),
    ("the rules of their hooks", T + "mutatingwebhook.yaml", 'resources: ["pods"]', 'resources: ["services"]', "MESH318", "rules:"),
    ("the path of the validator", T + "validatingwebhookconfiguration.yaml", 'path: "/validate"', 'path: "/inject"', "MESH311", 'path: "/inject"'),
    ("the label of the validator", T + "validatingwebhookconfiguration.yaml", REV, 'istio.io/rev: "x"', "MESH303", 'istio.io/rev: "x"'),
    ("the port of the Service", T + "service.yaml", "port: 443", "port: 4443", "MESH309", "port: 4443"),
    ("the port behind it", T + "service.yaml", "targetPort: 15017", "targetPort: 15018", "MESH309", "targetPort: 15018"),
    ("the selector of the Service", T + "service.yaml", "istio.io/rev: {{ .Values.revision | quote }}", "istio.io/rev: nope", "MESH310", "istio.io/rev: nope"),
    ("the labels of istiod's pods", T + "deployment.yaml", "        app: istiod\n        istio.io/rev", "        app: pilot\n        istio.io/rev", "MESH310", "app: pilot"),
    ("a verb of its role", T + "clusterrole.yaml", "mutatingwebhookconfigurations", "mutatingwebhookconfiguration", "MESH520", "name: istiod-clusterrole{{"),
]  # fmt: skip


@pytest.fixture(scope="module")
def charts(shared: Path) -> dict[str, bytes]:
    """The files of the charts, by the folders that they get here."""
    archive = shared / "corpus/istio+istio.tar.xz"
    if not archive.is_file():
        pytest.skip("Istio's charts are not in the conformance data")
    found = {}
    with tarfile.open(archive) as files:
        for member in files:
            inside = member.name.partition("/")[2]
            head = next((head for head in CHARTS if inside.startswith(head)), None)
            data = files.extractfile(member) if head and member.isfile() else None
            if head and data:
                found[f"{CHARTS[head]}/{inside[len(head) :]}"] = data.read()
    assert "istiod/Chart.yaml" in found
    return found


@pytest.fixture
def tree(charts: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    for name, data in charts.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "tree/.meshlint.yaml").write_text(CONFIGURATION)
    return tmp_path / "tree"


def found(capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    assert cli.run([".", "--format", "json"]) in (0, 1)
    return json.loads(capsysbinary.readouterr().out)["findings"]


@pytest.mark.helm
def test_they_are_clean(tree: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert [f for f in found(capsysbinary) if f["severity"] != "note"] == []


@pytest.mark.helm
@pytest.mark.parametrize(
    ("file", "old", "new", "code", "line"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_each_fault_stands_at_its_line(
    file: str,
    old: str,
    new: str,
    code: str,
    line: str,
    tree: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """In the template of the key, whether the template or the values are wrong."""
    text = (tree / file).read_text()
    assert old in text
    (tree / file).write_text(text.replace(old, new))
    told = [f for f in found(capsysbinary) if f["code"] == code and f["severity"] != "note"]
    assert told
    places = [f["location"] for f in told if f["origin"]["level"] == "exact"]
    lines = [(tree / p["path"]).read_text().split("\n")[p["line"] - 1] for p in places]
    assert any(line in one for one in lines), (lines, told)


def below(node: Node) -> Iterator[Node]:
    """All keys of a document."""
    for child in (*node.children(), *node.items()):
        if node.is_map:
            yield child
        yield from below(child)


@pytest.mark.helm
@pytest.mark.parametrize("name", CHARTS.values())
def test_exact_lines_hold_the_key(name: str, tree: Path) -> None:
    """Over every key of the output: where its line in a template is called exact, it is there."""
    files = Files(tree)
    sets = (("revision", "1-29"), ("revisionTags[0]", "prod")) if name == "istiod" else ()
    release = Release(name, name, sets=sets)
    text = template(helm(), release, contents(files, name)).decode()
    lines, known = Lines(text), Charts(files_of(tree), lambda path: (tree / path).read_text())
    levels: Counter[Level] = Counter()
    for piece in split(text):
        document = rendered(lines.line, lines.count, piece.first_line + 1)
        path = known.template(document.source) if document else None
        if document is None or path is None or "CustomResourceDefinition" in piece.kinds:
            continue
        source = (tree / path).read_text()
        looked = Template(path, source)
        for node in below(parse("out.yaml", piece)):
            where = node.key_where
            found = looked.find(where, document.kind, lines.line(where.line))
            levels[found.level] += 1
            line = source.split("\n")[found.where.line - 1]
            assert found.level is not Level.EXACT or node.name in line, (where, line)
    assert levels[Level.EXACT] > levels[Level.TEMPLATE]


def files_of(tree: Path) -> list[str]:
    return [path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()]
