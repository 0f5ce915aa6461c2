#!/bin/sh
# A local cluster in containers with Keyturn in it: kind.sh up|load|demo|down.
set -eu
cd "$(dirname "$0")/../.."

cluster=${KIND_CLUSTER:-keyturn}
context=kind-$cluster
kind_version=v0.33.0

fail() {
  echo "$*" >&2
  exit 1
}

# Prints the container engine that runs.
find_engine() {
  for candidate in docker podman nerdctl; do
    if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  fail 'No container engine runs, and kind needs one: start Docker or Podman.' \
    'Without containers, "make demo" shows the operator on a control plane of its own.'
}

run_kind() {
  if command -v kind >/dev/null; then
    kind "$@"
  elif command -v go >/dev/null; then
    go run "sigs.k8s.io/kind@$kind_version" "$@"
  else
    fail "Neither kind nor Go is in PATH: install kind (https://kind.sigs.k8s.io) or Go."
  fi
}

image() {
  awk '$1 == "image:" { print $2 }' deploy/install.yaml
}

command -v kubectl >/dev/null || fail 'kubectl is not in PATH: https://kubernetes.io/docs/tasks/tools'
engine=$(find_engine)
export KIND_EXPERIMENTAL_PROVIDER="$engine"

case ${1:-} in
  up)
    run_kind get clusters | grep -qx "$cluster" || run_kind create cluster --name "$cluster" --wait 120s
    ;;
  load)
    archive=$(mktemp)
    trap 'rm -f "$archive"' EXIT
    "$engine" build --tag "$(image)" .
    "$engine" save --output "$archive" "$(image)"
    run_kind load image-archive "$archive" --name "$cluster"
    ;;
  demo)
    kubectl --context "$context" apply --server-side -f deploy/install.yaml
    kubectl --context "$context" -n keyturn-system rollout status deployment/keyturn --timeout 120s
    KUBECTL="kubectl --context $context" deploy/kind/story.sh
    ;;
  down)
    run_kind delete cluster --name "$cluster"
    ;;
  *)
    fail 'usage: kind.sh up|load|demo|down'
    ;;
esac
