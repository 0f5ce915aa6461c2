# Scripts run on the Node that package.json pins, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

ENGINE ?= docker
# The image that deploy/install.yaml names.
IMAGE ?= $(shell awk '$$1 == "image:" { print $$2 }' deploy/install.yaml)

.DEFAULT_GOAL := help
.PHONY: help build krew sbom check test test-deploy test-keycloak run demo generate testbed bench chaos fix clean \
	image kind-up kind-load kind-demo kind-down

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules

build: node_modules ## Bundle the operator and the kubectl plugin into dist/
	npm run --silent build

check: node_modules ## Types, lint, format, generated files, import directions, unused code
	npm run --silent check

test: node_modules ## All tests, against a real API server (the first run builds it)
	npm run --silent test

test-deploy: node_modules ## The Helm chart and the manifests, with tools of their own (the first run builds them)
	npm run --silent test:deploy

test-keycloak: node_modules ## The tests against a real Keycloak (takes Java 17 and Maven, which fetches it)
	npm run --silent test:keycloak

krew: build ## Pack the kubectl plugin for krew: dist/keyturn.yaml and the archive it is about
	node deploy/krew/package.ts

sbom: node_modules ## Bundle, and write what the bundles are made of: dist/keyturn.cdx.json (CycloneDX)
	node deploy/sbom/main.ts

run: build ## Run the operator against the current kubeconfig, in the foreground
	dist/keyturn.mjs

demo: build ## Issue, rotate, revoke and expire a client secret before your eyes (PROVIDER=keycloak, KEEP=1: leave it running)
	node test/demo/main.ts

generate: node_modules ## Write what is generated from crds/, deploy/ and package.json
	npm run --silent generate

testbed: node_modules ## Run a control plane alone until Ctrl-C, and print its kubeconfig
	node test/testbed/main.ts

bench: node_modules ## Measure against a bare client (N=1000,10000 ROUNDS=3, see docs/performance.md)
	node test/bench/main.ts

chaos: node_modules ## Let everything go wrong (SECONDS=600 SEED=… ROUNDS=…, see docs/development.md)
	npm run --silent chaos

fix: node_modules ## Format, and mend what the linter can
	npm run --silent fix

image: ## Build the container image (ENGINE=docker, IMAGE=registry.example.com/keyturn:0.1.0)
	$(ENGINE) build --tag $(IMAGE) .

kind-up: ## Start a local cluster in containers, with kind
	deploy/kind/kind.sh up

kind-load: ## Build the image and load it into that cluster
	deploy/kind/kind.sh load

kind-demo: ## Install Keyturn there, then issue, rotate and revoke a client secret
	deploy/kind/kind.sh demo

kind-down: ## Delete that cluster
	deploy/kind/kind.sh down

clean: ## Remove what was built, but not the control plane's binaries
	rm -rf dist coverage node_modules
