"""What Istio and Envoy call their filters and types, as far as rules on EnvoyFilters need it."""

from __future__ import annotations

RENAMED = {
    "envoy.buffer": "envoy.filters.http.buffer",
    "envoy.client_ssl_auth": "envoy.filters.network.client_ssl_auth",
    "envoy.cors": "envoy.filters.http.cors",
    "envoy.csrf": "envoy.filters.http.csrf",
    "envoy.fault": "envoy.filters.http.fault",
    "envoy.grpc_http1_bridge": "envoy.filters.http.grpc_http1_bridge",
    "envoy.grpc_json_transcoder": "envoy.filters.http.grpc_json_transcoder",
    "envoy.grpc_web": "envoy.filters.http.grpc_web",
    "envoy.gzip": "envoy.filters.http.gzip",
    "envoy.health_check": "envoy.filters.http.health_check",
    "envoy.http_connection_manager": "envoy.filters.network.http_connection_manager",
    "envoy.http_dynamo_filter": "envoy.filters.http.dynamo",
    "envoy.ip_tagging": "envoy.filters.http.ip_tagging",
    "envoy.listener.http_inspector": "envoy.filters.listener.http_inspector",
    "envoy.listener.original_dst": "envoy.filters.listener.original_dst",
    "envoy.listener.original_src": "envoy.filters.listener.original_src",
    "envoy.listener.proxy_protocol": "envoy.filters.listener.proxy_protocol",
    "envoy.listener.tls_inspector": "envoy.filters.listener.tls_inspector",
    "envoy.lua": "envoy.filters.http.lua",
    "envoy.mongo_proxy": "envoy.filters.network.mongo_proxy",
    "envoy.rate_limit": "envoy.filters.http.ratelimit",
    "envoy.ratelimit": "envoy.filters.network.ratelimit",
    "envoy.redis_proxy": "envoy.filters.network.redis_proxy",
    "envoy.router": "envoy.filters.http.router",
    "envoy.squash": "envoy.filters.http.squash",
    "envoy.tcp_proxy": "envoy.filters.network.tcp_proxy",
}
"""Names of before Envoy 1.14, of which istiod says which filter is meant (pkg/config/xds).

The name envoy.ext_authz is left out: there is one for HTTP and one for the network.
"""

ROUTER = "envoy.filters.http.router"
LAST = frozenset(
    {
        ROUTER,
        "envoy.filters.network.http_connection_manager",
        "envoy.filters.network.tcp_proxy",
    }
)
"""Filters of istiod's that end a chain: Envoy takes none behind them."""

HTTP = frozenset(
    f"envoy.filters.http.{name}"
    for name in (
        "cors dynamic_forward_proxy ext_authz ext_proc fault grpc_stats grpc_web jwt_authn rbac"
        " router stateful_session wasm"
    ).split()
) | frozenset(
    "connect_authority istio.alpn istio.metadata_exchange istio.stackdriver istio.stats"
    " istio_authn mixer request_source upstream_hbone_peer_metadata"
    " waypoint_downstream_peer_metadata waypoint_upstream_peer_metadata".split()
)
"""HTTP filters that istiod generates, of any version since 1.6 and for any proxy."""

NETWORK = frozenset(
    f"envoy.filters.network.{name}"
    for name in (
        "connection_limit ext_authz http_connection_manager mongo_proxy mysql_proxy ratelimit rbac"
        " redis_proxy set_filter_state sni_cluster sni_dynamic_forward_proxy tcp_cluster_rewrite"
        " tcp_proxy thrift_proxy wasm"
    ).split()
) | frozenset(
    "envoy.extensions.filters.network.sni_dynamic_forward_proxy forward_downstream_sni"
    " istio.metadata_exchange istio.stackdriver istio.stats istio_authn mixer"
    " propagate_endpoint_metadata sni_verifier".split()
)
"""Network filters that istiod generates."""

LISTENER = frozenset(
    f"envoy.filters.listener.{name}"
    for name in "http_inspector original_dst original_src proxy_protocol tls_inspector".split()
) | frozenset({"set_dst_address"})
"""Listener filters that istiod generates."""

PLUGIN = "extensions.istio.io/"
"""How the names of filters begin that WasmPlugins and TrafficExtensions bring."""

_EXTENSIONS = """
filters.http: adaptive_concurrency.AdaptiveConcurrency admission_control.AdmissionControl
 aws_lambda.Config bandwidth_limit.BandwidthLimit basic_auth.BasicAuth buffer.Buffer
 buffer.BufferPerRoute compressor.Compressor cors.Cors cors.CorsPolicy csrf.CsrfPolicy
 decompressor.Decompressor ext_authz.ExtAuthz ext_authz.ExtAuthzPerRoute ext_proc.ExtProcPerRoute
 ext_proc.ExternalProcessor fault.HTTPFault grpc_http1_bridge.Config
 grpc_json_transcoder.GrpcJsonTranscoder grpc_stats.FilterConfig grpc_web.GrpcWeb gzip.Gzip
 header_mutation.HeaderMutation header_to_metadata.Config health_check.HealthCheck
 jwt_authn.JwtAuthentication local_ratelimit.LocalRateLimit lua.Lua lua.LuaPerRoute oauth2.OAuth2
 on_demand.OnDemand original_src.OriginalSrc ratelimit.RateLimit ratelimit.RateLimitPerRoute
 rbac.RBAC rbac.RBACPerRoute router.Router set_metadata.Config stateful_session.StatefulSession
 tap.Tap wasm.Wasm
filters.listener: http_inspector.HttpInspector original_dst.OriginalDst original_src.OriginalSrc
 proxy_protocol.ProxyProtocol tls_inspector.TlsInspector
filters.network: connection_limit.ConnectionLimit ext_authz.ExtAuthz
 http_connection_manager.HttpConnectionManager local_ratelimit.LocalRateLimit
 mongo_proxy.MongoProxy ratelimit.RateLimit rbac.RBAC redis_proxy.RedisProxy
 sni_cluster.SniCluster tcp_proxy.TcpProxy wasm.Wasm
access_loggers: file.FileAccessLog grpc.HttpGrpcAccessLogConfig grpc.TcpGrpcAccessLogConfig
 open_telemetry.OpenTelemetryAccessLogConfig stream.StderrAccessLog stream.StdoutAccessLog
 wasm.WasmAccessLog
transport_sockets: proxy_protocol.ProxyProtocolUpstreamTransport quic.QuicDownstreamTransport
 quic.QuicUpstreamTransport raw_buffer.RawBuffer tls.DownstreamTlsContext tls.UpstreamTlsContext
upstreams: http.HttpProtocolOptions
"""


def _types() -> frozenset[str]:
    found = set()
    for line in _EXTENSIONS.strip().replace("\n ", " ").splitlines():
        family, _, names = line.partition(":")
        for name in names.split():
            package, _, message = name.rpartition(".")
            found.add(f"envoy.extensions.{family}.{package}.v3.{message}")
    return frozenset(found)


TYPES = _types()
"""Types that EnvoyFilters refer to most; there are many more (pkg/config/xds)."""

INNER = frozenset(
    "adaptive_concurrency admission_control bandwidth_limit basic_auth buffer compressor cors csrf"
    " decompressor ext_authz ext_proc fault grpc_stats grpc_web header_mutation"
    " header_to_metadata jwt_authn local_ratelimit lua ratelimit rbac set_metadata"
    " stateful_session tap wasm".split()
)
"""Packages of HTTP filters that never end a chain."""
