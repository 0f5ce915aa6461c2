import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { classify, parseMetrics, requestCounts, requestsBetween, total } from './metrics.ts';

test('what prom-client writes is read', async () => {
  const registry = new Registry();
  const labelNames = ['code', 'method', 'resource'];
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests {so "called"}',
    labelNames,
    registers,
  });
  new Counter({ name: 'plain_total', help: 'No labels', registers }).inc(1.5e-7);
  requests.inc({ code: '200', method: 'PATCH', resource: 'secrets' }, 40);
  requests.inc({ code: '409', method: 'PATCH', resource: 'secrets' }, 2);
  requests.inc({ code: '200', method: 'PATCH', resource: 'oidcapplications/status' }, 40);
  requests.inc({ code: '201', method: 'POST', resource: 'events' }, 7);
  requests.inc({ code: '200', method: 'PUT', resource: 'leases' }, 3);
  requests.inc({ code: '200', method: 'GET', resource: 'leases' });
  requests.inc({ code: '404', method: 'GET', resource: 'secrets' }, 5);

  const samples = parseMetrics(await registry.metrics());

  expect(total(samples, 'plain_total')).toBe(1.5e-7);
  expect(total(samples, 'absent_total')).toBe(0);
  const counts = requestCounts(samples);
  expect(counts['PATCH secrets']).toBe(42);
  expect(classify(counts)).toEqual({ writes: 82, reads: 5, events: 7, leases: 4 });
});

test('only what was sent in between is left', () => {
  const before = { 'PATCH secrets': 5, 'GET secrets': 2 };
  const after = { 'PATCH secrets': 5, 'GET secrets': 3, 'POST events': 1 };
  expect(requestsBetween(before, after)).toEqual({ 'GET secrets': 1, 'POST events': 1 });
});
