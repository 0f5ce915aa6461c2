import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ProviderObserver, ProviderState } from '../controller/providers/observer.ts';

// Fewer than elsewhere, for each provider has all of them.
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
const labelNames = ['provider_kind', 'provider_namespace', 'provider'] as const;

type Labels = Readonly<Record<(typeof labelNames)[number], string>>;

/** Of each identity provider; only the replica that leads has any. */
export function providerMetrics(
  registry: Registry,
  states: () => Iterable<ProviderState>,
  isLeader: () => boolean,
): ProviderObserver {
  const registers = [registry];
  const gauge = (name: string, help: string, holds: (state: ProviderState) => boolean) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        if (!isLeader()) return;
        for (const state of states()) this.set(labelsOf(state.key), holds(state) ? 1 : 0);
      },
    });
  gauge(
    'keyturn_provider_ready',
    'Whether the condition Ready of the provider is True',
    ({ ready }) => ready,
  );
  gauge(
    'keyturn_provider_circuit_open',
    'Whether calls for applications are held back because the last ones failed',
    ({ circuitOpen }) => circuitOpen,
  );
  const requests = new Counter({
    name: 'keyturn_provider_requests_total',
    help: 'Requests to the provider, by status code; error: no complete answer came',
    labelNames: [...labelNames, 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'keyturn_provider_request_duration_seconds',
    help: 'How long the provider took',
    labelNames,
    buckets: BUCKETS,
    registers,
  });
  const codes = new Map<string, Set<string>>();
  return {
    answered(key, { status, seconds }) {
      const labels = labelsOf(key);
      const code = String(status);
      const known = codes.get(key) ?? new Set();
      codes.set(key, known.add(code));
      requests.inc({ ...labels, code });
      duration.observe(labels, seconds);
    },
    gone(key) {
      const labels = labelsOf(key);
      for (const code of codes.get(key) ?? []) requests.remove({ ...labels, code });
      if (codes.delete(key)) duration.remove(labels);
    },
  };
}

/** Of `OIDCProvider/<namespace>/<name>` or `ClusterOIDCProvider/<name>`. */
function labelsOf(key: string): Labels {
  const [kind = '', ...rest] = key.split('/');
  const [provider = '', namespace = ''] = rest.reverse();
  return { provider_kind: kind, provider_namespace: namespace, provider };
}
