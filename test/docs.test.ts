import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const troubleshooting = readFileSync('docs/troubleshooting.md', 'utf8');

/** PascalCase words in quotes: every reason is spelt so, and little else. */
function reasonsIn(files: string): string[] {
  const found = globSync(files).flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(
      /'((?:[A-Z][a-z]+){2,}|Retained|Revoked|Expired|Suspended|Published)'/g,
    ),
  ]);
  return [...new Set(found.map((match) => match[1] ?? ''))];
}

/** What is spelt like a reason but names steps, causes or conditions of the code's own. */
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
]);

test('every reason that a condition or an event can have is explained', () => {
  const reasons = [
    ...reasonsIn('src/controller/status/*.ts'),
    ...reasonsIn('src/controller/announce*.ts'),
    ...reasonsIn('src/controller/authority/{announce,trouble}.ts'),
    ...reasonsIn('src/rotation/decision.ts'),
  ].filter((reason) => !INTERNAL.has(reason));
  expect(reasons.length).toBeGreaterThan(25);
  expect(reasons.filter((reason) => !troubleshooting.includes(`\`${reason}\``))).toEqual([]);
});

test('every reason of a provider, and of a denied access to one, is explained', () => {
  const files = ['status', 'denials', 'prepare'].map(
    (name) => `src/controller/providers/${name}.ts`,
  );
  const reasons = [...files, 'src/providers/provider-error.ts']
    .flatMap(reasonsIn)
    .filter((reason) => !NEVER_A_PROVIDERS.has(reason));
  reasons.push(...['Checked', 'RateLimited']);
  expect(new Set(reasons).size).toBeGreaterThan(10);
  expect(reasons.filter((reason) => !troubleshooting.includes(`\`${reason}\``))).toEqual([]);
});

/** What only a call for one client ends with, and names of other things. */
const NEVER_A_PROVIDERS = new Set([
  'PingOne',
  'ProviderError',
  'ProviderBusy',
  'ClientNotFound',
  'NotOIDCApplication',
  'NotConfidentialClient',
  'RotationPolicyMissing',
]);

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
