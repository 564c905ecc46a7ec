{{- /* A pod that runs files/release.py: (root, command, ServiceAccount, environment). */}}
{{- define "vault.releasePod" -}}
{{- $ := index . 0 -}}
restartPolicy: Never
serviceAccountName: {{ index . 2 }}
securityContext:
  {{- include "vault.podSecurity" $ | nindent 2 }}
{{- include "vault.scheduling" $ }}
containers:
  - name: {{ index . 1 }}
    {{- include "vault.operatorImage" $ | nindent 4 }}
    command: [python, -c]
    args:
      - |
        {{- $.Files.Get "files/release.py" | nindent 8 }}
      - {{ index . 1 }}
    env:
      {{- range $name, $value := index . 3 }}
      - name: {{ $name }}
        value: {{ $value | quote }}
      {{- end }}
    resources:
      requests: {cpu: 10m, memory: 32Mi}
      limits: {memory: 64Mi}
    securityContext:
      {{- include "vault.containerSecurity" $ | nindent 6 }}
{{- end }}
