"""`meshlint diagnose`: texts as people paste them, what they name, and which findings come first."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from meshlint import cli
from meshlint.cli import diagnose as command
from meshlint.diagnose.answer import read
from meshlint.diagnose.extract import names_in
from meshlint.diagnose.messages import LONGEST, messages
from meshlint.diagnose.rank import ranked
from meshlint.diagnose.recognise import MOST
from meshlint.finding import Finding, Location, Related, Severity, Subject
from meshlint.symptom.catalogue import shipped
from meshlint.symptom.dialect import BadPattern, compiled, pattern
from meshlint.symptom.model import Cause, Symptom
from tests.conftest import ROOT
from tests.manifests import injector, istiod, namespace, workload

CALL = 'failed calling webhook "rev.namespace.sidecar-injector.istio.io": failed to call webhook: '
POST = 'Post "https://istiod-1-22.istio-system.svc:443/inject?timeout=10s": '
TIMEOUT = f"{CALL}{POST}context deadline exceeded"
GONE = f'{CALL}{POST}service "istiod-1-22" not found'
Run = Callable[..., tuple[int, str, str]]


def recognised(text: str | bytes) -> list[str]:
    return list(read(text if isinstance(text, bytes) else text.encode(), shipped()).sightings)


def names(text: str, symptom: str) -> dict[str, tuple[str, ...]]:
    """What the first sighting of an error names."""
    return dict(read(text.encode(), shipped()).sightings[symptom][0].names)


def wrapped(text: str, width: int) -> str:
    """As a terminal shows it: lines of one width, broken anywhere."""
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def folded(text: str, prefix: str = "") -> str:
    """As mail and YAML break it: at blanks."""
    return "\n".join(f"{prefix}{word}" for word in text.split(" "))


# how a text may look

NOISE = (
    "2024-05-02T09:00:00.123456Z\tinfo\tads\tPush debounce stable[41] 1 for config Service/a/b\n"
)
FORMS = {
    "alone": TIMEOUT,
    "between other lines": f"{NOISE * 3}{TIMEOUT}\n{NOISE * 3}",
    "an event": f"  Warning  FailedCreate  2s (x12 over 13s)  replicaset-controller  Error creating: Internal error occurred: {TIMEOUT}",
    "a terminal of 80 columns": wrapped(f"Error from server (InternalError): {TIMEOUT}", 80),
    "a terminal of 33 columns": wrapped(f"Error from server (InternalError): {TIMEOUT}", 33),
    "a word a line": folded(TIMEOUT),
    "YAML": f"    message: >-\n{folded(TIMEOUT, '      ')}\n    reason: FailedCreate",
    "quoted YAML": f"    message: '{folded(TIMEOUT, '      ')}'",
    "mail": folded(TIMEOUT, "> "),
    "mail of mail": folded(TIMEOUT, "> > > "),
    "a block quote in a list": folded(TIMEOUT, "  > "),
    "CRLF": folded(TIMEOUT).replace("\n", "\r\n"),
    "carriage returns": f"working\r{TIMEOUT}\rdone",
    "colours": f"\x1b[31;1mError\x1b[0m: {TIMEOUT.replace('webhook', chr(27) + '[36mwebhook' + chr(27) + '[0m')}",
    "a terminal's title": f"\x1b]0;prod\x07{TIMEOUT}",
    "colours in JSON": json.dumps({"msg": f"\x1b[31m{TIMEOUT}\x1b[0m"}),
    "JSON": json.dumps({"level": "error", "msg": TIMEOUT}),
    "JSON in JSON": json.dumps({"log": json.dumps({"msg": TIMEOUT})}),
    "JSON with line ends": json.dumps({"msg": f"sync failed:\n{TIMEOUT}\nretrying"}),
    "indented JSON": json.dumps({"a": {"b": [1, TIMEOUT]}}, indent=4),
    "long JSON": json.dumps({f"key{n}": "x" * 50 for n in range(200)} | {"msg": TIMEOUT, "z": "y" * 5000}),
    "klog": f"E0712 10:11:12.000001       1 dispatcher.go:214] {TIMEOUT}",
    "zap": f"2024-05-02T09:00:00.000Z\tERROR\tcontroller\tReconciler error\t{{\"error\": {json.dumps(TIMEOUT)}}}",
    "logfmt": f'time="2024-05-02T09:00:00Z" level=error msg={json.dumps(TIMEOUT)}',
    "stern": f"istiod-7d6f-abc discovery 2024-05-02T09:00:00.1Z error {TIMEOUT}",
    "kubectl --prefix": f"[pod/istiod-7d6f/discovery] 2024-05-02T09:00:00.1Z error {TIMEOUT}",
    "typographic quotes": TIMEOUT.replace(' "', " “").replace('":', "”:"),
    "HTML": TIMEOUT.replace('"', "&quot;"),
    "numbered HTML": TIMEOUT.replace('"', "&#34;"),
    "a link made of it": TIMEOUT.replace("https://istiod-1-22.istio-system.svc:443/inject?timeout=10s", "[https://istiod-1-22.istio-system.svc:443/inject?timeout=10s](https://istiod-1-22.istio-system.svc/inject?timeout=10s)"),
    "a code block": f"```\n{TIMEOUT}\n```",
    "no-break spaces": TIMEOUT.replace(" ", "\N{NO-BREAK SPACE}"),
    "zero-width spaces": TIMEOUT.replace("webhook", "web\N{ZERO WIDTH SPACE}hook"),
    "tabs": TIMEOUT.replace(" ", "\t"),
    "capitals": TIMEOUT.replace("failed calling", "Failed calling"),
    "older kubectl": TIMEOUT.replace("failed calling webhook", "failed calling admission webhook"),
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_forms(text: str) -> None:
    assert recognised(text) == ["webhook-times-out"]


SAID = {"webhook", "service", "namespace", "port", "path", "revision"}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_names_survive_the_form(text: str) -> None:
    found = names(text, "webhook-times-out")
    assert found["service"] == ("istiod-1-22",)
    assert found["namespace"] == ("istio-system",)
    assert found["webhook"] == ("rev.namespace.sidecar-injector.istio.io",)
    assert (found["revision"], found["port"], found["path"]) == (("1-22",), ("443",), ("/inject",))
    assert found.keys() == SAID


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_encodings(encoding: str) -> None:
    """PowerShell writes UTF-16 with a mark; without one a text is no UTF-8, and zeros are blanks."""
    assert recognised(f"Überall:\n{TIMEOUT}".encode(encoding)) == ["webhook-times-out"]


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_any_width(width: int) -> None:
    lines = wrapped(f"Error creating: Internal error occurred: {GONE}", width)
    assert recognised(lines) == ["webhook-service-not-found"]
    assert recognised(f"{lines}\n\n{lines}\n$ kubectl get pods\n") == ["webhook-service-not-found"]


@pytest.mark.parametrize("before", range(1_000, 2_600, 53))
def test_any_place_in_a_long_line(before: int) -> None:
    """A message is looked at in pieces, and an error on their border is in one of them whole."""
    for noise in ("x", "xy "):
        text = f"{(noise * before)[:before]} {TIMEOUT} {noise * 1_000}"
        assert recognised(text) == ["webhook-times-out"]
        assert names(text, "webhook-times-out")["service"] == ("istiod-1-22",)


def test_several_at_once() -> None:
    text = f"{TIMEOUT}\n{GONE}\n{TIMEOUT}\nEnvoy proxy is NOT ready: config received from XDS server, but was rejected: x"
    found = read(text.encode(), shipped()).sightings
    assert {name: [seen.line for seen in each] for name, each in found.items()} == {
        "webhook-times-out": [1, 3],
        "webhook-service-not-found": [2],
        "proxy-rejects-configuration": [4],
    }


def test_an_error_does_not_take_the_end_of_the_next() -> None:
    """The two lines begin alike, nothing parts them, and the first one ends in words of no entry."""
    text = f"{CALL}unheard of\n{TIMEOUT}\n"
    found = read(text.encode(), shipped()).sightings
    assert [seen.line for seen in found["webhook-times-out"]] == [2]


def test_a_short_error_is_not_prolonged_by_other_lines() -> None:
    """`not found` is whole in its line; the timeout belongs to something else."""
    text = f"{GONE}\nand another thing: i/o timeout"
    assert recognised(text) == ["webhook-service-not-found"]


def test_general_errors_give_way() -> None:
    general = f"{CALL}something new"
    assert recognised(general) == ["webhook-fails"]
    assert recognised(f"{general}\n\n{GONE}") == ["webhook-service-not-found"]


def test_the_excerpt_is_the_error_and_not_the_line() -> None:
    (seen,) = read(f"{'noise ' * 50}{GONE} {'noise ' * 50}".encode(), shipped()).sightings.values()
    assert seen[0].text == GONE


# what an error names

NAMED = [
    ("webhook-times-out", TIMEOUT.replace("istiod-1-22", "istiod-revision-tag-prod"), {"tag": "prod", "service": "istiod-revision-tag-prod"}),
    ("webhook-times-out", TIMEOUT.replace("istiod-1-22.istio-system.svc:443", "hooks.example.com"), {"host": "hooks.example.com"}),
    ("webhook-certificate-name", f"{CALL}{POST}x509: certificate is valid for istiod.istio-system.svc, istio-pilot.istio-system.svc, not istiod-blue.mesh.svc", {"service": "istiod-blue", "namespace": "mesh", "revision": "blue"}),
    ("istiod-forbidden", 'x is forbidden: User "system:serviceaccount:mesh:istiod-a" cannot patch resource "mutatingwebhookconfigurations" in API group ""', {"namespace": "mesh", "account": "istiod-a", "verb": "patch", "resource": "mutatingwebhookconfigurations"}),
    ("injector-refuses-annotation", "replicaset/cart-5d9c8b7f6d Error creating: denied the request: invalid value 'x' for annotation 'sidecar.istio.io/interceptionMode': y", {"annotation": "sidecar.istio.io/interceptionMode", "value": "x", "workload": "cart"}),
    ("injector-template-unknown", 'pods "cart-5d9c8b7f6d-" requested template "gatway" not found; have sidecar', {"template": "gatway", "workload": "cart"}),
    ("webhook-update-conflict", 'Operation cannot be fulfilled on validatingwebhookconfigurations.admissionregistration.k8s.io "istio-validator-a-mesh": the object has been modified', {"configuration": "istio-validator-a-mesh"}),
    ("proxy-cannot-reach-istiod", 'desc = "transport: Error while dialing: dial tcp: lookup istiod-1-22.mesh.svc on 10.0.0.10:53: no such host"', {"service": "istiod-1-22", "namespace": "mesh", "revision": "1-22"}),
    ("proxy-cannot-reach-istiod", 'desc = "transport: Error while dialing dial tcp 10.245.19.106:15012: connect: connection timed out"', {"port": "15012"}),
    ("tag-name-taken", 'Error: revision tag "prod" already exists, and --overwrite is false', {"tag": "prod"}),
    ("no-sidecar", "error: container istio-proxy is not valid for pod cart-5d9c8b7f6d-x2x4z", {"workload": "cart", "container": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("symptom", "text", "said"), NAMED)
def test_names(symptom: str, text: str, said: dict[str, str]) -> None:
    found = names(text, symptom)
    assert {field: ", ".join(found.get(field, ())) for field in said} == said


WORKLOADS = [
    ("cart-5d9c8b7f6d-x2x4z", "cart"),
    ("cart-5d9c8b7f6d", "cart"),
    ("cart-65b966b497-", "cart"),
    ("migrate-x2x4z", "migrate"),
    ("cart-service", "cart-service"),
    ("web-0", "web-0"),
    ("x2x4z", "x2x4z"),
]


@pytest.mark.parametrize(("pod", "owner"), WORKLOADS)
def test_a_pod_is_told_by_its_owner(pod: str, owner: str) -> None:
    assert names_in(f'pods "{pod}" is forbidden', (), {}) == {"workload": (owner,)}


def test_kubectl_describe_tells_whose_events_they_are() -> None:
    head = "Name: cart-5d9c\nNamespace: shop\nControlled By: Deployment/cart\nEvents:\n"
    found = names(f"{head}  Warning  FailedCreate  2s  rs  Error creating: {GONE}", "webhook-service-not-found")  # fmt: skip
    assert (found["namespace"], found["pod_namespace"]) == (("istio-system",), ("shop",))
    assert found["workload"] == ("cart",)
    after = names(f"{head}\n$ kubectl logs x\n{GONE}", "webhook-service-not-found")
    assert "workload" not in after


# which findings come first

RULE = Symptom("a", "A.", "a", (), "Do.", (Cause("It is.", ("first", "other-*")), Cause("Or.", ("second",))))  # fmt: skip


def finding(
    rule: str,
    message: str = "",
    *,
    subject: Subject | None = None,
    severity: Severity = Severity.ERROR,
    line: int = 1,
    related: str = "",
    pointer: str = "",
) -> Finding:
    where = Location("a.yaml", line, 1, line, 2, pointer)
    also = (Related(related, where),) if related else ()
    return Finding("MESH999", rule, severity, message, where, subject, also)


def order(said: dict[str, tuple[str, ...]], *findings: Finding) -> tuple[list[int], list[int]]:
    """The lines of what explains an error that names something, and of the rest."""
    told = ranked(RULE, said, findings)
    return [f.where.line for f in told.explains], [f.where.line for f in told.others]


def deployment(name: str, ns: str = "shop") -> Subject:
    return Subject("apps/v1", "Deployment", ns, name)


def test_other_rules_are_left_out() -> None:
    assert order({}, finding("third")) == ([], [])
    assert order({}, finding("other-one")) == ([1], [])


def test_without_names_all_explain_by_severity_and_cause() -> None:
    found = (
        finding("second", line=1),
        finding("first", severity=Severity.NOTE, line=2),
        finding("first", line=3),
        finding("first", severity=Severity.WARNING, line=4),
    )
    assert order({}, *found) == ([3, 1, 4, 2], [])


SPEAKS = [
    finding("second", "Service istio-system/istiod-1-22 is gone.", line=2),
    finding("second", "It is gone.", subject=Subject("v1", "Service", "istio-system", "istiod-1-22"), line=2),
    finding("second", "It is gone.", related="calls https://istiod-1-22.istio-system.svc", line=2),
    finding("second", "Gone: 'istiod-1-22'.", line=2, severity=Severity.NOTE),
]  # fmt: skip


@pytest.mark.parametrize("named", SPEAKS)
def test_who_speaks_of_the_same_service_comes_first(named: Finding) -> None:
    quiet = finding("first", "A NetworkPolicy is in the way.", line=1)
    assert order({"service": ("istiod-1-22",)}, quiet, named) == ([2, 1], [])


FOREIGN = [
    ({"service": ("istiod-1-22",)}, finding("first", "It calls istiod-1-23.")),
    ({"service": ("istiod",)}, finding("first", "It calls istiod-canary.")),
    ({"service": ("istiod-1-22",)}, finding("first", "It calls istiod.")),
    ({"service": ("istiod-1-22",)}, finding("first", "It calls istiod-1-22-0.")),
    ({"revision": ("1-22",)}, finding("first", "It asks for revision '1-23'.")),
    ({"workload": ("cart",)}, finding("first", "It is refused.", subject=deployment("till"))),
]


@pytest.mark.parametrize(("said", "found"), FOREIGN)
def test_who_speaks_of_another_one_comes_behind(
    said: dict[str, tuple[str, ...]], found: Finding
) -> None:
    assert order(said, found) == ([], [1])


KIN = [
    ({"service": ("istiod",)}, finding("first", "A policy closes port 15017.")),
    ({"revision": ("1-22",)}, finding("first", "It asks for revision '1-22', and not '1-23'.")),
    ({"workload": ("cart",)}, finding("first", "x", subject=deployment("cart"))),
    ({"workload": ("cart",)}, finding("first", "x", subject=Subject("v1", "Namespace", "", "shop"))),
    ({"workload": ("cart",), "annotation": ("a/b",)}, finding("first", "'a/b' is bad.", subject=deployment("till"))),
    ({"namespace": ("istio-system",)}, finding("first", "x", subject=deployment("cart"))),
    ({"service": ("istiod-1-22",), "revision": ("1-22",)}, finding("first", "Tag 'a' points to revision '1-22', live is istiod-1-23.")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "found"), KIN)
def test_who_does_not_contradict_stays(said: dict[str, tuple[str, ...]], found: Finding) -> None:
    assert order(said, found) == ([1], [])


# patterns

BAD = [
    ("(a+)+ and more", "repeats a group in which something repeats"),
    ("(?:a{2,9}b)* and more", "repeats a group in which something repeats"),
    ("words (?:… x)+", "repeats a group in which something repeats"),
    ("one (?:two words)?", "has no 5 letters in a row"),
    ("[abcdef]+", "has no 5 letters in a row"),
    (r"\d\d\d\d\d\d", "has no 5 letters in a row"),
    ("error|failure", "has a bar outside of a group: write two patterns"),
    ("a … b … c … d … e", "has no 5 letters in a row"),
    ("error … a … b … c … d", "has more than 3 of …, .* and .+"),
    ("error .* a .* b .* c .* d", "has more than 3 of …, .* and .+"),
    ("error (", "is no regular expression: missing ), unterminated subpattern"),
    ("error (?P<1>x)", "is no regular expression"),
    ("error )", "is no regular expression"),
    ("x" * 601, "is longer than 600 characters"),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_bad_patterns(text: str, words: str) -> None:
    with pytest.raises(BadPattern, match=f"^{re.escape(words)}"):
        compiled(pattern(text))


ANCHORS = [
    ("not found", ("notfound",)),
    (r"a\.b \(c\) d", ("a.b(c)d",)),
    ("words (?:or|not) and others", ("andothers", "words")),
    ("plural words? here", ("pluralword",)),
    ("plural words?x here", ("pluralword", "xhere")),
    ("words+ here", ("words",)),
    ("some x{2} thing", ("thing",)),
    (r"the \d+ number", ("number",)),
    ("first [x ] second … third", ("second", "first", "third")),
    (r"\bword\b other", ("wordother",)),
    ("CAPITALS", ("capitals",)),
]


@pytest.mark.parametrize(("text", "anchors"), ANCHORS)
def test_the_literal_parts_of_a_pattern(text: str, anchors: tuple[str, ...]) -> None:
    found = pattern(text).anchors
    assert sorted(found) == sorted(anchors)
    assert list(found) == sorted(found, key=len, reverse=True)


MATCHES = [
    ("words not found", "wordsnotfound", True),
    ("words not found", "Words Not Found", True),
    ("words [a b]{3} end", "words a b end", True),
    ("error … end", "error in some words: end", True),
    ("error … end", "error: failed calling webhook end", False),
    ("error … end", f"error{'x' * 401}end", False),
]


@pytest.mark.parametrize(("text", "line", "does"), MATCHES)
def test_blanks_and_gaps(text: str, line: str, does: bool) -> None:
    assert bool(pattern(text).regex.search(line)) is does


# the command


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Exit code, standard output and standard error of `meshlint diagnose`, given a text."""

    def asked(*words: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr("sys.stdin", Terminal() if data is None else Pipe(data))
        code = cli.run(["diagnose", *words])
        out, err = capfd.readouterr()
        return code, out, err

    return asked


class Pipe(io.TextIOWrapper):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


class Terminal(Pipe):
    def __init__(self) -> None:
        super().__init__(b"")

    def isatty(self) -> bool:
        return True


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform with a tag for a revision that is gone, and an application."""
    monkeypatch.chdir(tmp_path)
    files = {
        "platform/istiod.yaml": f"{istiod('1-23')}---\n{injector('1-23')}",
        "platform/tag.yaml": injector("1-22", tag="prod"),
        "apps/shop.yaml": f"{namespace('shop', rev='prod')}---\n{workload()}",
        "error.txt": f"{NOISE}{GONE}\n",
        "timeout.txt": TIMEOUT,
        "other.txt": "nothing is wrong\n",
        "empty.txt": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


CAUSE = "platform/tag.yaml:6:19: error MESH204 Revision tag 'prod' points to revision '1-22'"


def test_the_cause_stands_before_the_advice(tree: Path, run: Run) -> None:
    code, out, err = run("error.txt", ".")
    assert code == 0
    assert out.startswith(
        "webhook-service-not-found: A webhook calls a Service of istiod that does"
    )
    assert "  error.txt:2: failed calling webhook" in out
    assert "  service    istiod-1-22\n" in out
    assert out.index(CAUSE) < out.index("What causes it:") < out.index("What to do:")
    assert "kubectl -n istio-system" not in out[: out.index("Check:")]
    assert err.startswith("meshlint: looked at 3 files")


def test_the_tree_is_the_current_folder_if_none_is_named(tree: Path, run: Run) -> None:
    assert CAUSE in run("error.txt")[1]


@pytest.mark.parametrize("words", [("-",), (), ("-", "platform"), ("platform", "apps"), (".",)])
def test_standard_input(tree: Path, run: Run, words: tuple[str, ...]) -> None:
    code, out, _ = run(*words, stdin=GONE)
    assert (code, CAUSE in out) == (0, True)
    assert "\n  line 1: failed calling webhook" in out


def test_a_tree_that_does_not_show_it(tree: Path, run: Run) -> None:
    code, out, _ = run("timeout.txt", ".")
    assert code == 0
    assert "Nothing in . (3 files) explains this error." in out
    assert "Git does not show the cause. Check:" in out
    assert "kubectl -n istio-system get pods,endpoints -l app=istiod" in out


def test_a_tree_without_objects(tree: Path, run: Run) -> None:
    (tree / "docs").mkdir()
    code, out, _ = run("error.txt", "docs")
    assert code == 0
    assert "There is no Kubernetes object in docs: the cause can only be guessed." in out
    assert "What to do:" in out


def test_other_findings_of_the_same_rules_come_behind(tree: Path, run: Run) -> None:
    (tree / "platform/second.yaml").write_text(injector("1-21", tag="old"))
    _, out, _ = run("error.txt", ".")
    assert out.index(CAUSE) < out.index("Of the same rules, about something else:")
    assert "platform/second.yaml:6:19: error MESH204" in out[out.index("about something else") :]


CODES = [
    ("recognised", ["error.txt"], 0, ""),
    ("recognised, and nothing is found", ["timeout.txt", "apps"], 0, ""),
    ("not recognised", ["other.txt"], 1, ""),
    ("nothing to recognise", ["empty.txt"], 1, ""),
    ("no text", [], 2, "name a FILE with the error text, or pipe it"),
    ("a folder and no text", ["platform"], 2, "name a FILE with the error text, or pipe it"),
    ("no such text", ["gone.txt"], 3, "cannot read gone.txt: No such file"),
    ("no such tree", ["error.txt", "gone"], 3, "gone: paths that could not be read"),
    ("no such tree, and nothing recognised", ["other.txt", "gone"], 1, ""),
    ("a list", ["--list"], 0, ""),
]


@pytest.mark.parametrize(("words", "code", "said"), [c[1:] for c in CODES], ids=[c[0] for c in CODES])  # fmt: skip
def test_exit_codes(tree: Path, run: Run, words: list[str], code: int, said: str) -> None:
    found, _, err = run(*words)
    assert found == code
    assert said in err


@pytest.mark.parametrize(("words", "code"), [(["--color", "x"], 2), (["--format", "xml"], 2), (["--help"], 0)])  # fmt: skip
def test_argparse_ends_by_itself(run: Run, words: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == code


def test_standard_input_is_read_once(tree: Path, run: Run) -> None:
    code, _, err = run("-", "-", stdin=GONE)
    assert code == 2
    assert "standard input is the error text already" in err
    code, out, _ = run("error.txt", "-", stdin=injector("1-22", tag="prod") + "---\n" + istiod("1-23") + "---\n" + injector("1-23"))  # fmt: skip
    assert (code, "<stdin>:6:19: error MESH204" in out) == (0, True)


@pytest.mark.parametrize("form", command.FORMATS)
def test_nothing_recognised(tree: Path, run: Run, form: str) -> None:
    code, out, err = run("other.txt", ".", "--format", form)
    assert (code, err) == (1, "")
    if form == "json":
        assert json.loads(out)["diagnoses"] == []
    else:
        assert "No error that meshlint knows was found in other.txt (1 line)." in out
        assert "meshlint diagnose" in out


def test_the_list_has_every_error(run: Run) -> None:
    _, out, _ = run("--list")
    assert [line.split()[0] for line in out.splitlines()] == [s.name for s in shipped()]


SCHEMAS = [
    json.loads((ROOT / f"schemas/{name}.schema.json").read_text())
    for name in ("diagnosis", "report")
]
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMAS[0], registry=REGISTRY)


@pytest.mark.parametrize("text", [GONE, TIMEOUT, f"{GONE}\n\n{TIMEOUT}", "", "x", *(s for e in shipped() for s in e.samples)])  # fmt: skip
def test_json_has_the_form_of_its_schema(tree: Path, run: Run, text: str) -> None:
    _, out, _ = run("-", "platform", "--format", "json", stdin=text)
    VALIDATOR.validate(json.loads(out))


def test_json(tree: Path, run: Run) -> None:
    _, out, _ = run("error.txt", ".", "--format", "json")
    body = json.loads(out)
    (told,) = body["diagnoses"]
    assert body["text"] == {"path": "error.txt", "lines": 2}
    assert body["tree"] == {"paths": ["."], "files": 3, "objects": 5, "complete": True}
    assert (told["line"], told["count"], told["excerpt"]) == (2, 1, GONE)
    assert told["names"]["revision"] == ["1-22"]
    assert [f["code"] for f in told["explains"]] == ["MESH204"]
    assert told["causes"][1] == {"text": told["causes"][1]["text"], "rules": ["MESH204"]}


def test_markdown(tree: Path, run: Run) -> None:
    _, out, _ = run("error.txt", ".", "--format", "markdown")
    assert out.startswith("### A webhook calls a Service of istiod that does not exist.\n")
    assert f"`{GONE}` (error.txt:2)\n" in out
    assert "- `platform/tag.yaml:6` error MESH204 Revision tag 'prod'" in out


HOSTILE = GONE.replace('"istiod-1-22" not', '"\x1b[2J`$(reboot)`" not')


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_nothing_of_the_text_reaches_the_terminal(tree: Path, run: Run, form: str) -> None:
    """Escape sequences are taken out of the text; other control characters are spelled out."""
    said = f"{HOSTILE}\n{CALL}\x9b31m\x07 {POST}context deadline exceeded"
    _, out, _ = run("-", ".", "--format", form, stdin=said)
    assert not [char for char in out if not (char.isprintable() or char == "\n")]
    assert "\\x9b31m\\x07" in out.replace("\\\\", "\\")


def test_commands_have_only_plain_names(tree: Path, run: Run) -> None:
    """What somebody copies from the answer must not do what the text wants."""
    _, out, _ = run("-", ".", "--format", "json", stdin=HOSTILE.replace("service", "no endpoints available for service").replace(" not found", ""))  # fmt: skip
    (told,) = json.loads(out)["diagnoses"]
    assert told["names"]["service"] == ["`$(reboot)`"]
    commands = [command for check in told["elsewhere"] for command in check["commands"]]
    assert commands
    assert not [command for command in commands if "reboot" in command]
    assert "kubectl -n istio-system get service istiod -o jsonpath={.spec.selector}" in commands


def test_markdown_cannot_be_broken_out_of(tree: Path, run: Run) -> None:
    _, out, _ = run("-", ".", "--format", "markdown", stdin=HOSTILE)
    assert "``` failed calling" not in out
    assert "- service: `` `$(reboot)` ``" in out


# explain


def test_explain_shows_the_errors_that_lead_to_a_rule(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "MESH301"]) == 0
    out = capfd.readouterr().out
    part = out[out.index("Error texts that lead here:\n") : out.index("\n\nWhy:")]
    assert '  webhook-certificate-untrusted: failed calling webhook "…istio.io": …: x509:' in part
    assert part.index("webhook-certificate-untrusted") < part.index("webhook-fails"), "general last"


def test_explain_shows_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "webhook-times-out"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("webhook-times-out: The API server gets no answer")
    assert "(MESH501)" in out
    assert "If Git does not show the cause, check:" in out


# size

SIZE = 10_000_000


def repeated(text: str) -> bytes:
    return text.encode() * (SIZE // len(text))


LARGE: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "random bytes": (lambda: random.Random(5).randbytes(SIZE), []),
    "a log": (lambda: repeated(NOISE), []),
    "a log with an error at its end": (lambda: repeated(NOISE) + TIMEOUT.encode(), ["webhook-times-out"]),
    "one line": (lambda: repeated("x"), []),
    "one line with an error in it": (lambda: repeated("word ") + GONE.encode() + repeated(" word"), ["webhook-service-not-found"]),
    "lines of one letter": (lambda: repeated("a\n"), []),
    "blank lines": (lambda: repeated("\n"), []),
    "the same error again and again": (lambda: repeated(f"{TIMEOUT}\n"), ["webhook-times-out"]),
    "beginnings without an end": (lambda: repeated('failed calling webhook "a.istio.io" '), ["webhook-fails"]),
    "backslashes": (lambda: repeated("\\"), []),
    "escapes": (lambda: repeated("\x1b["), []),
    "quotes": (lambda: repeated("> "), []),
    "entities": (lambda: repeated("&"), []),
    "brackets": (lambda: repeated("[a]("), []),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_ten_megabytes(name: str) -> None:
    """No time is asserted: one pattern that backtracks, and this test takes hours."""
    make, expected = LARGE[name]
    assert recognised(make()) == expected


def test_what_repeats_itself_is_counted_up_to_a_limit(tree: Path, run: Run) -> None:
    _, out, _ = run("-", "apps", stdin=f"{TIMEOUT}\n\n" * (MOST + 10))
    assert f"line 1 and on, at least {MOST} times: failed calling" in out
    _, out, _ = run("-", "apps", stdin=f"{TIMEOUT}\n\n" * 3)
    assert "line 1 and on, 3 times: failed calling" in out


def test_more_than_the_limit_is_not_read(
    tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LIMIT", 1024 * 1024)
    code, _, err = run("-", "apps", stdin=f"{'x' * 1024 * 1024}\n{TIMEOUT}")
    assert code == 1
    assert err == "meshlint: only the first 1 MiB of the text are read\n"


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    found, lines = messages(data)
    assert (
        lines == len(data.decode("utf-8", "replace").splitlines())
        or data[:1] in b"\xef\xff\xfe\x00"
    )
    assert all(sum(len(line.text) for line in each.lines) <= LONGEST for each in found)


@settings(max_examples=100)
@given(st.lists(st.sampled_from([*CALL.split(), *POST.split(), "\n", "\x1b[1m", "> ", '\\"', "x509:", "not found", "Name: a", "{", "1/1"]), max_size=60))  # fmt: skip
def test_any_mixture_of_its_words_is_read(words: list[str]) -> None:
    text = " ".join(words)
    for each in read(text.encode(), shipped()).sightings.values():
        assert all(1 <= seen.line <= text.count("\n") + 1 for seen in each)


# the guide

GUIDE = ROOT / "docs/diagnose.md"
CONSOLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
ERRORS = re.compile(r"(?<=\| name \| what has happened \|\n\|---\|---\|\n).*", re.DOTALL)


def block(kind: str, number: int = 0) -> str:
    """A block of the guide."""
    return str(re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text(), re.DOTALL)[number])


def test_the_guide_shows_real_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, update: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "error.txt").write_text(block("text"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    text = GUIDE.read_text()
    for shown in CONSOLE.findall(text):
        first = shown.splitlines()[0]
        assert first.startswith("$ meshlint diagnose ")
        code, out, _ = run("--no-config", *first.split()[3:])
        assert code == 0
        text = text.replace(shown, f"{first}\n{out}")
    if update:
        GUIDE.write_text(text)
    assert text == GUIDE.read_text()


def test_the_guide_lists_every_error(update: bool) -> None:
    table = "".join(f"| {symptom.name} | {symptom.summary} |\n" for symptom in shipped())
    text = GUIDE.read_text()
    if update:
        GUIDE.write_text(ERRORS.sub(lambda _: table, text))
    assert ERRORS.findall(GUIDE.read_text())[:1] == [table]


def test_the_guide_s_own_error_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".meshlint.yaml").write_text(block("yaml", 0))
    (tmp_path / "platform/symptoms").mkdir(parents=True)
    (tmp_path / "platform/symptoms/gate.yaml").write_text(block("yaml", 1))
    code, out, err = run(
        "-", stdin="gate.corp denied: team label missing on cart, which is in shop"
    )
    assert (code, "pager who shop" in out) == (0, True), err


def test_the_guide_names_every_field() -> None:
    from meshlint.symptom.model import FIELDS
    from meshlint.symptom.read import KEYS

    text = GUIDE.read_text()
    for name in FIELDS:
        assert f"`{name}`" in text
    for schema in ("symptom", "diagnosis"):
        enum = json.loads((ROOT / f"schemas/{schema}.schema.json").read_text())
        told = json.dumps(enum)
        assert all(name in told for name in FIELDS)
    assert set(SYMPTOM["properties"]) == set(KEYS)


SYMPTOM = json.loads((ROOT / "schemas/symptom.schema.json").read_text())
