"""The HTML report in a real Chromium without a screen: it loads, reads and filters, and obeys nobody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from meshlint.finding import Finding, Location, Severity, Subject
from meshlint.report import render
from meshlint.report.model import Counts, Report
from meshlint.source.files import Source
from tests.chromium import Browser, Page
from tests.conftest import ROOT
from tests.lint import lint_paths
from tests.test_html import HOSTILE, hostile

pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the examples: 14 findings in 9 files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        text = render("html", lint_paths(["examples"]))
    return saved(tmp_path_factory.mktemp("report"), text)


def saved(folder: Path, text: str) -> Path:
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, example: Path) -> Iterator[Page]:
    """The examples' report, open."""
    with browser.page() as opened:
        opened.open(example.as_uri())
        yield opened


def shown(page: Page) -> int:
    """The number of findings that can be seen."""
    number = page.run(
        "[...document.querySelectorAll('article.f')].filter(a => a.checkVisibility()).length"
    )
    assert isinstance(number, int)
    return number


def said(page: Page) -> str:
    """What a screen reader is told of the filters."""
    return str(page.run("document.getElementById('shown').textContent"))


def fragment(page: Page) -> str:
    return str(page.run("location.hash"))


def test_loads_by_itself(page: Page, example: Path) -> None:
    """No complaint, no request but for the page."""
    assert page.complaints == []
    assert page.requests == [example.as_uri()]
    assert shown(page) == 14
    assert said(page) == "14 findings"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_loads_from_a_server(browser: Browser, example: Path) -> None:
    """As an artifact or a page of a CI server; not even an icon is asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(example.parent)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/report.html"
        with browser.page() as page:
            page.open(address)
            assert page.complaints == []
            assert page.requests == [address]
            page.type("")
            page.choose("group", "rule")
            assert fragment(page) == "#group=rule"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("words", HOSTILE)
def test_text_of_a_tree_does_nothing(browser: Browser, tmp_path: Path, words: str) -> None:
    path = saved(tmp_path, render("html", hostile(words)))
    with browser.page() as page:
        page.open(path.as_uri())
        page.run("window.stop = () => { window.stopped = true }")
        for name in ("rule", "file"):
            page.choose("group", name)
        page.run("document.querySelectorAll('button.why').forEach(b => b.click())")
        assert page.run("window.stopped === undefined")
        assert page.complaints == []
        assert page.requests == [path.as_uri()]
        assert shown(page) == 2


def test_what_a_script_in_it_would_be_told(browser: Browser, example: Path, tmp_path: Path) -> None:
    """Were there one: the policy for content keeps it from running. So silence above proves much."""
    text = example.read_text().replace("<h1 ", "<img src=x onerror='window.stopped = 1'><h1 ", 1)
    text = text.replace("</main>", "<script>window.stopped = 2</script></main>", 1)
    path = saved(tmp_path, text)
    with browser.page() as page:
        page.open(path.as_uri())
        assert page.run("window.stopped === undefined")
        assert page.complaints


def test_severities(page: Page) -> None:
    page.click("input[value=error]")
    assert (shown(page), said(page)) == (5, "5 of 14 findings")
    assert fragment(page) == "#severity=warning"
    page.click("input[value=warning]")
    assert (shown(page), said(page)) == (0, "No finding fits these filters.")
    page.click("button[type=reset]")
    assert (shown(page), said(page)) == (14, "14 findings")
    assert page.run("[...document.querySelectorAll('.group')].every(g => !g.hidden)")


def test_rules_and_families(page: Page) -> None:
    page.choose("rule", "MESH106")
    assert shown(page) == 1
    page.choose("rule", "labels/")
    codes = page.run(
        "[...document.querySelectorAll('article.f')].filter(a => !a.hidden).map(a => a.dataset.r)"
    )
    assert codes
    assert all(code.startswith("MESH1") for code in codes)
    assert fragment(page) == "#rule=labels%2F"


def test_namespaces(page: Page) -> None:
    page.choose("ns", "payments")
    assert said(page) == "3 of 14 findings"
    assert fragment(page) == "#ns=payments"


def test_words(page: Page) -> None:
    """All of them must be there: in the file's name, the message, the object."""
    page.click("input[name=q]")
    page.type("CART.yaml")
    assert shown(page) == 1
    page.type(" statefulset")
    assert (shown(page), said(page)) == (1, "1 of 14 findings")
    page.type(" nowhere")
    assert shown(page) == 0


def test_counts_of_groups(page: Page) -> None:
    page.choose("rule", "MESH106")
    groups = page.run(
        "[...document.querySelectorAll('.group')].filter(g => !g.hidden)"
        ".map(g => g.querySelector('summary').innerText.split(/\\s*\\n\\s*/).join('|'))"
    )
    assert groups == ["examples/apps/checkout.yaml|1 of 2 findings"]


def test_grouping(page: Page) -> None:
    before = page.run("document.getElementById('groups').innerHTML")
    page.choose("group", "rule")
    heads = page.run("[...document.querySelectorAll('#groups h3')].map(h => h.textContent)")
    assert heads == sorted(heads)
    assert "MESH104 namespace-conflicting-labels" in heads
    assert shown(page) == 14
    place = page.run("document.querySelector('article.f .at').textContent")
    assert re.fullmatch(r"examples/.+\.yaml:\d+:\d+", place)
    page.choose("group", "file")
    assert page.run("document.getElementById('groups').innerHTML") == before


def test_state_in_the_address(browser: Browser, example: Path) -> None:
    """A link that is passed on shows what its sender saw; what it cannot mean is left out."""
    with browser.page() as page:
        page.open(f"{example.as_uri()}#severity=warning&ns=payments&q=job&group=rule")
        assert said(page) == "1 of 14 findings"
        assert page.run("document.querySelector('[name=group]').value") == "rule"
    with browser.page() as page:
        page.open(f"{example.as_uri()}#rule=MESH999&ns=%3Cb%3E&group=x&severity=error,lies")
        assert said(page) == "9 of 14 findings"
        page.run("location.hash = 'ns=shop'")
        page.settle()
        assert said(page) == "4 of 14 findings"


def test_links_to_findings(browser: Browser, example: Path) -> None:
    """They win over filters, and over groups that are folded."""
    with browser.page() as page:
        page.open(f"{example.as_uri()}#severity=warning")
        name = page.run("document.querySelector('article.error').id")
        page.run("document.querySelectorAll('.group').forEach(g => { g.open = false })")
        page.run(f"location.hash = '{name}'")
        page.settle()
        assert page.run(f"document.getElementById('{name}').checkVisibility()")
        assert said(page) == "14 findings"


def test_why_is_unfolded(page: Page) -> None:
    page.click("article.f button.why")
    assert page.run("document.querySelector('article.f .about').innerText.includes('What to do')")
    assert page.run("document.querySelector('button.why').ariaExpanded") == "true"
    page.click("article.f button.why")
    assert page.run("document.querySelector('article.f .about')") is None


def test_from_the_mesh_to_findings(page: Page) -> None:
    page.run("document.querySelector('.tables').open = true")
    page.click("a[href='#ns=payments']")
    assert said(page) == "3 of 14 findings"


def test_by_keys_alone(page: Page) -> None:
    """From the address: skip to the findings, then to the first filter, which is switched off."""
    page.press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter", 13)
    page.settle()
    assert page.run("location.hash") == "#findings"
    page.press("Tab", 9)
    assert page.run("document.activeElement.value") == "error"
    page.press("Space", 32)
    page.settle()
    assert said(page) == "5 of 14 findings"


def test_without_a_script(browser: Browser, example: Path) -> None:
    """Everything can be read, and no filter is shown that would do nothing."""
    with browser.page() as page:
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        page.call("Page.navigate", url=example.as_uri())
        page.call("Page.bringToFront")
        names = [name for _, name in page.labels()]
        while "Findings" not in names:
            names = [name for _, name in page.labels()]
    assert "9 errors, 5 warnings in 10 files" in names
    assert not any("all rules" in name for name in names)


def test_for_screen_readers(page: Page) -> None:
    """Everything that can be used has a name; the parts of the page are landmarks."""
    labels = page.labels()
    usable = {"button", "checkbox", "combobox", "searchbox", "link", "img", "image", "option"}
    assert [label for label in labels if label[0] in usable and not label[1].strip()] == []
    roles = [role for role, _ in labels]
    assert {"main", "navigation", "search", "banner", "status"} <= set(roles)
    names = {name.lower() for role, name in labels if role in ("checkbox", "combobox")}
    assert names == {"error 9", "warning 5", "rule", "namespace", "group by"}


CONTRAST = """
(() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...bad];
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast(browser: Browser, example: Path, dark: bool) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for all text, in both schemes of colours."""
    with browser.page(dark=dark) as page:
        page.open(example.as_uri())
        page.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.click("button.why")
        assert page.run(CONTRAST) == []
        background = page.run("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(255, 255, 255)") != dark


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_width(browser: Browser, example: Path, width: int) -> None:
    """The page itself never scrolls sideways; source lines and pictures do, by themselves."""
    with browser.page(width=width) as page:
        page.open(example.as_uri())
        page.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert page.run("document.documentElement.scrollWidth") <= width


OUTSIDE = """
[...document.querySelectorAll('svg svg')].flatMap(box => {
  const frame = box.querySelector('rect').getBoundingClientRect();
  return [...box.querySelectorAll('text')]
    .filter(t => { const r = t.getBoundingClientRect();
      return r.left < frame.left + 4 || r.right > frame.right - 4 || r.bottom > frame.bottom; })
    .map(t => t.textContent);
})
"""


@pytest.mark.parametrize(
    "words", ["shop", "a-namespace-of-the-team-for-payments-and-loyalty", "名前" * 30]
)
def test_text_of_the_picture_stays_in_its_boxes(
    browser: Browser, tmp_path: Path, words: str
) -> None:
    path = saved(tmp_path, render("html", hostile(words)))
    with browser.page() as page:
        page.open(path.as_uri())
        assert page.run(OUTSIDE) == []
        assert page.run("document.querySelectorAll('svg svg text').length") > 10


def test_text_of_real_pictures_stays_in_its_boxes(page: Page) -> None:
    assert page.run(OUTSIDE) == []
    assert page.run("document.querySelectorAll('svg svg text').length") > 20


def test_print(page: Page) -> None:
    """Paper has what is folded, and no controls."""
    page.prefer(False, media="print")
    assert page.run("document.getElementById('filters').checkVisibility()") is False
    page.prefer(False)
    data = page.pdf()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 4


def many(number: int) -> Report:
    """Findings in files of twelve, of six rules."""
    text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: {istio-injection: x}\n"
    rules = ["MESH101", "MESH102", "MESH103", "MESH104", "MESH105", "MESH106"]
    severities = list(Severity)
    findings, sources = [], {}
    for n in range(number):
        path = f"team-{n // 12:05}/namespaces.yaml"
        sources[path] = Source(path, text.encode())
        about = Subject("v1", "Namespace", "", f"ns-{n % 100}")
        where = Location(path, 5, 12, 5, 27)
        words = f"'istio-injection: x' switches injection off in namespace 'ns-{n}'."
        findings.append(
            Finding(rules[n % 6], f"rule-{n % 6}", severities[n % 3], words, where, about)
        )
    counts = Counts(len(sources), number, number, 0, 0, {})
    return Report(tuple(findings), (), counts, sources, Path.cwd())


def test_25_000_findings_can_be_used(browser: Browser, tmp_path: Path) -> None:
    """Loads in seconds; a filter answers within two, even on a busy machine."""
    path = saved(tmp_path, render("html", many(25_000)))
    assert path.stat().st_size < 25_000_000
    with browser.page() as page:
        page.open(path.as_uri())
        loaded = page.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
        assert loaded < 20_000
        took = page.run(
            """
            (async () => {
              const field = document.querySelector('[name=q]');
              const start = performance.now();
              field.value = 'team-00007';
              field.dispatchEvent(new Event('input', {bubbles: true}));
              await new Promise(done => new MutationObserver(done)
                .observe(document.getElementById('shown'), {childList: true}));
              await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
              return performance.now() - start;
            })()
            """
        )
        assert took < 5_000
        assert said(page) == "12 of 25000 findings"
        page.choose("group", "rule")
        assert page.run("document.querySelectorAll('.group').length") == 6
        assert page.complaints == []


def test_no_findings(browser: Browser, tmp_path: Path) -> None:
    """A page without filters, whose script finds nothing to do."""
    report = replace(many(0), counts=Counts(3, 2, 0, 0, 0, {}))
    path = saved(tmp_path, render("html", report))
    with browser.page() as page:
        page.open(path.as_uri())
        assert page.complaints == []
        assert page.run("document.querySelector('h1').textContent") == "No findings in 3 files"
