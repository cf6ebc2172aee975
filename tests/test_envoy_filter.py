"""EnvoyFilters: Istio's own table of what is refused, Go's expressions, and odd shapes."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshlint.facts import facts
from meshlint.finding import Finding, Severity
from meshlint.resources.envoy_filter import EnvoyFilter
from meshlint.resources.envoy_schema import fields_at, homes
from meshlint.resources.re2 import refused, search
from meshlint.rules.proxy.envoy_known import HTTP, LAST, NETWORK, RENAMED, TYPES
from meshlint.rules.proxy.envoy_version import matches
from tests.lint import lint_text

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
MANAGER = "envoy.filters.network.http_connection_manager"
EXT_AUTHZ = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"


def document(spec: str, name: str = "test") -> str:
    lines = "".join(f"  {line}\n" for line in spec.splitlines())
    return (
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata:\n"
        f"  name: {name}\n  namespace: shop\nspec:\n{lines}"
    )


def patch(apply_to: str, operation: str, match: str = "{}", value: str | None = None) -> str:
    given = "" if value is None else f", value: {value}"
    return (
        f"configPatches: [{{applyTo: {apply_to}, match: {match},"
        f" patch: {{operation: {operation}{given}}}}}]"
    )


def filtered(inner: str) -> str:
    return f"{{listener: {{filterChain: {{filter: {inner}}}}}}}"


def typed(url: str) -> str:
    return f'{{name: test, typed_config: {{"@type": type.googleapis.com/{url}}}}}'


def version(expression: str) -> str:
    return patch("LISTENER", "REMOVE", f"{{proxy: {{proxyVersion: '{expression}'}}}}")


def reported(spec: str) -> set[tuple[str, Severity]]:
    return {(finding.code, finding.severity) for finding in lint_text(document(spec)).findings}


VALIDATION = {
    "nothing": ("{}", set()),
    "selector without labels": ("workloadSelector: {}", {("MESH654", WARNING)}),
    "no applyTo": ("configPatches: [{applyTo: INVALID}]", {("MESH640", ERROR)}),
    "no patch": ("configPatches: [{applyTo: LISTENER}]", {("MESH640", ERROR)}),
    "no operation": ("configPatches: [{applyTo: LISTENER, patch: {}}]", {("MESH640", ERROR)}),
    "no value": (patch("LISTENER", "ADD"), {("MESH640", ERROR)}),
    "no expression": (version("%#@~++==`24c234`"), {("MESH644", ERROR)}),
    "an expression": (version(r"release-1\.2-23434"), set()),
    "a long expression": (version("a{100}" * 200), {("MESH644", WARNING)}),
    "listener, cluster": (patch("LISTENER", "REMOVE", "{cluster: {}}"), {("MESH642", ERROR)}),
    "filter without name": (
        patch("NETWORK_FILTER", "REMOVE", "{listener: {filterChain: {sni: '124', filter: {}}}}"),
        {("MESH642", ERROR)},
    ),
    "sub filter of a network filter": (
        patch("NETWORK_FILTER", "REMOVE", filtered("{name: random, subFilter: {}}")),
        # and the name is none of istiod's
        {("MESH642", ERROR), ("MESH649", NOTE)},
    ),
    "sub filter of another filter": (
        patch("HTTP_FILTER", "REMOVE", filtered("{name: random, subFilter: {}}")),
        # and there it would never be applied
        {("MESH642", ERROR), ("MESH649", WARNING)},
    ),
    "sub filter without name": (
        patch("HTTP_FILTER", "REMOVE", filtered(f"{{name: {MANAGER}, subFilter: {{}}}}")),
        {("MESH642", ERROR)},
    ),
    "virtual host, cluster": (
        patch("VIRTUAL_HOST", "REMOVE", "{cluster: {}}"),
        {("MESH642", ERROR)},
    ),
    "cluster, listener": (patch("CLUSTER", "REMOVE", "{listener: {}}"), {("MESH642", ERROR)}),
    "a name that is no string": (
        patch("CLUSTER", "ADD", "{cluster: {}}", "{name: false}"),
        {("MESH641", ERROR)},
    ),
    "a cluster": (patch("CLUSTER", "ADD", "{cluster: {}}", "{lb_policy: RING_HASH}"), set()),
    "a filter before all": (
        patch(
            "NETWORK_FILTER",
            "INSERT_BEFORE",
            "{listener: {filterChain: {name: envoy.tcp_proxy}}}",
            typed(EXT_AUTHZ),
        ),
        set(),
    ),
    "a filter as the first": (
        patch(
            "NETWORK_FILTER",
            "INSERT_FIRST",
            "{listener: {filterChain: {name: envoy.tcp_proxy}}}",
            typed(EXT_AUTHZ),
        ),
        set(),
    ),
    # an error for the istiod of that table; the one that reads this file may be an old one
    "a type of the v2 API": (
        patch(
            "NETWORK_FILTER",
            "INSERT_FIRST",
            "{listener: {filterChain: {name: envoy.tcp_proxy}}}",
            typed("envoy.config.filter.network.ext_authz.v2.ExtAuthz"),
        ),
        {("MESH646", WARNING)},
    ),
    # and the filter has no type
    "a deprecated name": (
        patch("HTTP_FILTER", "INSERT_FIRST", filtered("{name: envoy.http_connection_manager}"), "{}"),
        {("MESH648", WARNING), ("MESH647", WARNING)},
    ),
    "a duration": (patch("CLUSTER", "ADD", "{}", "{dns_refresh_rate: 500ms}"), set()),
    "typed configuration": (patch("NETWORK_FILTER", "INSERT_FIRST", "{}", typed(EXT_AUTHZ)), set()),
    "discovered configuration": (
        patch("HTTP_FILTER", "INSERT_FIRST", "{}", "{name: something, config_discovery: {}}"),
        set(),
    ),
    "a name alone": (
        patch("NETWORK_FILTER", "INSERT_FIRST", "{}", "{name: envoy.filters.network.tcp_proxy}"),
        {("MESH647", WARNING)},
    ),
}  # fmt: skip
"""What Istio's tests expect of ValidateEnvoyFilter, and what is said here.

Source: istio/istio pkg/config/validation/envoyfilter/envoyfilter_test.go, the last three of
TestRecurseMissingTypedConfig. What Istio refuses is an error, what it warns of a warning.
"""


@pytest.mark.parametrize("name", VALIDATION)
def test_as_istio_validates(name: str) -> None:
    spec, expected = VALIDATION[name]
    assert reported(spec) == expected


EXPRESSIONS = {
    r"^1\.29.*": True,
    r"1\.(28|29)\.\d+$": True,
    r"^1\.2[5-9]": True,
    "": True,
    "a|": True,
    "()": True,
    "^*": True,
    "x{,5}": True,
    "x{2,": True,
    "]": True,
    "}": True,
    "[]a]": True,
    "[^]]": True,
    "[a-]": True,
    r"[\d.-]": True,
    "[[:alpha:]]": True,
    r"\Qa*b++\E": True,
    r"\Qa*b++": True,
    r"\x{41}\x41\07\12": True,
    r"\pL\p{Greek}": True,
    "(?i)a(?-i:b)(?P<n>c)": True,
    "a*?b+?c??d{2}?": True,
    r"\A\b\B\z": True,
    r"\_": True,
    "(a{10}){100}": True,
    "a(?i)*": True,
    "(?=a)": False,
    "(?!a)": False,
    "(?<=a)": False,
    "(?<!a)": False,
    "(?>a)": False,
    "(?#a)": False,
    "(?P=n)": False,
    "(?P<n>a)(?P<n>b)": False,
    "(?P<n": False,
    "(?i-)": False,
    r"(a)\1": False,
    r"\Z": False,
    r"\C": False,
    r"\8": False,
    r"\é": False,
    "a\\": False,
    "*": False,
    "a|*": False,
    "(+)": False,
    "(?i)*": False,
    "a**": False,
    "a*+": False,
    "a??*": False,
    "a{2}{3}": False,
    "a{2}*": False,
    "a{1001}": False,
    "a{3,2}": False,
    "(a{500}){3}": False,
    "(": False,
    "a(b": False,
    ")": False,
    "[": False,
    "[^": False,
    "[z-a]": False,
    r"[a-\d]": False,
    "[[:foo:]]": False,
    r"\x": False,
    r"\x{}": False,
}
"""Expressions, and whether Go's regexp.Compile takes them, as Go 1.26 says."""


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_of_go(expression: str) -> None:
    assert (refused(expression) is None) == EXPRESSIONS[expression]


@given(st.text(alphabet=r"a1.*+?{}()|[]^$\-,:=!<>PQEdiz0", max_size=40))
def test_no_expression_breaks_the_parser(expression: str) -> None:
    assert isinstance(refused(expression), str | None)
    test = search(expression)
    if test is not None:
        assert test("1.29.1") == (re.search(expression, "1.29.1") is not None)


@pytest.mark.parametrize("unit", ["(", "[", "(?:", "\\", "a{9}", "(a*)*", "|", "()"])
def test_long_expressions_are_quickly_read(unit: str) -> None:
    expression = (unit * 1024)[:1024]
    refused(expression)
    test = search(expression)
    assert test is None or test("1.29.1") in (True, False)


VERSIONS = {
    r"^1\.29.*": {29},
    r"^1\.9.*": {9},
    r"^1\.2.*": {2, *range(20, 30)},
    r"^1.2[0-4]": set(range(20, 25)),
    r"^1\.(28|29)\.": {28, 29},
    r"^1\.28\.3-asm\.9$": {28},
    ".*": set(range(40)),
    r"^2\.": set(),
    r"\Q1.9\E": None,
    "(?=1)": None,
    "(a+)+$": None,
    ".*" * 20: None,
}
"""Expressions, and the minor versions that they match; None where nobody tries."""


@pytest.mark.parametrize("expression", VERSIONS)
def test_versions(expression: str) -> None:
    found = matches(expression)
    assert (None if found is None else set(found)) == VERSIONS[expression]


def read(text: str | bytes) -> list[EnvoyFilter]:
    found = facts("a.yaml", text if isinstance(text, bytes) else text.encode())
    assert pickle.loads(pickle.dumps(found)) == found
    return [resource for resource in found.resources if isinstance(resource, EnvoyFilter)]


def test_what_is_read() -> None:
    match = (
        "{context: GATEWAY, proxy: {proxyVersion: '^1', metadata: {a: b}}, listener: {portNumber:"
        f" 80, filterChain: {{filter: {{name: {MANAGER}, subFilter: {{name: x}}}}}}}}}}"
    )
    spec = "priority: 7\nworkloadSelector: {labels: {app: cart}}\n" + patch(
        "HTTP_FILTER", "INSERT_AFTER", match, typed(EXT_AUTHZ)
    )
    (one,) = read(document(spec))
    (found,) = one.patches
    assert (found.kind, found.does, found.context) == ("HTTP_FILTER", "INSERT_AFTER", "GATEWAY")
    assert found.match.version is not None
    assert found.match.version.text == "^1"
    assert found.match.metadata
    assert [value.text for value in found.match.objects] == ["listener"]
    assert found.match.filter is not None
    assert found.match.sub is not None
    assert (found.match.filter.text, found.match.sub.text) == (MANAGER, "x")
    assert ("listener.portNumber", "80") in found.match.narrow
    assert found.value is not None
    assert [(t.url.text if t.url else "", t.top) for t in found.value.typed] == [
        (f"type.googleapis.com/{EXT_AUTHZ}", True)
    ]
    assert one.priority is not None
    assert one.labels is not None
    assert (one.priority.text, one.labels["app"].value.text) == ("7", "cart")
    assert (one.faults, found.vague, found.empty) == ((), False, False)


def test_other_groups_are_not_read() -> None:
    assert read(document("{}").replace("networking.istio.io", "gateway.example.com")) == []


@pytest.mark.parametrize("other", ["b: {c: 1}\na: [1, x]", "a:   # so\n- 1\n- 'x'\nb:\n  c: 1"])
def test_equal_values_are_equal_whatever_their_form(other: str) -> None:
    def digest(value: str) -> str:
        lines = "".join(f"      {line}\n" for line in value.splitlines())
        spec = "configPatches:\n- applyTo: CLUSTER\n  patch:\n    operation: MERGE\n    value:\n"
        (one,) = read(document(spec + lines))
        assert one.patches[0].value is not None
        return one.patches[0].value.digest

    assert digest("a: [1, x]\nb: {c: 1}") == digest(other) != ""
    assert digest("a: [1, x]\nb: {c: 1}") != digest("a: [1, x]\nb: {c: '1'}")


def test_values_that_are_aliased_without_end_are_given_up() -> None:
    lines = ["x0: &x0 {a: [1, 2, 3, 4, 5, 6, 7, 8, 9]}"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12)]
    value = "".join(f"        {line}\n" for line in lines)
    spec = (
        "configPatches:\n  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n"
    )
    found = facts("a.yaml", (document(spec) + value).encode())
    for resource in found.resources:
        assert (
            not isinstance(resource, EnvoyFilter)
            or resource.patches[0].value is None
            or (resource.patches[0].value.digest == "")
        )


SHAPES = [
    "spec: null", "spec: []", "spec: x", "spec: {configPatches: {}}", "spec: {configPatches: [[]]}",
    "spec: {configPatches: [x, 1, null, {}]}", "spec: {configPatches: [{applyTo: [], match: []}]}",
    "spec: {configPatches: [{applyTo: {}, match: {listener: x, proxy: []}, patch: x}]}",
    "spec: {configPatches: [{match: {listener: {filterChain: {filter: []}}}, patch: []}]}",
    "spec: {configPatches: [{patch: {operation: {}, value: []}}]}",
    "spec: {configPatches: [{patch: {value: {typed_config: x, name: {}, domains: x}}}]}",
    "spec: {configPatches: [{patch: {value: {typed_config: {'@type': {}}, http_filters: x}}}]}",
    "spec: {configPatches: [{match: {proxy: {proxyVersion: [x]}}}]}",
    "spec: {priority: {}, workloadSelector: x, targetRefs: x}",
    "spec: {workloadSelector: {labels: x}, priority: 0x10}",
    "metadata: x", "metadata: {name: [x], labels: x}", "{{ x }}: y", "status: x",
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_odd_shapes(shape: str) -> None:
    """Nothing breaks, and what is no list of patches has none."""
    text = f"apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\n{shape}\n"
    lint_text(text)


PIECES = st.sampled_from(
    [
        "configPatches", "applyTo", "match", "patch", "operation", "value", "listener", "cluster",
        "filterChain", "filter", "subFilter", "name", "proxy", "proxyVersion", "context", "labels",
        "workloadSelector", "typed_config", "@type", "priority", "HTTP_FILTER", "ADD", "REMOVE",
        "GATEWAY", "WAYPOINT", "INVALID", "${X}", "A_PLACEHOLDER", "1.9", MANAGER,
    ]
)  # fmt: skip
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 9), PIECES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(PIECES, inner, max_size=4)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_no_tree_breaks_a_rule(tree: object) -> None:
    import json

    text = json.dumps({"apiVersion": "networking.istio.io/v1", "kind": "EnvoyFilter", "spec": tree})
    lint_text(text)


CONFLICT = """\
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  configPatches:
  - {{applyTo: CLUSTER, patch: {{operation: ADD, value: {{name: limiter, connect_timeout: {time}}}}}}}
"""


def conflict(first: str, second: str) -> tuple[Finding, ...]:
    return lint_text(f"{first}---\n{second}", "envoy-filter-conflict").findings


def one(name: str, seconds: str, namespace: str = "shop") -> str:
    return CONFLICT.format(name=name, namespace=namespace, time=seconds)


def test_a_conflict_needs_two_objects_that_differ() -> None:
    """A copy of an object is no second one, and what is equal does not contradict."""
    assert len(conflict(one("a", "1s"), one("b", "2s"))) == 1
    assert conflict(one("a", "1s"), one("b", "1s")) == ()
    assert conflict(one("a", "1s"), one("a", "2s")) == ()
    assert conflict(one("a", "1s"), one("b", "2s", "mail")) == ()
    assert len(conflict(one("a", "1s", "istio-system"), one("b", "2s"))) == 1


def test_schema_paths() -> None:
    assert homes("subFilter") == (
        ("configPatches", "match", "listener", "filterChain", "filter"),
        ("configPatches", "match", "waypoint", "filter"),
    )
    assert "configPatches" in fields_at(("spec",))
    assert fields_at(("spec", "configPatches")) == ("applyTo", "match", "patch")
    assert fields_at(("spec", "priority")) == ()


def names() -> Iterator[str]:
    yield from RENAMED.values()
    yield from LAST


@pytest.mark.parametrize("name", sorted(set(names())))
def test_new_names_are_canonical(name: str) -> None:
    assert re.fullmatch(r"envoy\.filters\.(http|network|listener)\.[a-z0-9_]+", name)
    assert name not in RENAMED


def test_known_names() -> None:
    assert LAST <= HTTP | NETWORK
    assert not (HTTP | NETWORK) & RENAMED.keys()
    assert all(re.fullmatch(r"envoy\.extensions\.[a-z0-9_.]+\.v3\.[A-Za-z0-9]+", t) for t in TYPES)
