{{- /* The rules for every part of a vault, and for each kind of part but for its pods. */}}
{{- define "vault.policyOfParts" -}}
- expression: >-
    variables.vault != ''
    && variables.labels[?'app.kubernetes.io/name'].orValue('') == 'medvault'
    && variables.labels[?'app.kubernetes.io/managed-by'].orValue('') == 'medvault-operator'
    && (variables.part.metadata.name == variables.vault
    || variables.part.metadata.name.startsWith(variables.vault + '-'))
  message: The operator writes what has the name and the labels of a vault only.
- expression: >-
    variables.kind == 'Secret' || variables.owners.exists(one, one.kind == 'MedicalVault'
    && one.apiVersion.startsWith('medvault.dev/') && one.name == variables.vault
    && one.?controller.orValue(false))
  message: The operator writes what belongs to a vault only.
- expression: >-
    request.operation != 'UPDATE'
    || oldObject.metadata.?labels[?'app.kubernetes.io/managed-by'].orValue('') == 'medvault-operator'
    || oldObject.metadata.?ownerReferences.orValue([]).exists(one, one.kind == 'MedicalVault')
  message: The operator takes over nothing that somebody else has made.
- expression: >-
    variables.kind != 'Secret' || (request.operation == 'CREATE' && object.type == 'Opaque'
    && !has(object.metadata.annotations)
    && {{ include "vault.generatedSecrets" . }}
    .exists(part, object.metadata.name == variables.vault + '-' + part))
  message: The operator makes the Secrets of a vault's own parts, and changes none.
- expression: >-
    variables.gone || variables.kind != 'ServiceAccount'
    || (object.metadata.name == variables.vault && !has(object.secrets)
    && !object.?automountServiceAccountToken.orValue(true))
  message: A vault's account has no token.
- expression: >-
    variables.gone || variables.kind != 'Service'
    || (object.spec.?type.orValue('ClusterIP') == 'ClusterIP' && !has(object.spec.externalIPs)
    && !has(object.spec.externalName)
    && object.spec.?selector[?'app.kubernetes.io/instance'].orValue('') == variables.vault
    && object.spec.?selector[?'app.kubernetes.io/name'].orValue('') == 'medvault')
  message: A vault's Service leads to the vault's pods, from within the cluster.
- expression: >-
    variables.gone || !(variables.kind in ['NetworkPolicy', 'PodDisruptionBudget', 'ServiceMonitor',
    'Deployment', 'StatefulSet'])
    || (variables.kind == 'NetworkPolicy' ? object.spec.?podSelector : object.spec.?selector)
    .?matchLabels.optMap(one, one[?'app.kubernetes.io/instance'].orValue('') == variables.vault
    && one[?'app.kubernetes.io/name'].orValue('') == 'medvault').orValue(false)
  message: A part of a vault selects the vault's pods only.
- expression: >-
    variables.gone || !(variables.kind in ['HorizontalPodAutoscaler', 'ScaledObject'])
    || (object.spec.scaleTargetRef.kind == 'Deployment'
    && object.spec.scaleTargetRef.name == object.metadata.name)
  message: A vault's autoscaler scales the vault's Deployment of its own name.
- expression: >-
    variables.gone || variables.kind != 'ScaledObject' || object.spec.triggers.all(one,
    one.type == 'metrics-api' && !has(one.authenticationRef)
    && one.metadata.url == 'http://' + variables.vault + '-inbound.' + request.namespace
    + '.svc:9000/waiting')
  message: KEDA asks the vault's own pods how much work waits, and with no credential.
- expression: >-
    variables.gone || variables.kind != 'ServiceMonitor' || (!has(object.spec.namespaceSelector)
    && object.spec.endpoints.all(one, !has(one.bearerTokenFile)))
  message: A vault's monitor finds the vault's pods, and reads no file.
- expression: >-
    variables.gone || variables.kind != 'Ingress' || (!has(object.spec.defaultBackend)
    && object.spec.rules.all(rule, rule.http.paths.all(one, one.path == '/webhook/whatsapp'
    && one.pathType == 'Exact' && one.backend.?service.?name.orValue('') == variables.vault + '-api')))
  message: A vault's entrance leads to its webhook only.
- expression: >-
    variables.gone || variables.kind != 'HTTPRoute' || object.spec.rules.all(rule,
    !has(rule.filters) && rule.matches.all(one, one.path.type == 'Exact'
    && one.path.value == '/webhook/whatsapp') && rule.backendRefs.all(one, !has(one.namespace)
    && !has(one.filters) && one.name == variables.vault + '-api'))
  message: A vault's entrance leads to its webhook only.
{{- end }}
