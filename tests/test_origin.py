"""Findings in rendered output, put at the line of the template that has the key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint.finding import Level, Location
from meshlint.origin.chart import Charts, rendered
from meshlint.origin.template import Template
from meshlint.source.lines import Lines
from meshlint.source.outline import FILLED, at, outline, segments
from tests.lint import lint_paths

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
TEMPLATE = """\
{{- define "shop.hook" }}
- name: {{ .prefix }}hook
  port: 443
{{- end }}
{{/* a comment with kind: Nothing
   in: it */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-cart  # its name
  labels: {{ .Values.labels | toYaml | nindent 4 }}
spec:
  template:
    metadata:
      labels:
        app: cart
        {{- if .Values.mesh }}
        sidecar.istio.io/inject: {{ .Values.inject | quote }}
        {{- else }}
        sidecar.istio.io/inject: "false"
        {{- end }}
        "istio.io/rev": {{ .Values.rev }}
        {{ .Values.key }}: x
      annotations:
        note: |
          sidecar.istio.io/inject: "true"
    spec:
      containers:
      - name: cart
        image: "{{ .Values.image }}:{{- .Values.tag }}"
        ports: [{containerPort: 80}]
      - image: proxy
        name: istio-proxy
---
kind: {{ .Values.kind }}
metadata:
  name: other
---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  ports:
  - port: 80
  - port: 90
"""
BODY = TEMPLATE.split("\n")

PLACES = [
    ("a key with an action", "Deployment", "/metadata/name", '  name: x-cart  # its name', "exact", 10, "name"),
    ("one of two branches", "Deployment", "/spec/template/metadata/labels/sidecar.istio.io~1inject",
     '        sidecar.istio.io/inject: "true"', "exact", 18, "sidecar.istio.io/inject"),
    ("both branches read alike", "Deployment", "/spec/template/metadata/labels/sidecar.istio.io~1inject",
     '        sidecar.istio.io/inject: "false"', "template", 15, "labels"),
    ("a quoted key", "Deployment", "/spec/template/metadata/labels/istio.io~1rev",
     '        "istio.io/rev": a', "exact", 22, '"istio.io/rev"'),
    ("a key that an action brings", "Deployment", "/metadata/labels/app", "    app: cart", "template", 11, "labels"),
    ("a key that an action names", "Deployment", "/spec/template/metadata/labels/zone", "        zone: x", "template", 15, "labels"),
    ("an item by its name", "Deployment", "/spec/template/spec/containers/cart/image", '        image: "a:b"', "exact", 30, "image"),
    ("an item whose name comes later", "Deployment", "/spec/template/spec/containers/istio-proxy/image",
     "      - image: proxy", "exact", 32, "image"),
    ("inside of brackets", "Deployment", "/spec/template/spec/containers/cart/ports/0/containerPort",
     "        ports: [{containerPort: 80}]", "template", 31, "ports"),
    ("text is no key", "Deployment", "/spec/template/metadata/annotations/sidecar.istio.io~1inject",
     '        sidecar.istio.io/inject: "true"', "template", 24, "annotations"),
    ("a kind that is filled in", "Sidecar", "/metadata/name", "  name: other", "exact", 37, "name"),
    ("another kind", "Service", "/metadata/name", "  name: shop", "exact", 42, "name"),
    ("items without names", "Service", "/spec/ports/1/port", "  - port: 90", "exact", 46, "port"),
    ("a part that is included", "Hooks", "/webhooks/a.hook/name", "- name: a.hook", "exact", 2, "name"),
    ("deep in such a part", "Hooks", "/webhooks/a.hook/port", "  port: 443", "exact", 3, "port"),
    ("nothing of it is there", "Hooks", "/webhooks/a.hook/rules", "  rules: []", "template", 1, ""),
    ("the text does not fit", "Deployment", "/spec/template/metadata/labels/app", "        app: tart", "template", 15, "labels"),
    ("the whole document", "Deployment", "", "apiVersion: apps/v1", "template", 1, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "pointer", "line", "level", "number", "key"),
    [p[1:] for p in PLACES],
    ids=[p[0] for p in PLACES],
)
def test_places(kind: str, pointer: str, line: str, level: str, number: int, key: str) -> None:
    """The line of the template, and on it the key that is named."""
    column = len(line) - len(line.lstrip("- ")) + 1
    where = Location("out.yaml", 7, column, 7, column + 2, pointer)
    found = Template("t.yaml", TEMPLATE).find(where, kind, line)
    assert (found.level, found.where.line) == (level, number)
    text = BODY[number - 1][found.where.column - 1 : found.where.end_column - 1]
    assert not key or text == key


def test_the_value_is_underlined_where_it_was() -> None:
    line = '        "istio.io/rev": 1-29'
    where = Location("out.yaml", 7, 25, 7, 29, "/spec/template/metadata/labels/istio.io~1rev")
    found = Template("t.yaml", TEMPLATE).find(where, "Deployment", line).where
    assert BODY[found.line - 1][found.column - 1 : found.end_column - 1] == "{{ .Values.rev }}"


KEYS = st.sampled_from(["a", "b", "app", "name", '"q k"', "x/y.z"])
ACTIONS = st.sampled_from(["", "{{- if .x }}", "{{ include \"y\" . | nindent 4 }}", "  # c", "{{/* k: v */}}"])  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 25))):
        indent = "  " * draw(st.integers(0, 4))
        dash = draw(st.sampled_from(["", "", "- "]))
        tail = draw(st.sampled_from(["", " v", " {{ .v }}", ' "w"', " |"]))
        lines += [indent + dash + draw(KEYS) + ":" + tail, draw(ACTIONS)]
    return "\n".join(lines)


@given(texts())
def test_every_entry_is_in_its_line(text: str) -> None:
    """Whatever the text: the line of a key holds it, at the column that is told."""
    lines = text.split("\n")
    for entry in outline(text):
        line = lines[entry.line - 1][entry.column - 1 :]
        assert (
            line.startswith("-") if entry.key is None else line.lstrip("\"'").startswith(entry.key)
        )


@given(texts())
def test_every_key_is_found_at_its_path(text: str) -> None:
    entries = outline(text)
    for entry in entries:
        path = entry.path
        if all(e.key is not None for e in path):
            assert entry in list(at(entries, [str(e.key) for e in path]))


def test_segments() -> None:
    assert segments("/a/istio.io~1rev/~0x") == ["a", "istio.io/rev", "~x"]
    assert segments("") == []


FILES = {
    "charts/shop/Chart.yaml": "name: shop\n",
    "charts/shop/templates/a.yaml": "",
    "charts/shop/charts/db/Chart.yaml": 'name: "db"\n',
    "charts/shop/charts/db/templates/b.yaml": "",
    "charts/lib/Chart.yaml": "name: lib\n",
    "charts/lib/templates/c.yaml": "",
    "one/twin/Chart.yaml": "name: twin\n",
    "one/twin/templates/d.yaml": "",
    "two/twin/Chart.yaml": "name: twin\n",
    "two/twin/templates/d.yaml": "",
    "two/twin/templates/e.yaml": "",
}
SOURCES = [
    ("shop/templates/a.yaml", "charts/shop/templates/a.yaml"),
    ("shop/charts/db/templates/b.yaml", "charts/shop/charts/db/templates/b.yaml"),
    ("shop/charts/lib/templates/c.yaml", "charts/lib/templates/c.yaml"),
    ("shop/templates/gone.yaml", None),
    ("other/templates/a.yaml", None),
    ("twin/templates/d.yaml", None),
    ("twin/templates/e.yaml", "two/twin/templates/e.yaml"),
    ("shop/../../secret.yaml", None),
]


@pytest.mark.parametrize(("source", "path"), SOURCES)
def test_the_template_of_a_comment(source: str, path: str | None) -> None:
    assert Charts(FILES, FILES.__getitem__).template(source) == path


def test_the_document_around_a_line() -> None:
    text = (
        "---\n# Source: a/templates/x.yaml\nkind: Pod\n---\nkind: Node\n---\n# Source: b/y\nx: 1\n"
    )
    lines = Lines(text)
    told = [rendered(lines.line, lines.count, n) for n in range(1, lines.count + 1)]
    shown = [(one.source, one.kind) if one else None for one in told]
    first, last = ("a/templates/x.yaml", "Pod"), ("b/y", "")
    assert shown == [first, first, first, None, None, last, last, last]


NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: {{ .Values.name }}
  labels:
    istio-injection: {{ .Values.injection | quote }}
"""


def output(name: str, value: str) -> str:
    body = NAMESPACE.replace("{{ .Values.name }}", name)
    return f"---\n# Source: shop/templates/ns.yaml\n{body}".replace(
        "{{ .Values.injection | quote }}", f'"{value}"'
    )


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"shop/Chart.yaml": CHART, "shop/templates/ns.yaml": NAMESPACE}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_findings_stand_at_the_template(tree: Path) -> None:
    (tree / "out.yaml").write_text(output("a", "true") + output("b", "enabled"))
    (finding,) = lint_paths(["."], "namespace-injection-value").findings
    assert (finding.where.path, finding.where.line) == ("shop/templates/ns.yaml", 6)
    assert finding.origin is not None
    assert (finding.origin.level, finding.origin.source) == (Level.EXACT, "shop/templates/ns.yaml")
    assert [(r.text, r.where.path, r.where.line) for r in finding.related] == [
        ("rendered here", "out.yaml", 8)
    ]


def test_one_line_renders_to_several_documents(tree: Path) -> None:
    """They are one finding, and each place is named."""
    (tree / "out.yaml").write_text(output("a", "true") + output("b", "yes"))
    (finding,) = lint_paths(["."], "namespace-injection-value").findings
    assert [r.where.line for r in finding.related if r.text == "rendered here"] == [8, 16]


def test_output_without_its_chart(tree: Path) -> None:
    (tree / "shop/Chart.yaml").unlink()
    (tree / "out.yaml").write_text(output("a", "true"))
    (finding,) = lint_paths(["."], "namespace-injection-value").findings
    assert (finding.where.path, finding.where.line) == ("out.yaml", 8)
    assert finding.origin is not None
    assert finding.origin.level is Level.RENDERED


def test_exact_lines_hold_the_key(shared: Path) -> None:
    """Over all templates of the corpus: what is at a path is the line that has its last key."""
    import tarfile

    checked = 0
    for archive in sorted((shared / "corpus").glob("*.tar.xz")):
        with tarfile.open(archive) as files:
            for member in files:
                if not re.search(r"/templates/[^.]+\.yaml\Z", member.name) or not member.isfile():
                    continue
                data = files.extractfile(member)
                text = data.read().decode(errors="replace") if data else ""
                lines = text.split("\n")
                for entry in outline(text):
                    if entry.key is not None and FILLED not in entry.key:
                        checked += 1
                        assert entry.key in lines[entry.line - 1]
        if checked > 20_000:
            break
    assert checked > 10_000
