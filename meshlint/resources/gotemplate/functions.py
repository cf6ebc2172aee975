"""The functions that an injector's templates may call, by who brings them."""

from __future__ import annotations

GO = frozenset(
    (
        "and call eq ge gt html index js le len lt ne not or print printf println slice urlquery"
    ).split()
)
"""Those of text/template itself (funcs.go, builtins)."""

SPRIG = frozenset(
    """
    abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc
    b64dec b64enc base bcrypt biggest buildCustomCert camelcase cat ceil chunk clean coalesce
    compact concat contains date dateInZone dateModify date_in_zone date_modify decryptAES
    deepCopy deepEqual default derivePassword dict dig dir div divf duration durationRound
    empty encryptAES env expandenv ext fail first float64 floor fromJson genCA genCAWithKey
    genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert
    genSignedCertWithKey get getHostByName has hasKey hasPrefix hasSuffix hello htmlDate
    htmlDateInZone htpasswd indent initial initials int int64 isAbs join kebabcase keys kindIs
    kindOf last list lower max maxf merge mergeOverwrite min minf mod mul mulf mustAppend
    mustChunk mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas
    mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush mustRegexFind
    mustRegexFindAll mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral
    mustRegexSplit mustRest mustReverse mustSlice mustToDate mustToJson mustToPrettyJson
    mustToRawJson mustUniq mustWithout must_date_modify nindent nospace now omit osBase
    osClean osDir osExt osIsAbs pick pluck plural prepend push quote randAlpha randAlphaNum
    randAscii randBytes randInt randNumeric regexFind regexFindAll regexMatch regexQuoteMeta
    regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver
    semverCompare seq set sha1sum sha256sum sha512sum shuffle slice snakecase sortAlpha split
    splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal toJson
    toPrettyJson toRawJson toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc
    tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin
    urlParse uuidv4 values without wrap wrapWith
    """.split()
)
"""Those of sprig v3.3.0, which the injector has since Istio 1.9 (TxtFuncMap)."""

SINCE = {
    "excludeInterfaces": 15,
    "mergeMaps": 21,
    "omitNil": 28,
    "otelResourceAttributes": 30,
    "strdict": 18,
    "toJsonMap": 18,
}
"""Istio's own, and the first minor version of which some patch release has it.

From pkg/kube/inject, InjectionFuncmap, at each release since 1.9.
"""

GONE = {"render": 14}
"""Those that Istio once had, and the first minor version without them."""

ISTIO = frozenset(
    """
    annotation appendMultusNetwork applicationPorts contains directory excludeInboundPort
    formatDuration fromJSON includeInboundPorts indent isset kubevirtInterfaces protoToJSON
    structToJSON toJSON toJson toLower toYaml valueOrDefault
    """.split()
)
"""Those that all of its versions since 1.9 have."""

KNOWN = GO | SPRIG | ISTIO | SINCE.keys() | GONE.keys()
"""All that some injector of Istio's knows."""

HELM = frozenset("include tpl required lookup fromYaml fromYamlArray fromJsonArray toToml".split())
"""Helm's, which no injector has: a template with them is Helm's, and not rendered yet."""
