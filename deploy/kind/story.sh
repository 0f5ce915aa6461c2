#!/bin/sh
# Issues, rotates and revokes a client secret on the cluster that $KUBECTL talks to.
set -eu

namespace=${NAMESPACE:-keyturn-demo}

kubectl() {
  ${KUBECTL:-kubectl} --namespace "$namespace" "$@"
}

say() {
  printf '\n# %s\n' "$*"
}

show() {
  kubectl get oidcapp web
  kubectl describe secret web | sed -n '/^Data/,$p'
}

say 'An application gets a client secret.'
kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"
kubectl apply --filename - <<YAML
apiVersion: keyturn.dev/v1alpha1
kind: OIDCApplication
metadata:
  name: web
spec:
  rotation:
    retainPreviousFor: 24h
  revokePreviousSecret: false
YAML
kubectl wait --for=condition=Ready oidcapp/web --timeout 60s
show

say 'It is rotated: the secret before stays valid for 24 hours.'
# In whole seconds, now must not be before the first secret was issued.
sleep 1
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
kubectl patch oidcapp web --type merge --patch "{\"spec\": {\"rotation\": {\"rotateAfter\": \"$now\"}}}"
kubectl wait --for=condition=PreviousSecretRetained oidcapp/web --timeout 60s
show

say 'The secret before is revoked.'
kubectl patch oidcapp web --type merge --patch '{"spec": {"revokePreviousSecret": true}}'
kubectl wait --for=condition=PreviousSecretRetained=false oidcapp/web --timeout 60s
show
