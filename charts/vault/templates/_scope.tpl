{{- define "vault.everywhere" -}}
{{- if eq .Values.rbac.scope "cluster" }}true{{ end }}
{{- end }}

{{- /* The namespaces that are looked after, as JSON; not for the whole cluster. */}}
{{- define "vault.namespaces" -}}
{{- $own := list .Release.Namespace }}
{{- $named := .Values.watch.namespaces | default $own }}
{{- ternary (concat $named $own | uniq) $named .Values.vault.create | toJson }}
{{- end }}

{{- /*
Fails before an upgrade takes vaults away from an operator that looked after the whole cluster: until
0.1.0 that was the default. Without a cluster to look at, as `helm template` renders, nothing is known.
*/}}
{{- define "vault.losesNoVault" -}}
{{- if and .Values.watch.namespaces (include "vault.everywhere" .) }}
{{- fail "watch.namespaces and rbac.scope=cluster exclude each other: leave one of them out." }}
{{- end }}
{{- if and .Release.IsUpgrade (not (include "vault.everywhere" .)) }}
{{- $former := lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" (include "vault.fullname" .) }}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-name" "" $former }}
{{- $namespace := dig "metadata" "annotations" "meta.helm.sh/release-namespace" "" $former }}
{{- $mine := and (eq $release .Release.Name) (eq $namespace .Release.Namespace) }}
{{- if and $mine (.Capabilities.APIVersions.Has "medvault.dev/v1alpha1/MedicalVault") }}
{{- $named := .Values.watch.namespaces }}
{{- $lost := list }}
{{- range (lookup "medvault.dev/v1alpha1" "MedicalVault" "" "").items }}
{{- $named = append $named .metadata.namespace }}
{{- if not (has .metadata.namespace (include "vault.namespaces" $ | fromJsonArray)) }}
{{- $lost = append $lost .metadata.namespace }}
{{- end }}
{{- end }}
{{- if $lost }}
{{- fail (printf "The operator looked after the whole cluster, and would leave the vaults in: %s. Name all namespaces, --set 'watch.namespaces={%s}', or keep the whole cluster, --set rbac.scope=cluster." (join ", " ($lost | uniq)) (join "," ($named | uniq))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
