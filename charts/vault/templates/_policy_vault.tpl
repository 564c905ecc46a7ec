{{- /* The rules that hold a part to the vault that it belongs to. */}}
{{- define "vault.policyOfVault" -}}
- expression: >-
    !variables.mine || variables.owners.exists(one, one.uid == params.metadata.uid)
  message: The operator writes what belongs to a vault that is there.
- expression: >-
    !variables.mine || (variables.volumes.all(one,
    (!has(one.secret) || one.secret.secretName in variables.secrets)
    && one.?projected.?sources.orValue([]).all(source,
    !has(source.secret) || source.secret.name in variables.secrets))
    && variables.containers.all(one, !has(one.envFrom) && one.?env.orValue([]).all(given,
    !has(given.valueFrom) || given.valueFrom.?secretKeyRef.?name.orValue('') in variables.secrets)))
  message: A vault's pods read the Secrets that its spec names, and those made for it.
- expression: >-
    variables.containers.all(one, one.image in variables.images
    || variables.repositories.exists(known, one.image == known
    || one.image.startsWith(known + ':') || one.image.startsWith(known + '@')))
  message: >-
    A vault's pods run the images that its spec names, and those of admissionPolicy.repositories.
{{- end }}
