import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { codeBlocks, sectionsOf } from './markdown.ts';

/** The transitions of the diagram in docs/concepts.md. */
function transitions(): { from: string; to: string; label: string }[] {
  const [diagram] = sectionsOf('docs/concepts.md')
    .flatMap(({ lines }) => codeBlocks(lines))
    .filter(({ language }) => language === 'mermaid');
  const drawn = diagram?.content.matchAll(/^ +(\S+) --> (\S+?)(?:: (.+))?$/gm) ?? [];
  return [...drawn].map(([, from = '', to = '', label = '']) => ({ from, to, label }));
}

test('the diagram shows every reason for which a client secret ends, and no other', () => {
  const crd = parse(readFileSync('crds/keyturn.dev_oidcapplications.yaml', 'utf8'));
  const { status } = crd.spec.versions[0].schema.openAPIV3Schema.properties;
  const reasons = transitions().flatMap(({ to, label }) =>
    to === 'ended' ? [/\((\w+)\)$/.exec(label)?.[1]] : [],
  );
  expect(new Set(reasons)).toEqual(
    new Set(status.properties.lastRevocation.properties.reason.enum),
  );
});

test('the diagram shows no way back', () => {
  const order = ['[*]', 'current', 'previous', 'ended'];
  const steps = transitions().filter(({ to }) => to !== '[*]');
  expect(steps.length).toBeGreaterThan(10);
  expect(steps.filter(({ from, to }) => order.indexOf(to) <= order.indexOf(from))).toEqual([]);
  expect(transitions().filter(({ from }) => from === 'ended')).toHaveLength(1);
});
