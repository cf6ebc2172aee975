"""Certificates in a caBundle: what is read of them, and what is said of them, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from meshlint.engine import run
from meshlint.report import render
from meshlint.resources.certificate import MOST, NoCertificate, certificates, private
from meshlint.source.files import collect
from tests.certificates import (
    SINCE,
    UNTIL,
    VERSION_3,
    block,
    bundle,
    ed25519,
    elliptic,
    extension,
    made,
    request,
    rsa,
    secret,
    usage,
    version_1,
)
from tests.lint import lint_text

ROOT, OTHER = made("root"), made("other")
LEAF = made("istiod", ca=False)
SIGNED = made("istiod", ca=False, signed_by=("root", ed25519("root")))
BARE = made(ca=None)
EXPIRED = made(until=datetime(2025, 6, 30))
EARLY = made(since=datetime(2031, 1, 1))

ALTERNATIVE_NAMES, CONSTRAINTS = "2.5.29.17", "2.5.29.19"


class TestReading:
    """meshlint/resources/certificate.py, which reads PEM as the API server (Go) does."""

    def test_a_root(self) -> None:
        (found,) = certificates(block(ROOT))
        assert (found.since, found.until) == (SINCE.replace(tzinfo=UTC), UNTIL.replace(tzinfo=UTC))
        assert (found.authority, found.own) == (True, True)
        assert len(found.print) == len(found.key) == 64

    @pytest.mark.parametrize(
        ("der", "authority", "own"),
        [
            (ROOT, True, True),
            (LEAF, False, True),
            (SIGNED, False, False),
            (made("middle", signed_by=("root", ed25519("root"))), True, False),
            (BARE, False, True),
            (version_1(BARE), True, True),
            (made(more=[usage(sign=True)]), True, True),
            (made(more=[usage(sign=False)]), False, True),
            (made("root", elliptic("root")), True, True),
            (made("root", rsa()), True, True),
        ],
        ids="root leaf signed middle bare version-1 may-sign may-not-sign elliptic rsa".split(),
    )
    def test_what_it_may_do(self, der: bytes, authority: bool, own: bool) -> None:
        (found,) = certificates(block(der))
        assert (found.authority, found.own) == (authority, own)

    def test_prints_and_keys_tell_certificates_apart(self) -> None:
        (root,) = certificates(block(ROOT))
        (again,) = certificates(block(made(until=UNTIL + timedelta(days=365))))
        (stolen,) = certificates(block(made("root", ed25519("other"))))
        assert (root.print != again.print, root.key == again.key) == (True, True)
        assert (root.print != stolen.print, root.key == stolen.key) == (True, False)
        assert certificates(block(ROOT)) == (root,)

    @pytest.mark.parametrize(
        "pem",
        [
            block(ROOT),
            block(ROOT).replace(b"\n", b"\r\n"),
            block(ROOT).rstrip(),
            block(ROOT).replace(b"-----\n", b"----- \t\n"),
            block(ROOT).replace(b"\n", b"\n  ").replace(b"  -----", b"-----"),
            b"Subject: CN = root\n" + block(ROOT) + b"the end",
            block(ROOT, "TRUSTED CERTIFICATE") + block(ROOT),
            secret(ed25519("root")) + block(ROOT),
            request(ed25519("root")) + block(ROOT),
            block(b"no certificate") + block(ROOT),
            block(ROOT[:-20]) + block(ROOT),
            b"-----BEGIN CERTIFICATE-----\n" + block(ROOT),
            block(ROOT) + b"-----BEGIN CERTIFICATE-----\nMIIB\n",
        ],
        ids=(
            "plain crlf no-line-end spaces-behind indented text-around trusted key request garbage"
            " truncated begun-twice not-ended"
        ).split(),
    )
    def test_what_does_not_matter(self, pem: bytes) -> None:
        assert certificates(pem) == certificates(block(ROOT))

    def test_a_rotation_has_two(self) -> None:
        found = certificates(block(ROOT) + block(OTHER))
        assert found == (*certificates(block(ROOT)), *certificates(block(OTHER)))

    @pytest.mark.parametrize(
        "pem",
        [
            b"",
            b"\n",
            ROOT,
            block(b""),
            block(b"no certificate"),
            block(ROOT[:-20]),
            block(ROOT + b"more"),
            block(ROOT).replace(b"MI", b"M\xc3", 1),
            block(ROOT).replace(b"=", b"", 1),
            block(ROOT, "TRUSTED CERTIFICATE"),
            block(ROOT, "X509 CERTIFICATE"),
            secret(ed25519("root")),
            request(ed25519("root")),
            block(ROOT).replace(b"\n", b" "),
            block(ROOT).replace(b"\n", b"\r"),
            b"  " + block(ROOT).replace(b"\n", b"\n  "),
            block(ROOT).replace(b"-----END", b"\n----END"),
            block(ROOT).replace(b"END CERTIFICATE", b"END PRIVATE KEY"),
            block(made(more=[extension(ALTERNATIVE_NAMES, b"\x04\x01a")])),
            block(made(ca=None, more=[extension(CONSTRAINTS, b"\x30\x03\x02\x01")])),
            block(ROOT.replace(b"240301", b"241301")),
        ],
        ids=(
            "nothing line der empty text truncated trailing not-ascii padding trusted x509 key"
            " request one-line old-mac indented no-end wrong-end names constraints month"
        ).split(),
    )
    def test_what_is_none(self, pem: bytes) -> None:
        with pytest.raises(NoCertificate):
            certificates(pem)

    @pytest.mark.parametrize(
        "der",
        [
            BARE.replace(VERSION_3, VERSION_3[:-1] + b"\x01"),
            BARE.replace(VERSION_3, VERSION_3[:-1] + b"\x09"),
            made(more=[extension(ALTERNATIVE_NAMES, bytes.fromhex("3004a3020500"))]),
            made(more=[extension(ALTERNATIVE_NAMES, bytes.fromhex("3004a5020500"))]),
        ],
        ids="version-2 version-10 x400-address edi-party-name".split(),
    )
    def test_what_only_this_library_refuses(self, der: bytes) -> None:
        assert certificates(block(der)) == ()
        assert certificates(block(der) + block(ROOT)) == ()

    @pytest.mark.parametrize("serial", ["00", "ff", "80"])
    def test_a_serial_number_that_nobody_should_give(self, serial: str) -> None:
        """`cryptography` warns of it, and warnings are errors in tests."""
        odd = ROOT.replace(bytes.fromhex("020101"), bytes.fromhex(f"0201{serial}"), 1)
        assert len(certificates(block(odd))) == 1

    def test_no_changed_byte_is_too_much(self) -> None:
        names = x509.SubjectAlternativeName([x509.DNSName("istiod.istio-system.svc")])
        whole = made(more=[names, usage(sign=True)])
        for place in range(len(whole)):
            for bit in (1, 4, 0x20, 0x80):
                changed = bytearray(whole)
                changed[place] ^= bit
                try:
                    assert len(certificates(block(bytes(changed)))) < 2
                except NoCertificate as error:
                    assert str(error)  # noqa: PT017

    @pytest.mark.parametrize("label", ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
    def test_a_private_key(self, label: str) -> None:
        assert private(block(b"some key", label) + block(ROOT))
        assert private(block(b"some key", label).replace(b"\n", b" "))

    @pytest.mark.parametrize("pem", [b"", block(ROOT), request(ed25519("root")), b"PRIVATE KEY"])
    def test_no_private_key(self, pem: bytes) -> None:
        assert not private(pem)


MEGABYTE = 1_000_000


class TestSize:
    """No text of 1 MB takes as long as anybody would notice; most of these once took minutes."""

    def test_many_certificates(self) -> None:
        pem = block(ROOT) * (MEGABYTE // len(block(ROOT)))
        assert len(certificates(pem)) == len(pem) // len(block(ROOT)) < MOST

    def test_more_than_any_object_holds(self) -> None:
        assert len(certificates(block(version_1(BARE)) * (MOST + 1))) == MOST

    @pytest.mark.parametrize(
        "part",
        [
            b"-----BEGIN CERTIFICATE-----\n",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n",
            b"-----BEGIN CERTIFICATE-----\n-----END PRIVATE KEY-----\n",
            b"-----BEGIN " + b"A" * 39,
            b"-",
            b"\n",
            b"A",
        ],
        ids="begin begin-body begin-end words dashes lines letters".split(),
    )
    @pytest.mark.parametrize("before", [b"", b"-----BEGIN CERTIFICATE-----\n"], ids=["", "begun"])
    def test_garbage(self, part: bytes, before: bytes) -> None:
        pem = before + part * (MEGABYTE // len(part))
        assert not private(pem)
        with pytest.raises(NoCertificate):
            certificates(pem)


NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
RULES = tuple(f"webhook-cabundle-{word}" for word in "value certificate differs".split())


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of a day on which ROOT is valid."""
    at(NOW, monkeypatch)


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))


HOOKS = ("rev.namespace", "rev.object", "namespace", "object")


def mutating(*bundles: str | None, labels: str = "istio.io/rev: canary", name: str = "") -> str:
    """An injector's configuration with a hook for each caBundle; None leaves the key out."""
    hooks = "".join(
        f"  - name: {hook}.sidecar-injector.istio.io\n{client('/inject', ca)}"
        for hook, ca in zip(HOOKS, bundles, strict=False)
    )
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
        f"metadata:\n  name: {name or 'istio-sidecar-injector-canary'}\n  labels:\n"
        f"    app: sidecar-injector\n    {labels}\nwebhooks:\n{hooks}"
    )


def validating(ca: str | None, revision: str = "canary") -> str:
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n"
        f"metadata:\n  name: istio-validator-{revision}-istio-system\n  labels:\n"
        f"    istio.io/rev: {revision}\nwebhooks:\n"
        f"  - name: rev.validation.istio.io\n{client('/validate', ca, revision)}"
    )


def client(path: str, ca: str | None, revision: str = "canary") -> str:
    given = "" if ca is None else f"      caBundle: {ca}\n"
    return (
        f"    clientConfig:\n{given}      service:\n        name: istiod-{revision}\n"
        f"        namespace: istio-system\n        path: {path}\n"
    )


NO_LABEL = "release: istio"
CERT_MANAGER = "app: a\n  annotations:\n    cert-manager.io/inject-ca-from: istio-system/istiod"
AUTHORITY = "calls fail with 'x509: certificate signed by unknown authority'"
LEAVE_OUT = "Leave the key out."


def told(text: str) -> list[tuple[str, str, int, str]]:
    """Severity, code, line and words of what the rules on caBundles say."""
    found = lint_text(text, *RULES).findings
    return [(f.severity, f.code, f.where.line, f.message) for f in found]


class TestRules:
    @pytest.mark.parametrize(
        ("ca", "labels", "expected"),
        [
            (bundle(block(ROOT)), NO_LABEL, None),
            (bundle(block(ROOT)), "istio.io/rev: canary", None),
            (bundle(block(ROOT).replace(b"\n", b"\r\n")), NO_LABEL, None),
            (bundle(block(made("root", elliptic("root")))), NO_LABEL, None),
            (bundle(block(made("root", rsa()))), NO_LABEL, None),
            (bundle(block(version_1(BARE))), NO_LABEL, None),
            (bundle(block(ROOT), block(OTHER)), NO_LABEL, None),
            (bundle(block(EXPIRED), block(ROOT)), NO_LABEL, None),
            (bundle(block(ROOT), block(EARLY)), NO_LABEL, None),
            (bundle(block(LEAF), block(ROOT)), NO_LABEL, None),
            (bundle(block(b"no certificate"), block(ROOT)), NO_LABEL, None),
            (bundle(block(BARE.replace(VERSION_3, VERSION_3[:-1] + b"\x01"))), NO_LABEL, None),
            (bundle(block(ROOT) * 1000), NO_LABEL, None),
            (
                bundle(block(EXPIRED)),
                NO_LABEL,
                ("error", "MESH307", f"This caBundle expired on 2025-06-30: {AUTHORITY}. Put the"),
            ),
            (
                bundle(block(EXPIRED)),
                "istio.io/rev: canary",
                (
                    "warning",
                    "MESH307",
                    f"This caBundle expired on 2025-06-30: {AUTHORITY}, after each apply, until"
                    f" istiod replaces it. {LEAVE_OUT}",
                ),
            ),
            (
                bundle(block(EXPIRED)),
                CERT_MANAGER,
                (
                    "warning",
                    "MESH307",
                    f"This caBundle expired on 2025-06-30: {AUTHORITY}, after each apply, until"
                    f" cert-manager or OpenShift replaces it. {LEAVE_OUT}",
                ),
            ),
            (
                bundle(block(EXPIRED), block(made("other", until=datetime(2026, 1, 1)))),
                NO_LABEL,
                ("error", "MESH307", f"This caBundle expired on 2026-01-01: {AUTHORITY}"),
            ),
            (
                bundle(block(EARLY)),
                NO_LABEL,
                (
                    "error",
                    "MESH307",
                    f"This caBundle is not valid before 2031-01-01: until then {AUTHORITY}. Put",
                ),
            ),
            (
                bundle(block(EXPIRED), block(EARLY)),
                NO_LABEL,
                ("error", "MESH307", "This caBundle is not valid before 2031-01-01: until then"),
            ),
            (
                bundle(block(EXPIRED), block(LEAF)),
                NO_LABEL,
                ("note", "MESH307", "This caBundle holds no certificate authority (CA:TRUE)"),
            ),
            (
                bundle(block(LEAF)),
                NO_LABEL,
                (
                    "note",
                    "MESH307",
                    "This caBundle holds no certificate authority (CA:TRUE): it is trusted only if"
                    " istiod serves this very certificate.",
                ),
            ),
            (
                bundle(block(SIGNED)),
                NO_LABEL,
                ("warning", "MESH307", "This caBundle holds no certificate authority (CA:TRUE)"),
            ),
            (
                bundle(block(BARE)),
                NO_LABEL,
                ("note", "MESH307", "This caBundle holds no certificate authority (CA:TRUE)"),
            ),
            (
                bundle(block(made(more=[usage(sign=False)]))),
                NO_LABEL,
                ("note", "MESH307", "This caBundle holds no certificate authority (CA:TRUE)"),
            ),
            (
                bundle(block(b"no certificate")),
                NO_LABEL,
                (
                    "error",
                    "MESH307",
                    "This caBundle holds a PEM block that is no certificate. The API server cannot"
                    f" use it, and every call fails. {LEAVE_OUT}",
                ),
            ),
            (
                bundle(block(ROOT[:-20])),
                "istio.io/rev: canary",
                ("warning", "MESH307", "This caBundle holds a PEM block that is no certificate."),
            ),
            (
                bundle(block(ROOT).replace(b"\n", b" ")),
                NO_LABEL,
                ("error", "MESH307", "This caBundle holds no PEM block whose BEGIN and END are"),
            ),
            (
                bundle(block(ROOT, "TRUSTED CERTIFICATE")),
                NO_LABEL,
                ("error", "MESH307", "This caBundle holds no PEM block"),
            ),
            (
                bundle(b"-----BEGIN CERTIFICATE-----\n" * 36_000),
                NO_LABEL,
                ("error", "MESH307", "This caBundle holds no PEM block"),
            ),
            (
                bundle(request(ed25519("root"))),
                NO_LABEL,
                ("error", "MESH301", "This caBundle is base64 and holds no certificate"),
            ),
            (
                bundle(ROOT),
                "istio.io/rev: canary",
                ("warning", "MESH301", "This caBundle is base64 and holds no certificate"),
            ),
            (
                bundle(b"\xff" * MEGABYTE),
                NO_LABEL,
                ("error", "MESH301", "This caBundle is base64 and holds no certificate"),
            ),
            (
                "*" * 12,
                NO_LABEL,
                ("error", "MESH301", "caBundle '************' is not base64"),
            ),
        ],
        ids=(
            "root root-patched crlf elliptic rsa version-1 rotation old-and-good good-and-next"
            " leaf-and-good garbage-and-good version-2 thousand"
            " expired expired-patched expired-cert-manager expired-both early expired-and-early"
            " expired-and-leaf leaf leaf-signed no-constraints may-not-sign garbage truncated"
            " one-line trusted begin-lines request der megabyte not-base64"
        ).split(),
    )
    def test_one_bundle(self, ca: str, labels: str, expected: tuple[str, str, str] | None) -> None:
        found = told(mutating(f'"{ca}"', labels=labels))
        if expected is None:
            assert found == []
            return
        severity, code, words = expected
        ((*rest, message),) = found
        line = 13 if "annotations" in labels else 11
        assert rest == [severity, code, line]
        assert message.startswith(words)

    def test_the_place_is_the_value(self) -> None:
        ca = bundle(block(EXPIRED))
        text = mutating(None, ca)
        (finding,) = lint_text(text, *RULES).findings
        where, line = finding.where, text.splitlines()[finding.where.line - 1]
        assert line[where.column - 1 : where.end_column - 1] == ca
        assert where.pointer.endswith("/rev.object.sidecar-injector.istio.io/clientConfig/caBundle")

    def test_a_pinned_root_beside_its_istiod(self) -> None:
        istiod = (
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: istiod-canary\n"
            "  namespace: istio-system\nspec:\n  template:\n    metadata:\n"
            "      labels: {app: istiod, istio.io/rev: canary}\n    spec:\n      containers:\n"
            "        - {name: discovery, image: 'istio/pilot:1.29.1'}\n"
        )
        ((severity, code, line, message),) = told(mutating(bundle(block(ROOT))) + istiod)
        assert (severity, code, line) == ("note", "MESH307", 11)
        assert "is written over by istiod" in message


class TestTime:
    @pytest.mark.parametrize(
        ("moment", "count"),
        [
            (UNTIL - timedelta(days=1), 0),
            (UNTIL, 0),
            (UNTIL + timedelta(seconds=1), 1),
            (UNTIL + timedelta(days=1), 1),
            (SINCE + timedelta(days=1), 0),
            (SINCE, 0),
            (SINCE - timedelta(seconds=1), 1),
            (SINCE - timedelta(days=1), 1),
        ],
    )
    def test_a_day_before_and_after(
        self, moment: datetime, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(moment.replace(tzinfo=UTC), monkeypatch)
        assert len(told(mutating(bundle(block(ROOT)), labels=NO_LABEL))) == count

    def test_a_rotation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """While the next root is in the bundle, the day on which the old one expires is no event."""
        following = made("next", since=UNTIL - timedelta(days=30), until=UNTIL + timedelta(900))
        for days in (-60, -1, 1, 60):
            at((UNTIL + timedelta(days)).replace(tzinfo=UTC), monkeypatch)
            assert told(mutating(bundle(block(ROOT), block(following)), labels=NO_LABEL)) == []


class TestAgreement:
    """All webhooks of one revision are served by one istiod, with one certificate."""

    @pytest.mark.parametrize(
        "text",
        [
            mutating(bundle(block(ROOT)), bundle(block(ROOT))),
            mutating(bundle(block(ROOT)), None, bundle(block(ROOT).replace(b"\n", b"\r\n"))),
            mutating(bundle(block(ROOT)), bundle(block(OTHER), block(ROOT))),
            mutating(bundle(block(ROOT)), bundle(block(made(until=UNTIL + timedelta(90))))),
            mutating(bundle(block(ROOT))) + "---\n" + validating(bundle(block(ROOT))),
            mutating(bundle(block(ROOT))) + "---\n" + validating(bundle(block(OTHER)), "stable"),
            mutating(bundle(block(ROOT)), '""'),
        ],
        ids="equal line-ends rotation reissued validator revisions empty".split(),
    )
    def test_nothing_to_say(self, text: str) -> None:
        assert [one for one in told(text) if one[1] == "MESH308"] == []

    def test_the_wrong_key_of_the_right_name(self) -> None:
        stolen = made("root", ed25519("other"))
        text = mutating(bundle(block(ROOT)), bundle(block(stolen)), bundle(block(ROOT)))
        (finding,) = lint_text(text, *RULES).findings
        assert (finding.severity, finding.code, finding.where.line) == ("warning", "MESH308", 18)
        assert finding.message.startswith(
            "This caBundle trusts other keys than that of hook"
            " 'rev.namespace.sidecar-injector.istio.io', although one istiod serves both: with one"
            f" of them {AUTHORITY}. Put the same root certificate in both"
        )
        assert [related.where.line for related in finding.related] == [11]

    def test_the_odd_one_may_be_the_first(self) -> None:
        """Two against one, and the one is told, wherever it stands."""
        good, bad = bundle(block(ROOT)), bundle(block(OTHER))
        lines = [
            [line for _, code, line, _ in told(mutating(*found)) if code == "MESH308"]
            for found in ([bad, good, good], [good, bad, good], [good, good, bad])
        ]
        assert lines == [[11], [18], [25]]

    def test_injector_and_validator(self) -> None:
        text = mutating(bundle(block(ROOT))) + "---\n" + validating(bundle(block(OTHER)))
        ((severity, code, line, message),) = told(text)
        assert (severity, code, line) == ("warning", "MESH308", 26)
        assert "that of MutatingWebhookConfiguration istio-sidecar-injector-canary" in message


class TestKeys:
    """Nothing of a private key stands in any message, wherever in a caBundle the key is."""

    SECRET = secret(ed25519("root"))

    @pytest.mark.parametrize(
        "ca",
        [
            bundle(SECRET),
            bundle(block(ROOT), SECRET),
            bundle(SECRET, block(EXPIRED)),
            bundle(SECRET.replace(b"\n", b" ")),
            bundle(block(b"no certificate") + SECRET),
            f"|\n        {SECRET.decode().replace(chr(10), chr(10) + ' ' * 8).rstrip()}",
        ],
        ids="alone root expired one-line garbage not-encoded".split(),
    )
    @pytest.mark.parametrize("labels", [NO_LABEL, "istio.io/rev: canary", CERT_MANAGER])
    def test_it_is_said_and_not_shown(self, ca: str, labels: str) -> None:
        ((severity, code, line, message),) = told(mutating(ca, labels=labels))
        assert (severity, code) == ("error", "MESH307")
        assert line == (13 if "annotations" in labels else 11)
        assert message == (
            "This caBundle holds a private key. A caBundle is public, and whoever reads this"
            " repository can now sign as this mesh. Replace the root certificate, and leave the"
            " key out."
        )

    @pytest.mark.parametrize(
        "text",
        [
            "".join(SECRET.decode().splitlines()[1:-1]),
            ed25519("root").private_bytes_raw().hex(),
            bundle(ed25519("root").private_bytes_raw()),
            f"{bundle(ed25519('root').private_bytes_raw())}*",
        ],
        ids="no-marks hex raw not-base64".split(),
    )
    def test_what_nobody_can_tell_to_be_one_is_not_shown(self, text: str) -> None:
        ((_, code, _, message),) = told(mutating(text, labels=NO_LABEL))
        assert code == "MESH301"
        assert not any(text[i : i + 6] in message for i in range(len(text) - 6))


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
@pytest.mark.parametrize("shift", range(3))
def test_no_report_shows_a_private_key(form: str, shift: int, tmp_path: Path) -> None:
    """Not even in the source lines around a finding, wherever the key begins in the base64."""
    leaked = bundle(b" " * shift, block(made()), secret(ed25519("root")))
    path = tmp_path / "webhook.yaml"
    path.write_text(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
        "metadata: {name: own, labels: {istio.io/rev: default}}\nwebhooks:\n"
        "- name: rev.namespace.sidecar-injector.istio.io\n  clientConfig:\n"
        f"    service: {{name: istiod, namespace: istio-system, path: /inject}}\n    caBundle: {leaked}\n"
    )
    report = run(collect([str(path)]))
    assert any(finding.code == "MESH307" for finding in report.findings)
    assert leaked[-200:-20] not in render(form, report)
