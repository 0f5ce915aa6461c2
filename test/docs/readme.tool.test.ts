import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureTool } from '../deploy/tools/tools.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';
import { codeBlocks, commandsOf, sectionsOf } from './markdown.ts';
import { runPods } from './pods.ts';
import { openShell } from './shell.ts';
import { prepare, walk } from './walk.ts';

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
}, 120_000);

afterAll(async () => {
  await controlPlane?.stop();
});

/** The complete example at the beginning. */
function example(): string {
  const [block] = sectionsOf('README.md')
    .flatMap(({ lines }) => codeBlocks(lines))
    .filter(({ language }) => language === 'yaml');
  if (block === undefined) throw new Error('README.md has no example');
  return block.content;
}

test('README.md: installed, then its example as it is after a rotation, then revoked', async () => {
  const shell = await openShell(controlPlane, { programs: { helm: await ensureTool('helm') } });
  const parts = [['Run it on a cluster'], ['Keyturn', 'Try it'], ['Rotate, revoke, respond']];
  const [installation = [], beginning = [], revocation = []] = parts.map((headings) =>
    commandsOf('README.md', headings),
  );
  const walked = [...installation, ...beginning, ...revocation];
  expect(walked).toHaveLength(commandsOf('README.md').length);

  await walk(installation, shell, [[/^helm install/, () => runPods(controlPlane)]]);
  writeFileSync(join(shell.clone, 'example.yaml'), example());
  await prepare(shell, [
    'kubectl create namespace shop',
    'kubectl apply -f example.yaml',
    'kubectl -n shop wait --for=condition=Ready oidcapp/web',
    `kubectl -n shop patch oidcapp web --type=merge -p "spec: {rotation: {rotateAfter: '$(date -u +%FT%T.%3NZ)'}}"`,
    `kubectl -n shop wait --for=jsonpath='{.status.currentSecret.version}'=2 oidcapp/web`,
  ]);
  await walk(beginning, shell);
  await prepare(shell, [
    `kubectl -n shop patch oidcapp web --type=merge -p 'spec: {revokePreviousSecret: true}'`,
  ]);
  await walk(revocation, shell);
}, 120_000);
