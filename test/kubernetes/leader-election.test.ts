import type { ServerResponse } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LeaderElector, type LeaderElectorOptions } from '../../src/kubernetes/leader-election.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { ManualClock } from './manual-clock.ts';
import { answer, answerStatus, type Script, scriptedServer } from './scripted-server.ts';

const soon = { timeout: 30_000 };

async function electorFor(script: Script, options: Partial<LeaderElectorOptions> = {}) {
  const server = await scriptedServer(script);
  const transport = createTransport({ kubeConfig: server.kubeConfig });
  const clock = new ManualClock();
  const told: string[] = [];
  const errors: unknown[] = [];
  const elector = new LeaderElector({
    transport,
    namespace: 'keyturn-system',
    name: 'keyturn',
    identity: 'me',
    leaseDurationMs: 3000,
    renewDeadlineMs: 2000,
    retryPeriodMs: 20,
    clock,
    random: () => 0,
    onStartedLeading: () => told.push('started'),
    onStoppedLeading: () => told.push('stopped'),
    onNewLeader: (identity) => told.push(`leader ${identity}`),
    onError: (error) => errors.push(error),
    ...options,
  });
  const abort = new AbortController();
  const running = elector.run(abort.signal);
  onTestFinished(async () => {
    abort.abort();
    await running;
    await transport.close();
  });
  return { elector, clock, told, errors, abort, running, requests: server.requests };
}

/** Echoes what is written, and says that nothing is there before. */
const grant: Script = ({ method, body }, response) => {
  if (method === 'GET') answerStatus(response, 404, 'NotFound');
  else answer(response, 200, JSON.parse(body));
};

const held = (response: ServerResponse, renewTime: string, transitions = 4): void =>
  answer(response, 200, {
    metadata: { name: 'keyturn', resourceVersion: '7', labels: { keep: 'me' } },
    spec: {
      holderIdentity: 'other',
      leaseDurationSeconds: 3,
      leaseTransitions: transitions,
      acquireTime: '2026-11-24T09:00:00.000000Z',
      renewTime,
      preferredHolder: 'nobody',
    },
  });

test.each([
  [{ leaseDurationMs: 10_000, renewDeadlineMs: 10_000 }],
  [{ renewDeadlineMs: 2400, retryPeriodMs: 2000 }],
])('durations that would make two leaders or none are refused: %j', (durations) => {
  const transport = createTransport({ kubeConfig: new KubeConfig() });
  expect(
    () =>
      new LeaderElector({
        transport,
        namespace: 'ns',
        name: 'n',
        identity: 'me',
        onStartedLeading: () => {},
        onStoppedLeading: () => {},
        ...durations,
      }),
  ).toThrow(RangeError);
});

describe('leading', () => {
  test('starts by creating the Lease and goes on by renewing it', async () => {
    const { elector, told, requests, clock } = await electorFor(grant);
    await expect.poll(() => told, soon).toEqual(['leader me', 'started']);
    expect(elector.isLeader()).toBe(true);
    const now = new Date(clock.now()).toISOString().replace('Z', '000Z');
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'keyturn', namespace: 'keyturn-system' },
      spec: {
        holderIdentity: 'me',
        leaseDurationSeconds: 3,
        leaseTransitions: 0,
        acquireTime: now,
        renewTime: now,
      },
    });
    clock.advance(500);
    await expect.poll(() => requests.at(-1)?.body, soon).toContain('10:00:00.500000Z');
    expect(JSON.parse(requests.at(-1)?.body ?? '').spec.acquireTime).toBe(now);
    expect(requests.map(({ method }) => method).slice(0, 3)).toEqual(['GET', 'POST', 'PUT']);
  });

  test('is over by the monotonic clock although no timer has fired, and for good', async () => {
    const { elector, told, clock, running, requests } = await electorFor(grant, {
      retryPeriodMs: 400,
    });
    await expect.poll(() => told, soon).toContain('started');
    const before = requests.length;
    clock.advance(1999);
    expect(elector.isLeader()).toBe(true);
    clock.advance(1);
    expect(elector.isLeader()).toBe(false);
    await running;
    expect(told).toEqual(['leader me', 'started', 'stopped']);
    expect(requests.length).toBe(before);
  });

  test('outlives faults shorter than the deadline, and ends with longer ones', async () => {
    let failing = false;
    const { elector, told, clock, errors, running } = await electorFor(
      (request, response, socket) => {
        if (failing) answerStatus(response, 503, 'ServiceUnavailable');
        else if (request.method === 'GET') held(response, 'x');
        else grant(request, response, socket);
      },
    );
    // The other's lease has not changed for its duration.
    await expect.poll(() => told, soon).toContain('leader other');
    clock.advance(3000);
    await expect.poll(() => told, soon).toContain('started');
    failing = true;
    await expect.poll(() => errors.length, soon).toBeGreaterThan(2);
    clock.advance(1000);
    expect(elector.isLeader()).toBe(true);
    clock.advance(1000);
    await running;
    expect(told.at(-1)).toBe('stopped');
  });

  test('ends although a renewal is granted, if that comes after the deadline', async () => {
    let lease = '';
    let slow = 0;
    const { elector, told, clock, running } = await electorFor((request, response, socket) => {
      if (request.method === 'GET' && lease !== '') {
        answer(response, 200, JSON.parse(lease));
      } else if (request.method === 'PUT' && slow === 1) {
        slow = 2;
        clock.advance(1000);
        answerStatus(response, 503, 'ServiceUnavailable');
      } else {
        if (slow === 2) clock.advance(1000);
        lease = request.body;
        grant(request, response, socket);
      }
    });
    await expect.poll(() => told, soon).toContain('started');
    slow = 1;
    await running;
    expect(elector.isLeader()).toBe(false);
    expect(told).toEqual(['leader me', 'started', 'stopped']);
  });

  test('starts at once where the Lease was released', async () => {
    const { told } = await electorFor((request, response, socket) => {
      if (request.method !== 'GET') grant(request, response, socket);
      else answer(response, 200, { spec: { holderIdentity: '', leaseDurationSeconds: 1 } });
    });
    await expect.poll(() => told, soon).toContain('started');
  });

  test('ends when another holds the Lease', async () => {
    let stolen = false;
    const { told, running } = await electorFor((request, response, socket) => {
      if (stolen && request.method === 'PUT') answerStatus(response, 409, 'Conflict');
      else if (stolen) held(response, 'now');
      else grant(request, response, socket);
    });
    await expect.poll(() => told, soon).toContain('started');
    stolen = true;
    await running;
    expect(told).toEqual(['leader me', 'started', 'leader other', 'stopped']);
  });

  test('ends with an abort, which releases the Lease after isLeader has turned false', async () => {
    const { elector, told, abort, running, requests } = await electorFor(grant);
    await expect.poll(() => told, soon).toContain('started');
    abort.abort();
    await running;
    expect(elector.isLeader()).toBe(false);
    expect(JSON.parse(requests.at(-1)?.body ?? '').spec).toMatchObject({
      holderIdentity: '',
      leaseDurationSeconds: 1,
    });
    expect(told.at(-1)).toBe('stopped');
  });
});

describe('waiting', () => {
  test("does not trust the other's clock, only how long its record stays the same", async () => {
    let renewTime = '2020-01-01T00:00:00.000000Z';
    const { elector, told, clock, requests } = await electorFor((request, response, socket) => {
      if (request.method === 'GET') held(response, renewTime);
      else grant(request, response, socket);
    });
    await expect.poll(() => told, soon).toEqual(['leader other']);
    clock.advance(2999);
    renewTime = '2020-01-01T00:00:02.000000Z';
    const seen = requests.length;
    await expect.poll(() => requests.length, soon).toBeGreaterThan(seen + 2);
    clock.advance(2999);
    const later = requests.length;
    await expect.poll(() => requests.length, soon).toBeGreaterThan(later + 2);
    expect(elector.isLeader()).toBe(false);
    clock.advance(1);
    await expect.poll(() => told, soon).toContain('started');
    const taken = JSON.parse(requests.find(({ method }) => method === 'PUT')?.body ?? '');
    expect(taken.metadata).toEqual({
      name: 'keyturn',
      resourceVersion: '7',
      labels: { keep: 'me' },
    });
    expect(taken.spec).toMatchObject({
      holderIdentity: 'me',
      leaseTransitions: 5,
      preferredHolder: 'nobody',
    });
  });

  test('ends with an abort, without a write', async () => {
    const { told, abort, running, requests } = await electorFor((_, response) => {
      held(response, 'x');
    });
    await expect.poll(() => told, soon).toContain('leader other');
    abort.abort();
    await running;
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(told).toEqual(['leader other']);
  });

  test('an answer that comes after the deadline makes no leader', async () => {
    let late = true;
    const { clock, told, requests } = await electorFor((request, response, socket) => {
      if (request.method === 'POST' && late) {
        late = false;
        clock.advance(2000);
      }
      grant(request, response, socket);
    });
    await expect.poll(() => told, soon).toEqual(['leader me', 'started']);
    const methods = requests.map(({ method }) => method);
    expect(methods.slice(0, 4)).toEqual(['GET', 'POST', 'GET', 'POST']);
  });
});
