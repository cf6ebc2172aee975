"""Which templates Go's parser takes, and what it says of the others.

The words are those of text/template of Go 1.26, as istiod of Istio 1.32 is built with.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint.resources.gotemplate.functions import GONE, KNOWN, SINCE
from meshlint.resources.gotemplate.parsing import parsed

TAKEN = [
    "",
    "no action",
    "{ { } } }}",
    "{{ . }}",
    "{{- . -}}",
    "{{-3}}",
    "{{ $ }}",
    "{{ .a.b.c | quote }}",
    "{{ (.a).b }}",
    "{{ $x := 1 }}{{ $x = 2 }}{{ $x.y }}",
    "{{ if .a }}{{ else if .b }}{{ else }}{{ end }}",
    "{{ with .a }}{{ else with .b }}{{ else }}{{ end }}",
    "{{ range .l }}{{ break }}{{ else }}{{ end }}",
    "{{ range $i, $v := .l }}{{ if $i }}{{ continue }}{{ end }}{{ end }}",
    "{{ range $v := .l }}{{ $v }}{{ end }}",
    '{{ define "x" }}{{ . }}{{ end }}{{ template "x" . }}{{ template `x` }}',
    '{{ define "x" }} {{ end }}{{ define "x" }}a{{ end }}',
    '{{ block "x" . }}{{ end }}',
    "{{/* a comment with {{ and }} */}}",
    "{{- /* trimmed */ -}}",
    '{{ "a \\" }} \\u00e9 \\x41 \\101 \\n" }}',
    "{{ `a\nb }}` }}",
    "{{ 'a' }}{{ '\\n' }}{{ '\\'' }}",
    "{{ 0x1F }}{{ 0b1_0 }}{{ 0o17 }}{{ 017 }}{{ 1_000 }}{{ 1e3 }}{{ .5 }}{{ 5. }}{{ -1 }}{{ +1 }}",
    "{{ 0x1p4 }}{{ 1i }}{{ 1+2i }}{{ 18446744073709551615 }}{{ -9223372036854775808 }}",
    "{{ true }}{{ nil }}{{ eq 1 nil }}",
    "{{ .é }}{{ .a_1 }}",
    "{{\n.a\n}}",
    "{{ if (and (eq .a 1) (not .b)) }}{{ end }}",
    "{{ .a | printf `%d` | quote }}",
    "{{ .a | }}",
]

REFUSED = {
    "{{": "unclosed action",
    "{{ .a": "unclosed action",
    "{{ .a }": 'unexpected "}" in operand',
    "a\n{{ if .a }}\nb": "unexpected EOF",
    "{{ range .a }}{{ if .b }}{{ end }}": "unexpected EOF",
    '{{ define "x" }}': "unexpected EOF",
    '{{ block "x" . }}': "unexpected EOF",
    "{{ end }}": "unexpected {{end}}",
    "{{ else }}": "unexpected {{else}}",
    "{{ if .a }}{{ else }}{{ else }}{{ end }}": "expected end; found {{else}}",
    '{{ define "x" }}{{ else }}{{ end }}': "unexpected {{else}} in define clause",
    "{{ range .a }}{{ else if .b }}{{ end }}": "unexpected <if> in input",
    "{{ if }}{{ end }}": "missing value for if",
    "{{ }}": "missing value for command",
    "{{ range }}{{ end }}": "missing value for range",
    "{{ ( }}": "unclosed left paren",
    "{{ (.a }}": "unclosed left paren",
    "{{ .a) }}": "unexpected right paren",
    "{{ () }}": "missing value for parenthesized pipeline",
    '{{ "a }}': "unterminated quoted string",
    '{{ "a\n" }}': "unterminated quoted string",
    "{{ `a }}": "unterminated raw quoted string",
    "{{ 'a }}": "unterminated character constant",
    "{{ 'ab' }}": "malformed character constant: 'ab'",
    "{{ '' }}": "invalid syntax",
    '{{ "\\q" }}': "invalid syntax",
    '{{ "\\ud800" }}': "invalid syntax",
    "{{/* a }}": "unclosed comment",
    "{{/* a */ }}": "comment ends before closing delimiter",
    "{{ $x }}": 'undefined variable "$x"',
    "{{ if .a }}{{ $x := 1 }}{{ end }}{{ $x }}": 'undefined variable "$x"',
    '{{ $x := 1 }}{{ define "y" }}{{ $x }}{{ end }}': 'undefined variable "$x"',
    "{{ $x, $y := .a }}": "too many declarations in command",
    "{{ range $a, $b, $c := .l }}{{ end }}": "too many declarations in range",
    "{{ range $a, 1 := .l }}{{ end }}": "range can only initialize variables",
    "{{ break }}": "{{break}} outside {{range}}",
    '{{ range .a }}{{ define "x" }}{{ end }}{{ end }}': "unexpected <define> in command",
    '{{ range .a }}{{ block "x" . }}{{ break }}{{ end }}{{ end }}': "{{break}} outside {{range}}",
    "{{ range .a }}{{ continue .b }}{{ end }}": 'unexpected ".b" in {{continue}}',
    "{{ . | 1 }}": "non executable command in pipeline stage 2",
    "{{ .a || .b }}": 'unexpected "|" in command',
    "{{ | .a }}": 'unexpected "|" in command',
    '{{ "a".b }}': 'unexpected . after term "\\"a\\""',
    "{{ nil.b }}": 'unexpected . after term "nil"',
    "{{ 1x }}": 'bad number syntax: "1x"',
    "{{ 1+2 }}": 'bad number syntax: "1+2"',
    "{{ 0x }}": 'illegal number syntax: "0x"',
    "{{ 089 }}": 'integer overflow: "089"',
    "{{ 99999999999999999999 }}": 'integer overflow: "99999999999999999999"',
    "{{ .a@ }}": "bad character U+0040 '@'",
    "{{ a+b }}": "bad character U+002B '+'",
    "{{ é€ }}": "bad character U+20AC '€'",
    "{{ \x01 }}": "unrecognized character in action: U+0001",
    "{{ : }}": "expected :=",
    "{{ template x }}": 'unexpected "x" in template clause',
    "{{ define x }}{{ end }}": 'unexpected "x" in define clause',
    "{{ if .a }}{{ end .b }}": 'unexpected ".b" in end',
    '{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}': (
        'template: multiple definition of template "x"'
    ),
    '{{ define "inject" }}a{{ end }}b': 'template: multiple definition of template "inject"',
    '{{ "a long text of many letters" := 1 }}': 'unexpected ":=" in operand',
    "{{ .a, }}": 'unexpected "," in operand',
}


@pytest.mark.parametrize("text", TAKEN)
def test_what_go_takes(text: str) -> None:
    found = parsed(text)
    assert found.fault is None
    assert found.undefined(KNOWN) == ()


@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_what_go_refuses(text: str, words: str) -> None:
    fault = parsed(text).fault
    assert fault is not None
    assert fault.why == words


PLACES = {
    "a {{ if .a }} b": "{{ if",
    "{{ if .a }}{{ range .b }}{{ end }}": "{{ if",
    "a {{ end }}": "{{ end",
    "{{ .a }}{{ $x }}": "$x",
    "{{ .a }} {{ .b ": "{{ .b",
    "{{ .a }} {{ (.b }}": "{{ (.b",
    '{{ .a }} {{ "b }}': '"b',
    "{{ . }}{{/* b": "/* b",
    "{{ if .a }}{{ else }}{{ else }}{{ end }}": "{{ else }}{{ end",
}


@pytest.mark.parametrize(("text", "at"), PLACES.items())
def test_where_it_gives_up(text: str, at: str) -> None:
    fault = parsed(text).fault
    assert fault is not None
    assert text[fault.at :].startswith(at)


def test_an_action_without_end_has_its_name() -> None:
    fault = parsed("{{ with .a }}{{ if .b }}{{ end }}").fault
    assert fault is not None
    assert (fault.unclosed, fault.at) == ("with", 0)


def test_all_functions_are_gathered_up_to_the_fault() -> None:
    text = "{{ foo . | bar }}{{ toYaml . }}{{ (baz) }}{{ foo }}{{ end }}{{ late }}"
    found = parsed(text)
    assert [use.name for use in found.undefined(KNOWN)] == ["foo", "bar", "baz"]
    assert [text[use.at :][: len(use.name)] for use in found.uses] == [
        use.name for use in found.uses
    ]
    assert found.fault is not None


def test_functions_of_some_versions_are_functions() -> None:
    assert SINCE.keys() | GONE.keys() <= KNOWN
    assert {"toYaml", "strdict", "b64enc", "index"} <= KNOWN
    assert not {"include", "tpl", "break"} & KNOWN


@pytest.mark.parametrize("opening", ["{{ if .a }}", "{{ (", "{{ range .a }}{{ else }}"])
def test_what_is_nested_too_deeply_is_not_judged(opening: str) -> None:
    text = opening * 5000 if "(" not in opening else "{{ " + "(" * 5000
    assert parsed(text).fault is None


PIECES = st.sampled_from(
    "{{ }} {{- -}} if else end define range break nil \" ` ' ( ) | $x := , .a /* */ 1 0x é ² \\".split()
)


@given(st.lists(PIECES | st.sampled_from([" ", "\n"]), max_size=40).map("".join))
def test_any_text_is_answered(text: str) -> None:
    found = parsed(text)
    places = [use.at for use in found.uses] + ([found.fault.at] if found.fault else [])
    assert all(0 <= place <= len(text) for place in places)
