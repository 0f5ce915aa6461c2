import { describe, expect, onTestFinished, test } from 'vitest';
import {
  EventRecorder,
  type EventRecorderOptions,
  type RecordedEvent,
} from '../../src/kubernetes/event-recorder.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { ManualClock } from './manual-clock.ts';
import { answer, answerStatus, type Script, scriptedServer } from './scripted-server.ts';

const rotated: RecordedEvent = {
  regarding: {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    namespace: 'shop',
    name: 'web',
    uid: 'u-1',
  },
  type: 'Normal',
  reason: 'Rotated',
  action: 'Rotate',
  note: 'version 2 was issued',
};

async function recorderFor(script: Script, options: Partial<EventRecorderOptions> = {}) {
  const server = await scriptedServer(script);
  const transport = createTransport({ kubeConfig: server.kubeConfig });
  onTestFinished(() => transport.close());
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const recorder = new EventRecorder({
    transport,
    reportingController: 'keyturn.dev/operator',
    reportingInstance: 'keyturn-0',
    clock,
    random: () => 0,
    onError: (error) => errors.push(error),
    ...options,
  });
  const sent = () =>
    server.requests.map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) }));
  return { recorder, clock, errors, sent };
}

const accept: Script = (_, response) => answer(response, 201, {});

describe('an event', () => {
  test('is created in the namespace of its object', async () => {
    const { recorder, clock, sent } = await recorderFor(accept);
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(sent()).toEqual([
      {
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/shop/events',
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
          eventTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
          reportingController: 'keyturn.dev/operator',
          reportingInstance: 'keyturn-0',
          action: 'Rotate',
          reason: 'Rotated',
          type: 'Normal',
          note: 'version 2 was issued',
          regarding: rotated.regarding,
        },
      },
    ]);
  });

  test('of an object without a namespace goes to default, and keeps within the limits', async () => {
    const { recorder, sent } = await recorderFor(accept, { reportingInstance: 'i'.repeat(200) });
    const { namespace: _, ...regarding } = { ...rotated.regarding, name: `${'n'.repeat(240)}.-x` };
    recorder.record({ ...rotated, regarding, note: 'ü'.repeat(600), reason: 'R'.repeat(200) });
    await recorder.flush(30_000);
    const [created] = sent();
    expect(created?.path).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
    expect(created?.body.metadata.name).toMatch(/^n{236}\.[0-9a-f]{16}$/);
    expect(Buffer.byteLength(created?.body.note)).toBeLessThanOrEqual(1024);
    expect(created?.body.note).toMatch(/^ü{510}…$/);
    expect(Buffer.byteLength(created?.body.reason)).toBeLessThanOrEqual(128);
    expect(Buffer.byteLength(created?.body.reportingInstance)).toBeLessThanOrEqual(128);
  });
});

describe('equal events', () => {
  test('are counted on the first one', async () => {
    const { recorder, clock, sent } = await recorderFor(accept);
    recorder.record(rotated);
    await recorder.flush(30_000);
    clock.advance(5 * 60_000);
    recorder.record({ ...rotated, regarding: { ...rotated.regarding, resourceVersion: '7' } });
    await recorder.flush(30_000);
    const [created, patched] = sent();
    expect(patched).toEqual({
      method: 'PATCH',
      path: `/apis/events.k8s.io/v1/namespaces/shop/events/${created?.body.metadata.name}`,
      body: {
        series: {
          count: 2,
          lastObservedTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
        },
      },
    });
    expect(sent()).toHaveLength(2);
  });

  test('that come while one is being sent go together', async () => {
    const { recorder, sent } = await recorderFor(accept);
    for (let count = 0; count < 50; count += 1) recorder.record(rotated);
    await recorder.flush(30_000);
    expect(sent().length).toBeLessThanOrEqual(3);
    expect(sent().at(-1)?.body.series.count).toBe(50);
  });

  test('more than six minutes apart are separate, as are those that differ', async () => {
    const { recorder, clock, sent } = await recorderFor(accept);
    recorder.record(rotated);
    await recorder.flush(30_000);
    clock.advance(6 * 60_000 + 1);
    recorder.record(rotated);
    recorder.record({ ...rotated, note: 'version 3 was issued' });
    recorder.record({ ...rotated, regarding: { ...rotated.regarding, uid: 'u-2' } });
    await recorder.flush(30_000);
    expect(sent().map(({ method }) => method)).toEqual(Array(4).fill('POST'));
  });

  test('whose object is gone make a new one', async () => {
    const { recorder, sent } = await recorderFor(({ method }, response) => {
      if (method === 'PATCH') answerStatus(response, 404, 'NotFound');
      else answer(response, 201, {});
    });
    recorder.record(rotated);
    await recorder.flush(30_000);
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST', 'PATCH']);
  });
});

describe('faults', () => {
  test('that pass are waited for', async () => {
    const statuses = [503, 429, 201];
    const { recorder, errors, sent } = await recorderFor((_, response) => {
      answer(response, statuses.shift() ?? 201, {});
    });
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(sent()).toHaveLength(3);
    expect(errors).toEqual([]);
  });

  test('that do not pass are reported, and the next event is sent', async () => {
    const { recorder, errors, sent } = await recorderFor(({ body }, response) => {
      if (body.includes('refused')) answerStatus(response, 403, 'Forbidden');
      else answer(response, 201, {});
    });
    recorder.record({ ...rotated, note: 'refused' });
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(errors.map(String)).toEqual(['ApiError: told: Forbidden']);
    expect(sent()).toHaveLength(2);
  });

  test('an event whose first answer was lost is not sent twice', async () => {
    const { recorder, errors } = await recorderFor((_, response) => {
      answerStatus(response, 409, 'AlreadyExists');
    });
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(errors).toEqual([]);
  });

  test('recording goes on while nothing can be sent; the oldest are dropped and counted', async () => {
    let dropped = 0;
    const release = Promise.withResolvers<void>();
    const { recorder, sent } = await recorderFor(
      async (_, response) => {
        await release.promise;
        answer(response, 201, {});
      },
      {
        capacity: 10,
        onDrop: () => {
          dropped += 1;
        },
      },
    );
    for (let index = 0; index < 30; index += 1) recorder.record({ ...rotated, note: `${index}` });
    const inFlight = 8;
    expect(dropped).toBe(30 - 10 - inFlight);
    await recorder.flush(50);
    release.resolve();
    await recorder.flush(30_000);
    const newest = Array.from({ length: 10 }, (_, index) => `${index + 20}`);
    const notes = sent().map(({ body }) => body.note);
    expect(notes).toHaveLength(10 + inFlight);
    expect(notes).toEqual(expect.arrayContaining(newest));
  });

  test('events wait while there is more important work', async () => {
    let asked = 0;
    const isBusy = () => {
      asked += 1;
      return true;
    };
    const { recorder, sent } = await recorderFor(accept, { isBusy });
    const startedAt = performance.now();
    for (let index = 0; index < 5; index += 1) recorder.record({ ...rotated, note: `${index}` });
    await expect.poll(() => sent().length, { timeout: 30_000 }).toBe(5);
    expect(asked).toBe(5);
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });

  test('where too many wait they are sent at once, several at a time, each once', async () => {
    const release = Promise.withResolvers<void>();
    let atOnce = 0;
    const { recorder, sent } = await recorderFor(
      async (_, response) => {
        atOnce += 1;
        await release.promise;
        answer(response, 201, {});
      },
      { capacity: 100, isBusy: () => true },
    );
    for (let index = 0; index < 90; index += 1) recorder.record({ ...rotated, note: `${index}` });
    await expect.poll(() => atOnce).toBeGreaterThan(5);
    release.resolve();
    await recorder.flush(30_000);
    const notes = sent().map(({ body }) => body.note);
    expect(notes.toSorted()).toEqual(
      Array.from({ length: 90 }, (_, index) => `${index}`).toSorted(),
    );
    recorder.record(rotated);
    await recorder.flush(30_000);
    expect(sent()).toHaveLength(91);
  });

  test('at the end none waits for other work', async () => {
    let asked = 0;
    const isBusy = () => {
      asked += 1;
      return true;
    };
    const { recorder, sent } = await recorderFor(accept, { isBusy });
    for (let index = 0; index < 100; index += 1) recorder.record({ ...rotated, note: `${index}` });
    await recorder.flush(30_000);
    expect(sent()).toHaveLength(100);
    expect(asked).toBeLessThan(10);
  });

  test('an event that makes no sense is reported, not thrown', async () => {
    const { recorder, errors } = await recorderFor(accept);
    recorder.record({ ...rotated, regarding: { ...rotated.regarding, namespace: '' } });
    await recorder.flush(30_000);
    expect(errors).toHaveLength(1);
  });
});

test('flush with nothing recorded returns at once', async () => {
  const { recorder } = await recorderFor(accept);
  await recorder.flush(30_000);
});
