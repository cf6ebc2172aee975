"""The picture of the mesh: what is drawn of namespaces and revisions, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshlint.engine import run
from meshlint.report.html.drawing import counted, cut, drawing
from meshlint.report.html.layout import MOST, RESTING, Box, Layout, layout
from meshlint.report.html.mesh import mesh
from meshlint.report.picture import (
    INJECTED,
    NOT_INJECTED,
    UNKNOWN,
    VERDICTS,
    Cluster,
    Flow,
    Home,
    Picture,
    Revision,
    Tag,
)
from meshlint.source.files import Collection, Source
from tests.lint import lint_paths, lint_text
from tests.manifests import injector, istiod, namespace, workload
from tests.pages import Element, read

R = "1-29"
PLATFORM = (istiod(R), injector(R), injector(R, tag="prod"))
LEFT = Flow(NOT_INJECTED, "", "", 1)


def drawn(*documents: str) -> Picture:
    """The picture of what is all in one cluster."""
    return lint_text("\n---\n".join(documents)).picture()


def flows(*documents: str) -> dict[str, tuple[Flow, ...]]:
    (cluster,) = drawn(*documents).clusters
    return {home.name: home.flows for home in cluster.homes}


CASES = [
    ("by tag", [namespace("shop", rev="prod"), workload()], (Flow(INJECTED, "prod", R, 1),)),
    ("by revision", [namespace("shop", rev=R), workload()], (Flow(INJECTED, "", R, 1),)),
    ("the pod refuses", [namespace("shop", rev=R), workload(inject='"false"')], (LEFT,)),
    (
        "the injector declines, although it is called",
        [namespace("shop", rev="prod"), workload(note='"false"')],
        (LEFT,),
    ),
    ("no such revision", [namespace("shop", rev="1-30"), workload()], (LEFT,)),
    ("an unknown namespace", [workload()], (Flow(UNKNOWN, "", "", 1),)),
    ("a namespace without workloads", [namespace("shop", rev="prod")], (Flow(INJECTED, "prod", R, 0),)),
    ("one that wants none", [namespace("shop", injection="disabled")], (Flow(NOT_INJECTED, "", "", 0),)),
]  # fmt: skip


@pytest.mark.parametrize(("documents", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_how_workloads_end(documents: list[str], wanted: tuple[Flow, ...]) -> None:
    """As `meshlint why` says; of a namespace without workloads, what a pod would get."""
    assert flows(*PLATFORM, *documents)["shop"] == wanted


def test_what_is_known_of_control_planes() -> None:
    """Those to which no workload comes, too."""
    (cluster,) = drawn(*PLATFORM, injector("1-28"), injector("1-27", tag="old")).clusters
    assert cluster.tags == (Tag("old", "1-27"), Tag("prod", R))
    found = {r.name: (r.plane, r.subject, r.version, r.proven) for r in cluster.revisions}
    assert found == {
        R: ("istiod Deployment", "istio-system/istiod-1-29", "1.29", True),
        "1-28": ("webhook configuration", "istio-sidecar-injector-1-28", "", False),
        "1-27": ("", "", "", False),
    }


def test_a_workload_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kustomizations apply the same file: one workload, not two."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text("resources: [../base]\n")
    (tmp_path / "base").mkdir()
    (tmp_path / "base/kustomization.yaml").write_text("resources: [all.yaml]\n")
    (tmp_path / "base/all.yaml").write_text(f"{namespace('shop')}---\n{workload()}")
    (cluster,) = lint_paths(["."]).picture().clusters
    (home,) = cluster.homes
    assert home.workloads == 1
    assert home.flows == (Flow(UNKNOWN, "", "", 1),)
    assert home.where
    assert (home.where.path, home.where.line) == ("base/all.yaml", 4)


def test_clusters_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, revision in (("a", "1-28"), ("b", R)):
        (tmp_path / "clusters" / name).mkdir(parents=True)
        texts = (istiod(revision), injector(revision), namespace("shop", rev=R), workload())
        (tmp_path / "clusters" / name / "all.yaml").write_text("\n---\n".join(texts))
    found = {
        cluster.name: {home.name: home.flows for home in cluster.homes}["shop"]
        for cluster in lint_paths(["."]).picture().clusters
    }
    assert found == {"clusters/a": (LEFT,), "clusters/b": (Flow(INJECTED, "", R, 1),)}


def test_what_would_settle_the_unknown() -> None:
    ((words, number),) = drawn(*PLATFORM, workload(ns="lost")).settle
    assert number == 2  # that in istio-system is the other
    assert words.startswith("declare it under namespaces:")


def test_order_of_files_does_not_matter() -> None:
    documents = [*PLATFORM, namespace("shop", rev="prod"), workload(), workload(ns="lost")]
    sources = [Source(f"{n}.yaml", text.encode()) for n, text in enumerate(documents)]
    one, two = (run(Collection(list(each))).picture() for each in (sources, sources[::-1]))
    assert one == two


@pytest.mark.parametrize(
    ("labels", "asks"),
    [
        ((), False),
        (("istio-injection=enabled",), True),
        (("istio-injection=true",), True),
        (("istio-injection=disabled",), False),
        (("istio-injection=disabled", "istio.io/rev=x"), False),
        (("istio.io/rev=x",), True),
        (("istio.io/dataplane-mode=ambient",), False),
    ],
)
def test_who_asks_for_a_sidecar(labels: tuple[str, ...], asks: bool) -> None:
    assert Home("a", labels, None, 0, ()).asks is asks


names = st.sampled_from(["", *"abcdefgh", "default", "asm-managed-rapid-and-more"])
ends = st.tuples(names, names)
homes = st.lists(
    st.builds(
        lambda name, flows: Home(name, (), None, 1, tuple(flows)),
        st.text(max_size=5),
        st.lists(
            st.one_of(
                st.builds(lambda e, n: Flow(INJECTED, e[0], e[1], n), ends, st.integers(0, 99)),
                st.builds(lambda e, n: Flow(UNKNOWN, e[0], e[1], n), ends, st.integers(0, 99)),
                st.just(LEFT),
            ),
            min_size=1, max_size=3,
        ),
    ),
    max_size=90,
)  # fmt: skip


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Clusters in which every tag and revision that is reached is there, as the engine makes them."""
    inside = draw(homes)
    reached = {(flow.tag, flow.revision) for home in inside for flow in home.flows}
    tags = {tag: revision for tag, revision in reached if tag}
    tags |= {tag: draw(names) for tag in draw(st.lists(st.sampled_from("xyz"), max_size=3))}
    revisions = {r for _, r in reached} | {*tags.values()} | set(draw(st.lists(names, max_size=4)))
    return Cluster(
        "all",
        tuple(inside),
        tuple(Tag(*item) for item in sorted(tags.items())),
        tuple(
            Revision(name, "IstioOperator", "a/b", "1.2", True) for name in sorted(revisions - {""})
        ),
    )


def boxes(plan: Layout) -> list[Box]:
    found = [box for _, box in (*plan.homes, *plan.loose)]
    found += [box for _, box in plan.tags.values()]
    found += plan.passing.values()
    for _, revision, plane in plan.revisions.values():
        found += [revision, plane]
    return found


@given(clusters())
@settings(max_examples=100, deadline=None)
def test_no_two_boxes_overlap(cluster: Cluster) -> None:
    """All of them stand inside of the picture, and it can be drawn."""
    plan = layout(cluster)
    found = sorted(boxes(plan), key=lambda box: (box.x, box.y))
    for box in found:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= plan.width
        assert box.y + box.height <= plan.height
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            apart = one.right <= other.x or one.y + one.height <= other.y
            assert apart or other.y + other.height <= one.y
    read(f"<!doctype html>\n{drawing(plan, 'x')}")
    shown = len(plan.homes) + len(plan.loose)
    assert shown + plan.left_out == len(cluster.homes)
    assert len(plan.homes) <= MOST
    assert len(plan.loose) <= RESTING


def edges(picture: str) -> list[str]:
    page = read(f"<!doctype html>\n{picture}")
    return [group.all("title")[0].text for group in page.all("g", "edge")]


def test_edges_say_what_they_are() -> None:
    home = Home("shop", (), None, 5, (Flow(INJECTED, "prod", R, 4), Flow(UNKNOWN, "", "", 1), LEFT))
    bare = Home("new", (), None, 0, (Flow(UNKNOWN, "", R, 0),))
    cluster = Cluster(
        "all", (home, bare), (Tag("prod", R),),
        (Revision(R, "istiod Deployment", "istio-system/istiod", "1.29", True),),
    )  # fmt: skip
    assert sorted(edges(drawing(layout(cluster), "x"))) == [
        "new: a pod without labels unknown: maybe revision 1-29",
        "revision 1-29 is known from istiod Deployment istio-system/istiod",
        "shop: 4 workloads injected by revision 1-29, by tag prod",
        "tag prod points to revision 1-29",
    ]


def table(picture: Picture, caption: str) -> list[list[str]]:
    """The rows of all tables of a caption, in a report with that picture."""
    report = lint_text("a: b\n")
    object.__setattr__(report, "picture", lambda: picture)
    page = read(f"<!doctype html>\n{mesh(report)}")
    return [
        [cell.text for cell in row if cell.name in ("th", "td")]
        for table in page.all("table")
        if table.all("caption")[0].text == caption
        for row in table.all("tbody")[0].all("tr")
    ]


def test_tables_say_the_same() -> None:
    picture = drawn(
        *PLATFORM, injector("1-28"), namespace("shop", rev="prod"), workload(), namespace("empty")
    )
    rows = table(picture, "Namespaces")
    assert [row[:7] for row in rows] == [
        ["empty", "", "none", "", "any pod", "", ""],
        ["istio-system", "", "1", "", "", "1", ""],
        ["shop", "istio.io/rev=prod", "1", "1", "", "", "1-29 (tag prod)"],
    ]
    assert [bool(row[8]) for row in rows] == [True, False, True]
    assert table(picture, "Revisions") == [
        [
            "1-28",
            "",
            "webhook configuration istio-sidecar-injector-1-28, no proof that it runs",
            "",
        ],
        ["1-29", "prod", "istiod Deployment istio-system/istiod-1-29", "1.29"],
    ]


def test_each_workload_is_told() -> None:
    """With the step that says most, as `meshlint why --all` has it."""
    picture = drawn(*PLATFORM, namespace("shop", rev="prod"), workload(), workload(ns="lost"))
    rows = [row[:5] for row in table(picture, "Workloads")]
    assert rows == [
        ["Deployment/istiod-1-29", "istio-system", "? unknown", "", rows[0][4]],
        ["Deployment/cart", "lost", "? unknown", "", "Namespace lost is not in the scanned tree"],
        ["Deployment/cart", "shop", "✓ injected", "1-29 (tag prod)", rows[2][4]],
    ]
    assert "injector" in rows[2][4] or "policy" in rows[2][4]


@pytest.mark.parametrize(
    ("home", "words"),
    [
        (Home("a", (), None, 3, (Flow(INJECTED, "", R, 2), LEFT)), "2 injected, 1 not injected"),
        (Home("a", (), None, 4, tuple(Flow(v, "", "", 1) for v in VERDICTS)), "1 injected, 1 not, 1 unknown"),
        (Home("a", (), None, 0, (Flow(UNKNOWN, "", "", 0),)), "no workloads; pods: unknown"),
    ],
)  # fmt: skip
def test_namespaces_in_words(home: Home, words: str) -> None:
    assert counted(home) == words


@pytest.mark.parametrize(
    ("words", "room", "shown"),
    [
        ("shop", 4, "shop"),
        ("shopping", 4, "sho…"),
        ("名前空間", 8, "名前空間"),
        ("名前空間", 7, "名前空…"),
        ("a\u202eb", 20, "a\\u202eb"),
        ("", 4, ""),
    ],
)
def test_words_are_cut(words: str, room: int, shown: str) -> None:
    assert cut(words, room) == shown


def nodes(page: Element) -> list[Element]:
    return page.all("g", "home")


def test_verdicts_have_signs_beside_colours() -> None:
    """No colour alone carries meaning."""
    every = [
        Home("a", (), None, 1, (Flow(INJECTED, "", R, 1),)),
        Home("b", (), None, 1, (LEFT,)),
        Home("c", (), None, 1, (Flow(UNKNOWN, "", "", 1),)),
        Home("d", (), None, 2, (Flow(INJECTED, "", R, 1), LEFT)),
        Home("e", ("istio.io/rev=x",), None, 1, (LEFT,)),
    ]
    cluster = Cluster("all", tuple(every), (), (Revision(R, "", "", "", False),))
    page = read(f"<!doctype html>\n{drawing(layout(cluster), 'x')}")
    found = {g.all("text", "head")[0].text: g for g in nodes(page)}
    signs = {name: (g.all("text", "sign")[0].text, g.classes[2:]) for name, g in found.items()}
    assert signs == {
        "a": ("✓", ["yes"]), "b": ("✕", ["no"]), "c": ("?", ["maybe"]), "d": ("±", ["mixed"]),
        "e": ("✕", ["no", "asks"]),
    }  # fmt: skip
