import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const troubleshooting = readFileSync('docs/troubleshooting.md', 'utf8');

/** PascalCase words in quotes: every reason is spelt so, and little else. */
function reasonsIn(files: string): string[] {
  const found = globSync(files).flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(
      /'((?:[A-Z]+[a-z]+){2,}|Retained|Revoked|Expired|Suspended|Published|Checked)'/g,
    ),
  ]);
  return [...new Set(found.map((match) => match[1] ?? ''))];
}

/** What is spelt like a reason but names steps, causes, errors or conditions of the code's own. */
const INTERNAL = new Set([
  'RevokePrevious',
  'DropStray',
  'RecordRefusals',
  'DeleteLeftover',
  'RotateAfter',
  'IssuedBefore',
  'RetiredBefore',
  'NoSecret',
  'ValueMissing',
  'FormerValue',
  'StepFailure',
  'ReadProvider',
  'BeginRotation',
  'SendRotation',
  'ConcludeRotation',
  'DropIntent',
  'RevokeAtProvider',
  'HoldDeletion',
  'ReleaseDeletion',
  'StillAccepted',
  'NotYetAccepted',
  'RotationUnclear',
  'RevocationUnclear',
  'CheckFailure',
  'ProviderError',
  'PingOne',
  'ClusterOIDCProvider',
]);

// The runtime knows no reasons, and the plugin makes none.
const spelt = reasonsIn('src/{rotation,controller,providers}/**/*.ts');

test('every reason that a condition or an event can have is explained', () => {
  const reasons = spelt.filter((reason) => !INTERNAL.has(reason));
  expect(reasons.length).toBeGreaterThan(55);
  expect(reasons.filter((reason) => !troubleshooting.includes(`\`${reason}\``))).toEqual([]);
  expect([...INTERNAL].filter((word) => !spelt.includes(word))).toEqual([]);
});

test('every reason that is explained is one that the code can give', () => {
  const firstCells = [...troubleshooting.matchAll(/^\| (`[A-Z][^|]*?) +\|/gm)];
  const explained = firstCells.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Za-z]+)`/g)].map(([, reason = '']) => reason),
  );
  expect(explained.length).toBeGreaterThan(60);
  expect(explained.filter((reason) => !spelt.includes(reason))).toEqual([]);
});

test('every attack of the threat model names tests, and each of them exists', () => {
  const [, ...attacks] = readFileSync('docs/security.md', 'utf8')
    .split('## Twelve attacks')[1]
    ?.split('\n## ')[0]
    ?.split(/^### /m) ?? [''];
  expect(attacks).toHaveLength(12);
  for (const attack of attacks) {
    const [title] = attack.split('\n');
    for (const part of ['Attack', 'Defence', 'Limit']) expect(attack).toContain(`- **${part}.** `);
    const tests = [...attack.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)];
    expect(tests.length, title).toBeGreaterThan(1);
    for (const [, file = '', name = ''] of tests) {
      const source = readFileSync(file, 'utf8');
      const titles = [`'${name}',`, `"${name}",`];
      expect(
        titles.some((quoted) => source.includes(quoted)),
        `${file}: ${name}`,
      ).toBe(true);
    }
  }
});
