import { expect, onTestFinished, test } from 'vitest';
import { LeaderElector } from '../../src/kubernetes/leader-election.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, eventually, testNamespace } from '../setup/cluster.ts';

const durations = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 200 };

function candidate(namespace: string, identity: string) {
  const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
  const told: string[] = [];
  const errors: unknown[] = [];
  const elector = new LeaderElector({
    transport,
    namespace,
    name: 'keyturn',
    identity,
    ...durations,
    onStartedLeading: () => told.push('started'),
    onStoppedLeading: () => told.push('stopped'),
    onNewLeader: (leader) => told.push(`leader ${leader}`),
    onError: (error) => errors.push(error),
  });
  const abort = new AbortController();
  const running = elector.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
    await transport.close();
  };
  onTestFinished(stop);
  return { elector, told, errors, stop, transport, running };
}

test('one of two leads; when it stops, the other takes over without waiting', async () => {
  const namespace = await testNamespace();
  const first = candidate(namespace, 'first');
  await eventually(() => expect(first.elector.isLeader()).toBe(true));
  const second = candidate(namespace, 'second');
  await eventually(() => expect(second.told).toEqual(['leader first']));
  expect(second.elector.isLeader()).toBe(false);

  await first.stop();
  const releasedAt = performance.now();
  await eventually(() => expect(second.elector.isLeader()).toBe(true));
  expect(performance.now() - releasedAt).toBeLessThan(durations.leaseDurationMs);
  expect(first.told).toEqual(['leader first', 'started', 'stopped']);
  expect(second.told).toEqual(['leader first', 'leader second', 'started']);
  const lease = await adminClient.coordination.readNamespacedLease({ namespace, name: 'keyturn' });
  expect(lease.spec).toMatchObject({
    holderIdentity: 'second',
    leaseDurationSeconds: 3,
    // The release and the taking over.
    leaseTransitions: 1,
  });
  expect([...first.errors, ...second.errors]).toEqual([]);
});

test('a leader that falls silent is over before another starts', async () => {
  const namespace = await testNamespace();
  const first = candidate(namespace, 'first');
  await eventually(() => expect(first.elector.isLeader()).toBe(true));
  const second = candidate(namespace, 'second');
  await eventually(() => expect(second.told).toContain('leader first'));

  // Its requests fail from now on, as behind a broken network.
  await first.transport.close();
  await eventually(() => {
    expect([first.elector.isLeader(), second.elector.isLeader()]).not.toEqual([true, true]);
    expect(second.elector.isLeader()).toBe(true);
  });
  await first.running;
  expect(first.told.at(-1)).toBe('stopped');
});

test('many candidates, one leader', async () => {
  const namespace = await testNamespace();
  const candidates = ['a', 'b', 'c', 'd'].map((identity) => candidate(namespace, identity));
  const leaders = () => candidates.filter(({ elector }) => elector.isLeader());
  await eventually(() => expect(leaders()).toHaveLength(1));
  const [leader] = leaders();
  await leader?.stop();
  await eventually(() => {
    expect(leaders().length).toBeLessThanOrEqual(1);
    expect(leaders()).toHaveLength(1);
  });
});
