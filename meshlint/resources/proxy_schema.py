"""The fields of Istio's ProxyConfig with their types, as a table.

Source: istio/api mesh/v1alpha1/proxy.proto, and what it imports. Fields that istiod 1.10 knew have
no version; of the others it is told, as an older istiod passes over fields that it does not know.
"""

from __future__ import annotations

from meshlint.resources.proxy_kind import Choice, Form, Kind, Known, Listing, Mapped, Scalar

STRING, BOOL, INT32, INT64, UINT32, DOUBLE, DURATION = Scalar
STRINGS = Listing(STRING)


def form(**fields: Kind | Known) -> Form:
    """Fields, of which those that are no `Known` are as old as what holds them."""
    return Form({k: f if isinstance(f, Known) else Known(f) for k, f in fields.items()})


def _all(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


def _choice(enum: str, names: str) -> Choice:
    return Choice(f"istio.{enum}", tuple(names.split()))


TLS = form(
    **_all(STRING, "clientCertificate privateKey caCertificates credentialName sni"),
    mode=_choice(
        "networking.v1alpha3.ClientTLSSettings.TLSmode", "DISABLE SIMPLE MUTUAL ISTIO_MUTUAL"
    ),
    subjectAltNames=STRINGS,
)
REMOTE = form(
    address=STRING,
    tlsSettings=TLS,
    tcpKeepalive=form(probes=UINT32, time=DURATION, interval=DURATION),
)
DEFAULTED = form(name=STRING, defaultValue=STRING)
TRACING = form(
    zipkin=form(address=STRING),
    lightstep=form(address=STRING, accessToken=STRING),
    datadog=form(address=STRING),
    stackdriver=form(
        debug=BOOL,
        **_all(INT64, "maxNumberOfAttributes maxNumberOfAnnotations maxNumberOfMessageEvents"),
    ),
    customTags=Mapped(form(literal=form(value=STRING), environment=DEFAULTED, header=DEFAULTED)),
    maxPathTagLength=UINT32,
    sampling=DOUBLE,
    tlsSettings=TLS,
    enableIstioTags=Known(BOOL, 25),
)
FORWARDING = _choice(
    "mesh.v1alpha1.ForwardClientCertDetails",
    "UNDEFINED SANITIZE FORWARD_ONLY APPEND_FORWARD SANITIZE_SET ALWAYS_FORWARD_ONLY",
)
POLLED = form(pollDelay=DURATION, fallback=BOOL)
DISABLED, ENABLED = form(disabled=BOOL), form(enabled=BOOL)
HEADERS = form(
    forwardedClientCert=FORWARDING,
    requestId=DISABLED,
    server=form(disabled=BOOL, value=STRING),
    attemptCount=DISABLED,
    envoyDebugHeaders=DISABLED,
    metadataExchangeHeaders=form(
        mode=_choice(
            "mesh.v1alpha1.ProxyConfig.ProxyHeaders.MetadataExchangeMode", "UNDEFINED IN_MESH"
        )
    ),
    setCurrentClientCertDetails=Known(form(**_all(BOOL, "subject cert chain dns uri")), 24),
    preserveHttp1HeaderCase=Known(BOOL, 25),
    xForwardedHost=Known(ENABLED, 28),
    xForwardedPort=Known(ENABLED, 28),
)
PROBE = form(
    **_all(
        INT32,
        "initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold",
    ),
    httpGet=form(
        **_all(STRING, "path host scheme"),
        port=UINT32,
        httpHeaders=Listing(form(name=STRING, value=STRING)),
    ),
    tcpSocket=form(host=STRING, port=UINT32),
    exec=form(command=STRINGS),
)
PROXY_CONFIG = form(
    **_all(
        STRING,
        "configPath binaryPath serviceCluster discoveryAddress zipkinAddress statsdUdpAddress"
        " envoyMetricsServiceAddress availabilityZone customConfigFile proxyBootstrapTemplatePath"
        " meshId",
    ),
    **_all(DURATION, "drainDuration discoveryRefreshDelay terminationDrainDuration"),
    **_all(INT32, "proxyAdminPort statNameLength concurrency statusPort"),
    **_all(REMOTE, "envoyAccessLogService envoyMetricsService"),
    **_all(STRINGS, "extraStatTags caCertificatesPem"),
    tracingServiceName=Known(
        _choice(
            "mesh.v1alpha1.ProxyConfig.TracingServiceName",
            "APP_LABEL_AND_NAMESPACE CANONICAL_NAME_ONLY CANONICAL_NAME_AND_NAMESPACE",
        ),
        13,
    ),
    controlPlaneAuthPolicy=_choice("mesh.v1alpha1.AuthenticationPolicy", "NONE MUTUAL_TLS INHERIT"),
    interceptionMode=_choice(
        "mesh.v1alpha1.ProxyConfig.InboundInterceptionMode", "REDIRECT TPROXY NONE"
    ),
    tracing=TRACING,
    sds=form(enabled=BOOL, k8sSaJwtPath=STRING),
    proxyMetadata=Mapped(STRING),
    runtimeValues=Known(Mapped(STRING), 14),
    gatewayTopology=form(
        numTrustedProxies=UINT32,
        forwardClientCertDetails=FORWARDING,
        proxyProtocol=Known(form(), 19),
    ),
    readinessProbe=PROBE,
    proxyStatsMatcher=form(**_all(STRINGS, "inclusionPrefixes inclusionSuffixes inclusionRegexps")),
    holdApplicationUntilProxyStarts=BOOL,
    image=Known(form(imageType=STRING), 13),
    privateKeyProvider=Known(form(cryptomb=POLLED, qat=Known(POLLED, 17)), 14),
    proxyHeaders=Known(HEADERS, 20),
    fileFlushInterval=Known(DURATION, 29),
    fileFlushMinSizeKb=Known(UINT32, 29),
    statsCompression=Known(BOOL, 30),
)
