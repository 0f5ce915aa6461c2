import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { document } from '../../../src/cli/render/document.ts';

const HOSTILE = 'gone\u001b[2J\u007f\u009b1m\u2028\u202e';
const content = {
  message: HOSTILE,
  lines: `first ${HOSTILE}\nsecond`,
  [HOSTILE]: 'name',
  calm: 'first\nsecond\n',
};

test.for(['json', 'yaml'] as const)(
  '%s steers no terminal, and says what it was given',
  (format) => {
    const text = document(content, format);
    expect(text).toMatch(/^[\n -~]+$/);
    expect(parse(text)).toEqual(content);
  },
);

test('lines without such characters stay lines in YAML', () => {
  expect(document(content, 'yaml')).toContain('calm: |\n  first\n  second\n');
});
