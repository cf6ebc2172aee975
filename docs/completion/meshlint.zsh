#compdef meshlint
# Completion of meshlint for zsh: put it as _meshlint into a folder of $fpath.

_meshlint_command_lint() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:PATH:_files' \
        '*--version[show program'\''s version number and exit]' \
        '*--format=[what to write to standard output (default\: text)]:choice:(text concise json sarif github gitlab junit azure rdjson markdown html)' \
        '*--output=[a report and where to write it; may be given more than once]:FORMAT\[\:FILE\]:(text concise json sarif github gitlab junit azure rdjson markdown html)' \
        '*--sarif-category=[what tells this run from others in code scanning (default\: meshlint)]:NAME: ' \
        '*--fail-on=[exit with 1 from this severity on (default\: warning, or failOn of the configuration)]:choice:(error warning note)' \
        '*--exit-zero[exit with 0 although there are findings]' \
        '*--allow-empty[exit with 0 where there is nothing to check]' \
        '(-n --namespace)-n+[the namespace of objects that get none otherwise]:NS: ' \
        '(-n --namespace)--namespace=[the namespace of objects that get none otherwise]:NS: ' \
        '*--new-since=[report only what the merge base with this commit or branch does not have]:REV: ' \
        '*--color=[default\: auto]:choice:(auto always never)' \
        '(-q --quiet)-q[no summary on standard error]' \
        '(-q --quiet)--quiet[no summary on standard error]' \
        '(-v --verbose)-v[list every document that was not checked]' \
        '(-v --verbose)--verbose[list every document that was not checked]' \
        '*--config=[what Git does not show (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]' \
        '*--rev=[a commit, branch or tag; nothing is checked out]:REV: ' \
        '*--staged[what is staged for the next commit]' \
        '*--tracked[only files that Git tracks]' \
        '(--helm --no-helm)--helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--helm --no-helm)--no-helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--kustomize --no-kustomize)--kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '(--kustomize --no-kustomize)--no-kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '*--no-cache[render anew what was rendered before]' \
        '*--context=[what '\''meshlint context'\'' wrote of a platform repository; may be given more than once]:FILE:_files' \
        '*--platform=[the platform repository\: warn if FILE is out of date]:PATH:_files' \
        '*--cluster=[the one cluster of the snapshots that all is meant for]:NAME: ' \
        '*--select=[only these; may be given more than once]:RULES:_meshlint_rules' \
        '*--ignore=[not these; may be given more than once]:RULES:_meshlint_rules' \
        '*--profile=[severities for a purpose (default\: as the rules have them)]:NAME:(application default proven strict)' \
        '*--show-suppressed[report what is suppressed, too, with the reason; the exit code stays the same]' \
        '*--baseline=[report only what this file does not know (default\: '\''baseline'\'' of the configuration)]:FILE:_files' \
        '*--no-baseline[report known findings too]' \
        '*--write-baseline[write all findings to the file of --baseline (default\: .meshlint-baseline.json), and report none]' \
        '*--prune-baseline[take findings that are gone out of the file of --baseline]' \
        '*--fix=-[mend findings in their files, where it is safe; =unsafe\: also where somebody should look at the result]::unsafe:(safe unsafe)' \
        '*--diff[print what --fix would change, and change nothing]'
}

_meshlint_command_why() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:KIND/NAME, PATH:_files' \
        '(-n --namespace)-n+[the namespace of the workload, and of objects that get none otherwise]:NS: ' \
        '(-n --namespace)--namespace=[the namespace of the workload, and of objects that get none otherwise]:NS: ' \
        '*--all[a table of all workloads, with counts]' \
        '*--format=[default\: text]:choice:(text markdown json mermaid)' \
        '*--since=[what changes since the merge base with this commit or branch; names no workload]:REV: ' \
        '(-v --verbose)-v[tell which configuration is used]' \
        '(-v --verbose)--verbose[tell which configuration is used]' \
        '*--config=[what Git does not show (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]' \
        '*--rev=[a commit, branch or tag; nothing is checked out]:REV: ' \
        '*--staged[what is staged for the next commit]' \
        '*--tracked[only files that Git tracks]' \
        '(--helm --no-helm)--helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--helm --no-helm)--no-helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--kustomize --no-kustomize)--kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '(--kustomize --no-kustomize)--no-kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '*--no-cache[render anew what was rendered before]' \
        '*--context=[what '\''meshlint context'\'' wrote of a platform repository; may be given more than once]:FILE:_files' \
        '*--platform=[the platform repository\: warn if FILE is out of date]:PATH:_files' \
        '*--cluster=[the one cluster of the snapshots that all is meant for]:NAME: '
}

_meshlint_command_diagnose() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:FILE, PATH:_files' \
        '*--list[list the errors that meshlint knows, and end]' \
        '*--format=[default\: text]:choice:(text markdown json)' \
        '(-n --namespace)-n+[the namespace of objects that get none otherwise]:NS: ' \
        '(-n --namespace)--namespace=[the namespace of objects that get none otherwise]:NS: ' \
        '(-q --quiet)-q[no summary on standard error]' \
        '(-q --quiet)--quiet[no summary on standard error]' \
        '(-v --verbose)-v[list every document that was not checked]' \
        '(-v --verbose)--verbose[list every document that was not checked]' \
        '*--config=[what Git does not show (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]' \
        '*--rev=[a commit, branch or tag; nothing is checked out]:REV: ' \
        '*--staged[what is staged for the next commit]' \
        '*--tracked[only files that Git tracks]' \
        '(--helm --no-helm)--helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--helm --no-helm)--no-helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--kustomize --no-kustomize)--kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '(--kustomize --no-kustomize)--no-kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '*--no-cache[render anew what was rendered before]' \
        '*--context=[what '\''meshlint context'\'' wrote of a platform repository; may be given more than once]:FILE:_files' \
        '*--platform=[the platform repository\: warn if FILE is out of date]:PATH:_files' \
        '*--cluster=[the one cluster of the snapshots that all is meant for]:NAME: '
}

_meshlint_command_context() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:PATH:_files' \
        '(-o --output)-o+[where to write it (default\: standard output)]:FILE:_files' \
        '(-o --output)--output=[where to write it (default\: standard output)]:FILE:_files' \
        '*--name=[the name of the cluster, where there is one]:NAME: ' \
        '*--complete[the revisions and tags in sight are installed, and are all there are]' \
        '(-q --quiet)-q[no summary on standard error]' \
        '(-q --quiet)--quiet[no summary on standard error]' \
        '(-v --verbose)-v[tell which configuration is used]' \
        '(-v --verbose)--verbose[tell which configuration is used]' \
        '*--config=[what Git does not show (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]' \
        '*--rev=[a commit, branch or tag; nothing is checked out]:REV: ' \
        '*--staged[what is staged for the next commit]' \
        '*--tracked[only files that Git tracks]' \
        '(--helm --no-helm)--helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--helm --no-helm)--no-helm[render all charts with helm, offline (default\: those of '\''charts\:'\'' alone)]' \
        '(--kustomize --no-kustomize)--kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '(--kustomize --no-kustomize)--no-kustomize[build all kustomizations with kustomize or kubectl, offline (default\: no)]' \
        '*--no-cache[render anew what was rendered before]' \
        '*--context=[what '\''meshlint context'\'' wrote of a platform repository; may be given more than once]:FILE:_files' \
        '*--platform=[the platform repository\: warn if FILE is out of date]:PATH:_files' \
        '*--cluster=[the one cluster of the snapshots that all is meant for]:NAME: '
}

_meshlint_command_explain() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:RULE:_meshlint_rules' \
        '*--format=[default\: text]:choice:(text markdown json)' \
        '*--config=[where rules of your own are named (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]'
}

_meshlint_command_rules() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*--format=[default\: text]:choice:(text markdown json)' \
        '*--family=[only those of one family, such as labels]:FAMILY:(document labels revisions webhooks leftovers control_plane proxy gitops)' \
        '*--profile=[with the severities of a profile, without what is off]:NAME:(application default proven strict)' \
        '*--config=[where rules of your own are named (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]'
}

_meshlint_command_policies() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:{test,list,checks}:(test list checks)' \
        '*:PATH:_files' \
        '*--format=[default\: text]:choice:(text json)' \
        '*--config=[where rules of your own are named (default\: .meshlint.yaml of the work tree)]:FILE:_files' \
        '*--no-config[use no .meshlint.yaml]'
}

_meshlint_command_init() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:PATH:_files' \
        '*--stdout[print it, and write nothing]' \
        '*--force[write over the configuration that is there]'
}

_meshlint_command_doctor() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:PATH:_files' \
        '*--format=[default\: text]:choice:(text json)'
}

_meshlint_command_completion() {
    _arguments -s -S \
        '(-h --help)-h[show this help message and exit]' \
        '(-h --help)--help[show this help message and exit]' \
        '*:choice:(bash zsh fish)'
}

_meshlint_rules() {
    local -a rules
    rules=(MESH001 document-unreadable MESH002 document-duplicate-keys MESH003 label-not-string MESH004 suppression-unused MESH005 suppression-expired MESH006 suppression-malformed MESH101 namespace-injection-value MESH102 pod-inject-value MESH103 injection-key-misspelled MESH104 namespace-conflicting-labels MESH105 namespace-disabled-with-revision MESH106 pod-key-on-workload MESH107 injection-key-on-wrong-kind MESH108 namespace-annotation-not-label MESH109 cronjob-label-wrong-level MESH110 inject-label-against-annotation MESH111 pod-opt-in-blocked MESH112 injection-key-outside-labels MESH113 namespace-sidecar-and-ambient MESH114 istio-annotation-unknown MESH115 inject-annotation-ineffective MESH116 pod-revision-overridden MESH117 hostnetwork-not-injected MESH118 ignored-namespace-labelled MESH119 native-sidecar-value MESH120 inject-annotation-deprecated MESH121 job-in-injected-namespace MESH122 managed-proxy-label MESH130 namespace-not-labelled MESH131 annotation-misplaced MESH132 annotation-deprecated MESH133 namespace-injected-by-default MESH201 revision-unknown MESH202 revision-illegal-name MESH203 injection-without-default MESH204 tag-target-missing MESH205 helm-revision-default MESH206 tag-shadows-revision MESH207 asm-revision-against-image MESH208 istio-resource-revision-unknown MESH209 managed-and-incluster MESH301 webhook-cabundle-value MESH302 webhook-revision-label-missing MESH303 webhook-revision-inconsistent MESH304 webhook-hook-name-unpatchable MESH305 webhook-url-invalid MESH306 webhook-service-missing MESH307 webhook-cabundle-certificate MESH308 webhook-cabundle-differs MESH309 webhook-service-port MESH310 webhook-service-selects-nothing MESH311 webhook-path-wrong MESH312 webhook-host-not-in-certificate MESH313 webhook-name-inconsistent MESH314 webhook-hooks-inconsistent MESH315 webhook-cabundle-never-filled MESH316 webhook-selector-misplaced MESH317 webhook-cabundle-not-the-root MESH318 webhook-rules-miss-pods MESH401 webhook-leftover MESH402 webhooks-overlap MESH501 network-policy-blocks-webhook MESH502 firewall-blocks-webhook MESH503 network-policy-blocks-istiod MESH504 istiod-port-missing MESH510 istiod-scaled-to-zero MESH511 istiod-budget-blocks MESH512 istiod-selector-mismatch MESH513 istiods-share-revision MESH520 istiod-role-insufficient MESH521 istiod-binding-astray MESH522 istiod-service-account-missing MESH530 injector-config-incomplete MESH531 injector-config-unreadable MESH532 injector-policy-off MESH533 injector-template-broken MESH534 injector-selector-invalid MESH535 injector-config-outdated MESH536 injector-config-not-read MESH537 injector-image-skew MESH601 image-auto-not-injected MESH602 injection-annotation-invalid MESH603 injection-template-unknown MESH604 injected-output-committed MESH605 proxy-skew MESH606 gateway-template-missing MESH610 pod-without-proxy MESH620 discovery-address-invalid MESH621 discovery-address-port MESH622 discovery-address-revision MESH623 discovery-address-uncertified MESH624 discovery-address-service-missing MESH625 proxy-request-above-limit MESH626 application-runs-as-proxy MESH640 envoy-filter-incomplete MESH641 envoy-filter-value-refused MESH642 envoy-filter-match-refused MESH643 envoy-filter-field-unknown MESH644 envoy-filter-version-regex MESH645 envoy-filter-version-unmatched MESH646 envoy-filter-type-unknown MESH647 envoy-filter-config-untyped MESH648 envoy-filter-name-deprecated MESH649 envoy-filter-anchor-unknown MESH650 envoy-filter-behind-last MESH651 envoy-filter-operation-ignored MESH652 envoy-filter-order-unset MESH653 envoy-filter-conflict MESH654 envoy-filter-selector-empty MESH701 argo-ignore-without-respect MESH702 argo-heals-validator MESH703 gitops-replaces-webhooks MESH704 helm-cabundle-value MESH705 helm-tags-without-cabundle MESH706 helm-value-gone MESH707 validator-failure-policy-ignore MESH708 flux-force-deletes-webhook MESH709 webhook-cabundle-contested)
    compadd -a rules
}

_meshlint() {
    local -a commands
    commands=(
        'lint:finds what is broken; what runs without a command'
        'why:tells whether a workload is injected, by whom, and why'
        'diagnose:leads from an error text to the lines that cause it'
        'context:writes what a platform knows, to lint others against'
        'explain:shows one rule, or one error text, in full'
        'rules:lists all rules'
        'policies:tries and lists policies of your own'
        'init:writes a .meshlint.yaml from what stands in the tree'
        'doctor:checks the installation and what it works with'
        'completion:prints the completion script of a shell'
    )
    if (( CURRENT == 2 )); then
        [[ $words[2] == -* ]] || _describe -t commands command commands
        _meshlint_command_lint
        return
    fi
    case $words[2] in
        lint|why|diagnose|context|explain|rules|policies|init|doctor|completion)
            local command=$words[2]
            shift words
            (( CURRENT-- ))
            _meshlint_command_$command
            ;;
        *) _meshlint_command_lint ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _meshlint "$@"
else
    compdef _meshlint meshlint
fi
