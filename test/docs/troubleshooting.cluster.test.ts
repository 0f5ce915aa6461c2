import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientSecrets, Scene } from '../controller/harness.ts';
import {
  base64,
  currentOf,
  issueAndRotate,
  whenCondition,
  whenEnded,
} from '../controller/steps.ts';
import { cluster } from '../setup/cluster.ts';
import { openShell } from './shell.ts';

test('an immutable Secret that is made anew as the page says is taken up, and a revoked value stays known', async () => {
  const page = readFileSync('docs/troubleshooting.md', 'utf8');
  const [, commands = ''] = /^### An immutable Secret$.*?```sh\n(.*?)```$/ms.exec(page) ?? [];
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', { immutable: true });
  await scene.edit('web', { revokePreviousSecret: true });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason: 'RevocationPending' });

  const shell = await openShell(cluster);
  for (const command of commands.trim().split('\n')) {
    const { code, printed } = await shell.run(command.replace('-n shop', `-n ${scene.namespace}`));
    expect(code, printed).toBe(0);
  }
  await whenEnded(scene, 'web', 'Requested');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  await scene.tamper('web', { data: { 'client-secret': base64(first) } });
  await scene.published('web', 3);
  expect(currentOf(await scene.secret('web'))).not.toBe(first);
});
