import { expect, test } from 'vitest';
import { clientSecrets, Scene } from '../controller/harness.ts';
import { issueAndRotate, whenEnded } from '../controller/steps.ts';
import { onTerminal } from './on-terminal.ts';
import { pluginIn } from './plugin.ts';

const ESCAPE = '\u001b[';

async function retained() {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  return { scene, first, revoke: ['revoke', 'web', '--wait', '--namespace', scene.namespace] };
}

test('on a terminal, revoke tells what it revokes and asks; a yes lets it', async () => {
  const { scene, revoke } = await retained();
  const { status } = await scene.application('web');
  const { code, shown } = await onTerminal(revoke, { answer: 'y\r' });
  expect(shown).toContain('Version 1, the previous client secret, is revoked.');
  expect(shown).toContain('When version 1 was last used is not known.');
  expect(shown).toContain(
    `Version 2, which took its place, has been out since ${status?.previousSecret?.retiredAt}`,
  );
  expect(shown).toContain('I understand and would like to continue [y/N]: ');
  expect(shown).toContain('web: version 2 is current, no previous one is valid.');
  expect(code).toBe(0);
  await whenEnded(scene, 'web', 'RetiredBefore');
});

test.for<[string, string]>([
  ['no', 'n\r'],
  ['nothing', '\r'],
  ['anything else', 'yes please\r'],
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('answered with %s, nothing is changed', async ([, answer]) => {
  const { scene, first, revoke } = await retained();
  const { code, shown } = await onTerminal(revoke, { answer });
  expect(shown).toContain('Not confirmed: nothing was changed.');
  expect(code).toBe(3);
  const { spec } = await scene.published('web', 2);
  expect(spec.revokeRetiredBefore).toBeUndefined();
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
});

test('with --yes nothing is asked, but what will happen is told', async () => {
  const { scene, revoke } = await retained();
  const { code, shown } = await onTerminal([...revoke, '--yes']);
  expect(code).toBe(0);
  expect(shown).toContain('Version 1, the previous client secret, is revoked.');
  expect(shown).not.toContain('continue');
  await whenEnded(scene, 'web', 'RetiredBefore');
});

test('colours are for terminals, unless NO_COLOR or TERM forbids them', async () => {
  const { scene } = await retained();
  const status = ['status', 'web', '--namespace', scene.namespace];
  expect((await onTerminal(status)).shown).toContain(ESCAPE);
  expect((await onTerminal(status, { env: { NO_COLOR: '1' } })).shown).not.toContain(ESCAPE);
  expect((await onTerminal(status, { env: { TERM: 'dumb' } })).shown).not.toContain(ESCAPE);
  const piped = await pluginIn(scene)('status web', { env: { TERM: 'xterm' } });
  expect(piped.stdout).not.toContain(ESCAPE);
});
