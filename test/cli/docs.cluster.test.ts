import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import { Scene } from '../controller/harness.ts';
import { issue } from '../controller/steps.ts';
import { commandsOf } from '../docs/markdown.ts';
import { timeless } from '../docs/normalise.ts';
import { builtPrograms } from '../process/bundle.ts';
import { cluster, eventually } from '../setup/cluster.ts';
import { execute } from '../testbed/execute.ts';
import { onTerminal, PROMPT } from './on-terminal.ts';
import { appliedBy, labelled } from './plugin.ts';

function kubeconfigOf(namespace: string): string {
  const config = new KubeConfig();
  config.loadFromString(cluster.adminKubeConfig.kubeConfig.exportConfig());
  const [context] = config.getContexts();
  if (context === undefined) throw new Error('the kubeconfig has no context');
  config.contexts = [{ ...context, namespace }];
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-docs-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'config');
  writeFileSync(path, config.exportConfig(), { mode: 0o600 });
  return path;
}

/** Standard output and standard error in the order in which they were written. */
async function printedBy(args: readonly string[], kubeconfig: string): Promise<string> {
  const program = join(await builtPrograms(), 'kubectl-keyturn.mjs');
  const merging = ['-c', 'exec "$0" "$@" 2>&1', process.execPath, program, ...args];
  return (await execute('sh', merging, { env: { KUBECONFIG: kubeconfig } })).stdout;
}

test('every command of docs/kubectl.md prints what is written there', async () => {
  const scene = await Scene.start();
  await issue(scene, 'api');
  await issue(scene, 'web', { clientID: 'web-shop', rotation: { every: '720h' } });
  for (const name of ['api', 'web']) await labelled(scene, name, { team: 'shop' });
  const rotateAfter = '2026-01-01T00:00:00Z';
  await appliedBy('argocd-controller', scene, 'checkout', { rotation: { rotateAfter } });
  await scene.published('checkout', 1);
  const kubeconfig = kubeconfigOf(scene.namespace);

  const commands = commandsOf('docs/kubectl.md');
  let shown = 0;
  for (const { text, output } of commands) {
    if (output === undefined) continue;
    shown += 1;
    const args = text.split(' ').slice(2);
    const run = async () => {
      if (output.includes(PROMPT)) {
        const env = { KUBECONFIG: kubeconfig };
        return (await onTerminal(args, { answer: 'y\r', env })).shown;
      }
      return await printedBy(args, kubeconfig);
    };
    const check = async () => {
      const printed = (await run()).replaceAll(scene.namespace, 'shop');
      expect(timeless(printed), text).toBe(timeless(output));
    };
    // Events come a little later than what they tell of.
    if (args[0] === 'status') await eventually(check);
    else await check();
  }
  expect(shown).toBeGreaterThan(8);
});
