# Completion of meshlint for bash: put it where bash-completion looks for it, or source it.

_meshlint_words() {
    local word
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -W "$1" -- "$2")
}

_meshlint_files() {
    local word
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -f -- "$1")
}

_meshlint_rules="MESH001 document-unreadable MESH002 document-duplicate-keys MESH003 label-not-string MESH004 suppression-unused MESH005 suppression-expired MESH006 suppression-malformed MESH101 namespace-injection-value MESH102 pod-inject-value MESH103 injection-key-misspelled MESH104 namespace-conflicting-labels MESH105 namespace-disabled-with-revision MESH106 pod-key-on-workload MESH107 injection-key-on-wrong-kind MESH108 namespace-annotation-not-label MESH109 cronjob-label-wrong-level MESH110 inject-label-against-annotation MESH111 pod-opt-in-blocked MESH112 injection-key-outside-labels MESH113 namespace-sidecar-and-ambient MESH114 istio-annotation-unknown MESH115 inject-annotation-ineffective MESH116 pod-revision-overridden MESH117 hostnetwork-not-injected MESH118 ignored-namespace-labelled MESH119 native-sidecar-value MESH120 inject-annotation-deprecated MESH121 job-in-injected-namespace MESH122 managed-proxy-label MESH130 namespace-not-labelled MESH131 annotation-misplaced MESH132 annotation-deprecated MESH133 namespace-injected-by-default MESH201 revision-unknown MESH202 revision-illegal-name MESH203 injection-without-default MESH204 tag-target-missing MESH205 helm-revision-default MESH206 tag-shadows-revision MESH207 asm-revision-against-image MESH208 istio-resource-revision-unknown MESH209 managed-and-incluster MESH301 webhook-cabundle-value MESH302 webhook-revision-label-missing MESH303 webhook-revision-inconsistent MESH304 webhook-hook-name-unpatchable MESH305 webhook-url-invalid MESH306 webhook-service-missing MESH307 webhook-cabundle-certificate MESH308 webhook-cabundle-differs MESH309 webhook-service-port MESH310 webhook-service-selects-nothing MESH311 webhook-path-wrong MESH312 webhook-host-not-in-certificate MESH313 webhook-name-inconsistent MESH314 webhook-hooks-inconsistent MESH315 webhook-cabundle-never-filled MESH316 webhook-selector-misplaced MESH317 webhook-cabundle-not-the-root MESH318 webhook-rules-miss-pods MESH401 webhook-leftover MESH402 webhooks-overlap MESH501 network-policy-blocks-webhook MESH502 firewall-blocks-webhook MESH503 network-policy-blocks-istiod MESH504 istiod-port-missing MESH510 istiod-scaled-to-zero MESH511 istiod-budget-blocks MESH512 istiod-selector-mismatch MESH513 istiods-share-revision MESH520 istiod-role-insufficient MESH521 istiod-binding-astray MESH522 istiod-service-account-missing MESH530 injector-config-incomplete MESH531 injector-config-unreadable MESH532 injector-policy-off MESH533 injector-template-broken MESH534 injector-selector-invalid MESH535 injector-config-outdated MESH536 injector-config-not-read MESH537 injector-image-skew MESH601 image-auto-not-injected MESH602 injection-annotation-invalid MESH603 injection-template-unknown MESH604 injected-output-committed MESH605 proxy-skew MESH606 gateway-template-missing MESH610 pod-without-proxy MESH620 discovery-address-invalid MESH621 discovery-address-port MESH622 discovery-address-revision MESH623 discovery-address-uncertified MESH624 discovery-address-service-missing MESH625 proxy-request-above-limit MESH626 application-runs-as-proxy MESH640 envoy-filter-incomplete MESH641 envoy-filter-value-refused MESH642 envoy-filter-match-refused MESH643 envoy-filter-field-unknown MESH644 envoy-filter-version-regex MESH645 envoy-filter-version-unmatched MESH646 envoy-filter-type-unknown MESH647 envoy-filter-config-untyped MESH648 envoy-filter-name-deprecated MESH649 envoy-filter-anchor-unknown MESH650 envoy-filter-behind-last MESH651 envoy-filter-operation-ignored MESH652 envoy-filter-order-unset MESH653 envoy-filter-conflict MESH654 envoy-filter-selector-empty MESH701 argo-ignore-without-respect MESH702 argo-heals-validator MESH703 gitops-replaces-webhooks MESH704 helm-cabundle-value MESH705 helm-tags-without-cabundle MESH706 helm-value-gone MESH707 validator-failure-policy-ignore MESH708 flux-force-deletes-webhook MESH709 webhook-cabundle-contested"

_meshlint() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="" joined="" command=lint
    COMPREPLY=()
    (( COMP_CWORD > 0 )) && prev="${COMP_WORDS[COMP_CWORD-1]}"
    if [[ $cur == = ]]; then
        cur="" joined=1
    elif [[ $prev == = ]] && (( COMP_CWORD > 1 )); then
        prev="${COMP_WORDS[COMP_CWORD-2]}" joined=1
    fi
    if (( COMP_CWORD > 1 )); then
        case "${COMP_WORDS[1]}" in
            lint|why|diagnose|context|explain|rules|policies|init|doctor|completion) command="${COMP_WORDS[1]}" ;;
        esac
    fi
    case "$command $prev" in
        "lint --format") _meshlint_words "text concise json sarif github gitlab junit azure rdjson markdown html" "$cur"; return ;;
        "lint --output") _meshlint_words "text concise json sarif github gitlab junit azure rdjson markdown html" "$cur"; return ;;
        "lint --sarif-category") return ;;
        "lint --fail-on") _meshlint_words "error warning note" "$cur"; return ;;
        "lint -n"|"lint --namespace") return ;;
        "lint --new-since") return ;;
        "lint --color") _meshlint_words "auto always never" "$cur"; return ;;
        "lint --config") _meshlint_files "$cur"; return ;;
        "lint --rev") return ;;
        "lint --context") _meshlint_files "$cur"; return ;;
        "lint --platform") _meshlint_files "$cur"; return ;;
        "lint --cluster") return ;;
        "lint --select") _meshlint_words "$_meshlint_rules" "$cur"; return ;;
        "lint --ignore") _meshlint_words "$_meshlint_rules" "$cur"; return ;;
        "lint --profile") _meshlint_words "application default proven strict" "$cur"; return ;;
        "lint --baseline") _meshlint_files "$cur"; return ;;
        "lint --fix") if [[ $joined ]]; then _meshlint_words "safe unsafe" "$cur"; return; fi ;;
        "why -n"|"why --namespace") return ;;
        "why --format") _meshlint_words "text markdown json mermaid" "$cur"; return ;;
        "why --since") return ;;
        "why --config") _meshlint_files "$cur"; return ;;
        "why --rev") return ;;
        "why --context") _meshlint_files "$cur"; return ;;
        "why --platform") _meshlint_files "$cur"; return ;;
        "why --cluster") return ;;
        "diagnose --format") _meshlint_words "text markdown json" "$cur"; return ;;
        "diagnose -n"|"diagnose --namespace") return ;;
        "diagnose --config") _meshlint_files "$cur"; return ;;
        "diagnose --rev") return ;;
        "diagnose --context") _meshlint_files "$cur"; return ;;
        "diagnose --platform") _meshlint_files "$cur"; return ;;
        "diagnose --cluster") return ;;
        "context -o"|"context --output") _meshlint_files "$cur"; return ;;
        "context --name") return ;;
        "context --config") _meshlint_files "$cur"; return ;;
        "context --rev") return ;;
        "context --context") _meshlint_files "$cur"; return ;;
        "context --platform") _meshlint_files "$cur"; return ;;
        "context --cluster") return ;;
        "explain --format") _meshlint_words "text markdown json" "$cur"; return ;;
        "explain --config") _meshlint_files "$cur"; return ;;
        "rules --format") _meshlint_words "text markdown json" "$cur"; return ;;
        "rules --family") _meshlint_words "document labels revisions webhooks leftovers control_plane proxy gitops" "$cur"; return ;;
        "rules --profile") _meshlint_words "application default proven strict" "$cur"; return ;;
        "rules --config") _meshlint_files "$cur"; return ;;
        "policies --format") _meshlint_words "text json" "$cur"; return ;;
        "policies --config") _meshlint_files "$cur"; return ;;
        "doctor --format") _meshlint_words "text json" "$cur"; return ;;
    esac
    if [[ $cur == -* ]]; then
        case "$command" in
            lint) _meshlint_words "-h --help --version --format --output --sarif-category --fail-on --exit-zero --allow-empty -n --namespace --new-since --color -q --quiet -v --verbose --config --no-config --rev --staged --tracked --helm --no-helm --kustomize --no-kustomize --no-cache --context --platform --cluster --select --ignore --profile --show-suppressed --baseline --no-baseline --write-baseline --prune-baseline --fix --diff" "$cur" ;;
            why) _meshlint_words "-h --help -n --namespace --all --format --since -v --verbose --config --no-config --rev --staged --tracked --helm --no-helm --kustomize --no-kustomize --no-cache --context --platform --cluster" "$cur" ;;
            diagnose) _meshlint_words "-h --help --list --format -n --namespace -q --quiet -v --verbose --config --no-config --rev --staged --tracked --helm --no-helm --kustomize --no-kustomize --no-cache --context --platform --cluster" "$cur" ;;
            context) _meshlint_words "-h --help -o --output --name --complete -q --quiet -v --verbose --config --no-config --rev --staged --tracked --helm --no-helm --kustomize --no-kustomize --no-cache --context --platform --cluster" "$cur" ;;
            explain) _meshlint_words "-h --help --format --config --no-config" "$cur" ;;
            rules) _meshlint_words "-h --help --format --family --profile --config --no-config" "$cur" ;;
            policies) _meshlint_words "-h --help --format --config --no-config" "$cur" ;;
            init) _meshlint_words "-h --help --stdout --force" "$cur" ;;
            doctor) _meshlint_words "-h --help --format" "$cur" ;;
            completion) _meshlint_words "-h --help" "$cur" ;;
        esac
        return
    fi
    if (( COMP_CWORD == 1 )); then
        _meshlint_words "lint why diagnose context explain rules policies init doctor completion" "$cur"
    fi
    case "$command" in
        lint) _meshlint_files "$cur" ;;
        why) _meshlint_files "$cur" ;;
        diagnose) _meshlint_files "$cur" ;;
        context) _meshlint_files "$cur" ;;
        explain) _meshlint_words "$_meshlint_rules" "$cur" ;;
        policies) _meshlint_words "test list checks" "$cur"; _meshlint_files "$cur" ;;
        init) _meshlint_files "$cur" ;;
        doctor) _meshlint_files "$cur" ;;
        completion) _meshlint_words "bash zsh fish" "$cur" ;;
    esac
}

complete -F _meshlint meshlint
