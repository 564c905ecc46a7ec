{{- define "vault.fullname" -}}
{{- .Values.fullnameOverride | default (printf "%s-operator" (.Release.Name | trimSuffix "-operator")) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "vault.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "vault.fullname" .) }}
{{- end }}

{{- define "vault.selector" -}}
app.kubernetes.io/name: medvault-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vault.operatorSelector" -}}
{{ include "vault.selector" . }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* Labels without a component: the template that includes them adds it. */}}
{{- define "vault.labels" -}}
{{ include "vault.selector" . }}
app.kubernetes.io/part-of: medvault
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "vault.operatorLabels" -}}
{{ include "vault.labels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* An image of (image values, default tag). */}}
{{- define "vault.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 1) }}
{{- end }}
{{- end }}
