import { Gauge, type Registry } from 'prom-client';
import type { Census } from '../controller/census.ts';

/** Gauges of what all applications amount to: only the replica that leads tells them. */
export function registerCensus(
  registry: Registry,
  takeCensus: () => Census,
  isLeader: () => boolean,
): void {
  const census = onceAtATime(takeCensus);
  const gauge = (name: string, help: string, value: (census: Census) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        if (isLeader()) this.set(value(census()));
        else this.remove();
      },
    });
  const gauges = (
    name: string,
    help: string,
    label: string,
    values: (census: Census) => Readonly<Record<string, number>>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        if (!isLeader()) return;
        for (const [key, value] of Object.entries(values(census())))
          this.set({ [label]: key }, value);
      },
    });
  gauges(
    'keyturn_applications',
    'OIDCApplications, by their condition Ready',
    'ready',
    ({ applications }) => ({ true: applications.ready, false: applications.notReady }),
  );
  gauge(
    'keyturn_previous_secrets_retained',
    'Previous client secrets still valid',
    ({ retained }) => retained,
  );
  gauge(
    'keyturn_revocations_overdue',
    'Applications of which a client secret is valid that should have ended',
    ({ revocations }) => revocations.overdue,
  );
  gauge(
    'keyturn_revocations_failing',
    'Applications of which ending the previous client secret failed and is tried again',
    ({ revocations }) => revocations.failing,
  );
  gauge(
    'keyturn_rotations_overdue',
    'Applications of which a rotation is due, not held, and not done',
    ({ rotations }) => rotations.overdue,
  );
  gauges(
    'keyturn_rotations_held',
    'Rotations that are due but held',
    'reason',
    ({ rotations }) => rotations.held,
  );
  gauges(
    'keyturn_applications_stalled',
    'Applications that need a change',
    'reason',
    ({ stalled }) => stalled,
  );
}

/** All gauges of a scrape are collected in one turn of the event loop: they share what is taken. */
function onceAtATime(takeCensus: () => Census): () => Census {
  let taken: Census | undefined;
  return () => {
    if (taken === undefined) {
      taken = takeCensus();
      queueMicrotask(() => {
        taken = undefined;
      });
    }
    return taken;
  };
}
