import { expect, test } from 'vitest';
import { Report, type Result } from '../../../src/cli/render/results.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

type Outcome = Result['outcome'];

/** What a report prints, and the exit code that it ends with. */
function reported(results: readonly Result[], format?: 'json' | 'yaml') {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    paint: (style, text) => `<${style}>${text}`,
    ask: undefined,
  };
  const report = new Report(terminal, format);
  for (const result of results) report.add(result);
  return { code: report.end(), out, err };
}

const result = (outcome: Outcome, name = 'web'): Result => ({ name, outcome, message: 'so.' });

test.for<[Outcome, number]>([
  ['Requested', 0],
  ['Underway', 0],
  ['Reached', 0],
  ['NothingToDo', 0],
  ['Refused', 1],
  ['Failed', 1],
  ['NotReached', 4],
  ['AppliedElsewhere', 5],
])('%s ends with %d, and failures go to standard error', ([outcome, code]) => {
  const told =
    code === 0 ? { out: 'web: so.\n', err: '' } : { out: '', err: '<red>error: web: so.\n' };
  expect(reported([result(outcome)])).toEqual({ code, ...told });
});

test.for<[readonly Outcome[], number]>([
  [[], 0],
  [['Reached', 'NothingToDo'], 0],
  [['Reached', 'NotReached', 'NotReached'], 4],
  [['AppliedElsewhere', 'Requested'], 5],
  [['AppliedElsewhere', 'NotReached'], 1],
  [['Refused', 'AppliedElsewhere'], 1],
])('%j end with %d', ([outcomes, code]) => {
  expect(reported(outcomes.map((outcome) => result(outcome))).code).toBe(code);
});

test('a document tells of all at the end, on standard output alone', () => {
  const fields = [{ path: ['rotation', 'rotateAfter'], value: '2026-06-01T12:00:00.000Z' }];
  const results = [{ ...result('Requested'), fields }, result('Failed', 'api')];
  const { code, out, err } = reported(results, 'yaml');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toBe(`results:
  - name: web
    outcome: Requested
    message: so.
    set:
      rotation.rotateAfter: "2026-06-01T12:00:00.000Z"
  - name: api
    outcome: Failed
    message: so.
`);
});

test('a message neither steers the terminal nor loses its lines', () => {
  const { err } = reported([{ ...result('Failed'), message: 'first\u001b[2J\nsecond' }]);
  expect(err).toBe('<red>error: web: first\\u001b[2J\nsecond\n');
});
