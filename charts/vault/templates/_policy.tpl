{{- /* A policy's head: (root, what follows its name, for which a policy is tried). */}}
{{- define "vault.policyHead" -}}
{{- $who := printf "system:serviceaccount:%s:%s" (index . 0).Release.Namespace (include "vault.serviceAccountName" (index . 0)) -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ include "vault.fullname" (index . 0) }}{{ index . 1 }}
  labels:
    {{- include "vault.operatorLabels" (index . 0) | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConditions:
    - name: operator
      expression: request.userInfo.username == '{{ $who }}'
{{- end }}

{{- /* A binding that refuses: (root, what follows its policy's name, what follows its own). */}}
{{- define "vault.policyBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "vault.fullname" (index . 0) }}{{ index . 1 }}{{ index . 2 }}
  labels:
    {{- include "vault.operatorLabels" (index . 0) | nindent 4 }}
spec:
  policyName: {{ include "vault.fullname" (index . 0) }}{{ index . 1 }}
  validationActions: [Deny]
{{- end }}

{{- /* Which parts of vaults a policy is tried for: (root, operations, whether Secrets are among them). */}}
{{- define "vault.policyRules" -}}
{{- $operations := index . 1 }}
{{- $secrets := index . 2 }}
{{- range $rule := include "vault.operatorRules" (index . 0) | fromYamlArray }}
{{- if and (has "create" $rule.verbs) (or $secrets (ne (first $rule.resources) "secrets")) }}
- apiGroups: {{ toJson $rule.apiGroups }}
  apiVersions: ["*"]
  operations: {{ toJson $operations }}
  resources: {{ toJson $rule.resources }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The parts after a vault's name in the names of Secrets that the operator makes. */}}
{{- define "vault.generatedSecrets" -}}
['keys', 'intake', 'database', 'database-logins', 'broker', 'broker-logins', 'cache', 'storage', 'storage-logins']
{{- end }}

{{- define "vault.policyVariables" -}}
- name: gone
  expression: request.operation == 'DELETE'
- name: part
  expression: "variables.gone ? oldObject : object"
- name: kind
  expression: request.kind.kind
- name: labels
  expression: "has(variables.part.metadata.labels) ? variables.part.metadata.labels : {}"
- name: vault
  expression: variables.labels[?'app.kubernetes.io/instance'].orValue('')
- name: owners
  expression: "has(variables.part.metadata.ownerReferences) ? variables.part.metadata.ownerReferences : []"
- name: pod
  expression: "!variables.gone && variables.kind in ['Deployment', 'StatefulSet', 'Job'] ? object.spec.template.spec : {}"
- name: volumes
  expression: "variables.pod.?volumes.orValue([])"
- name: containers
  expression: "variables.pod.?containers.orValue([]) + variables.pod.?initContainers.orValue([])"
{{- end }}

{{- /* Facts of one of the namespace's vaults, against which a part is tried. */}}
{{- define "vault.policyVault" -}}
- name: mine
  expression: params.metadata.name == variables.vault
- name: secrets
  expression: >-
    [params.spec.?whatsapp.?secretRef.?name, params.spec.?keys.?secretRef.?name]
    .map(one, one.orValue(''))
    + ['database', 'broker', 'cache', 'storage'].map(part,
    params.spec[?part].?external.?secretRef.?name.orValue(''))
    + {{ include "vault.generatedSecrets" . }}
    .map(part, variables.vault + '-' + part)
- name: images
  expression: >-
    [params.spec.?image.orValue('')] + ['database', 'broker', 'cache', 'storage', 'scanner']
    .map(part, params.spec[?part].?managed.?image.orValue(''))
- name: repositories
  expression: >-
    {{ concat (list .Values.services.image.repository "postgres" "rabbitmq" "valkey/valkey"
       "versity/versitygw" "clamav/clamav") .Values.admissionPolicy.repositories
       | toJson | replace "\"" "'" }}
{{- end }}
