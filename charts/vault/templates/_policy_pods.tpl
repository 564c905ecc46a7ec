{{- /* The rules for a vault's pods; they also hold for parts without, whose lists are empty. */}}
{{- define "vault.policyOfPods" -}}
- expression: >-
    size(variables.containers) == 0
    || (object.spec.template.metadata.?labels[?'app.kubernetes.io/instance'].orValue('')
    == variables.vault && object.spec.template.metadata
    .?labels[?'app.kubernetes.io/name'].orValue('') == 'medvault')
  message: A vault's pods have the labels by which its network policies hold them.
- expression: >-
    !variables.pod.?hostNetwork.orValue(false) && !variables.pod.?hostPID.orValue(false)
    && !variables.pod.?hostIPC.orValue(false) && !variables.pod.?shareProcessNamespace.orValue(false)
    && !has(variables.pod.nodeName) && !has(variables.pod.hostAliases)
    && !has(variables.pod.dnsConfig)
    && variables.pod.?dnsPolicy.orValue('ClusterFirst') == 'ClusterFirst'
    && variables.containers.all(one, one.?ports.orValue([]).all(port, !has(port.hostPort)))
  message: A vault's pods share nothing with their node, and are found by nothing else.
- expression: >-
    size(variables.containers) == 0
    || (!variables.pod.?automountServiceAccountToken.orValue(true)
    && variables.pod.?serviceAccountName.orValue('default') in ['default', '', variables.vault])
  message: A vault's pods have no token, and no account but the vault's.
- expression: >-
    variables.volumes.all(one, has(one.emptyDir) || has(one.secret)
    || (has(one.configMap) && one.configMap.name.startsWith(variables.vault + '-'))
    || (has(one.projected) && one.projected.?sources.orValue([]).all(source, has(source.secret)
    || (has(source.configMap) && source.configMap.name.startsWith(variables.vault + '-')))))
    && (variables.gone || variables.kind != 'StatefulSet'
    || object.spec.?volumeClaimTemplates.orValue([]).all(one, one.metadata.name == 'data'))
  message: A vault's pods mount its own Secrets, settings and volumes, and nothing of a node.
- expression: >-
    size(variables.containers) == 0 || (variables.pod.?securityContext.?runAsNonRoot.orValue(false)
    && variables.pod.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault'
    && !has(variables.pod.securityContext.sysctls))
  message: A vault's pods run as no root, under the runtime's seccomp profile.
- expression: >-
    variables.containers.all(one, one.?securityContext.optMap(given,
    !given.?privileged.orValue(false) && !given.?allowPrivilegeEscalation.orValue(true)
    && given.?readOnlyRootFilesystem.orValue(false) && given.?runAsNonRoot.orValue(true)
    && given.?runAsUser.orValue(1) != 0 && !has(given.procMount) && !has(given.seccompProfile)
    && given.?capabilities.?drop.orValue([]) == ['ALL'] && !has(given.capabilities.add)).orValue(false))
  message: A vault's containers gain nothing and write nothing of their image.
- expression: >-
    variables.containers.all(one, !has(one.lifecycle) && !has(one.volumeDevices)
    && [one.?startupProbe, one.?livenessProbe, one.?readinessProbe]
    .all(probe, !probe.?exec.hasValue()))
  message: A vault's containers run nothing besides their command.
- expression: >-
    variables.containers.all(one, one.name in ['api', 'inbound', 'media', 'outbound', 'migrate', 'contract']
    ? one.?command.orValue([]) == ['medvault'] && one.?args.orValue([]) == {
    'api': ['api'],
    'inbound': ['worker', 'inbound'],
    'media': ['worker', 'media'],
    'outbound': ['worker', 'outbound'],
    'migrate': ['migrate'],
    'contract': ['migrate', '--contract']}[one.name]
    && one.?env.orValue([]).all(given, given.name.startsWith('MEDVAULT_'))
    : one.?command.orValue(['']).size() > 0 && one.?command.orValue([''])[0] in {
    'database': [''],
    'broker': [''],
    'cache': [''],
    'storage': [''],
    'folders': ['mkdir'],
    'scanner': ['sh', 'clamd'],
    'first-signatures': ['sh'],
    'signatures': ['freshclam']}[?one.name].orValue([]))
  message: A vault's containers run the commands of its parts.
{{- end }}
