import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { Scene } from '../controller/harness.ts';
import { issue } from '../controller/steps.ts';
import { builtPrograms } from '../process/bundle.ts';
import { cluster } from '../setup/cluster.ts';
import { execute } from '../testbed/execute.ts';
import { keyturn, stdoutOf } from './plugin.ts';

/** An environment in which the plugin is installed: in a folder of the PATH, by its name. */
async function installed(folder: string): Promise<{ PATH: string; KUBECONFIG: string }> {
  const directory = await builtPrograms();
  const bin = join(directory, folder);
  mkdirSync(bin);
  symlinkSync(join(directory, 'kubectl-keyturn.mjs'), join(bin, 'kubectl-keyturn'));
  const completion = join(bin, 'kubectl_complete-keyturn');
  writeFileSync(completion, stdoutOf(await keyturn(['completion', 'kubectl'])));
  chmodSync(completion, 0o755);
  return {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    KUBECONFIG: cluster.adminKubeConfig.path,
  };
}

test('kubectl finds the plugin and passes on its words and its exit code', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const env = await installed('as-plugin');
  const run = (...args: string[]) =>
    execute(cluster.address.kubectl, ['keyturn', ...args], { env });
  expect(stdoutOf(await run('--version'))).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(stdoutOf(await run('list', '-n', scene.namespace))).toContain('web');
  expect((await run('revoke', 'web', '-n', scene.namespace)).code).toBe(0);
  expect((await run('wait')).code).not.toBe(0);
});

test('kubectl completes commands, flags and names of applications', async () => {
  const scene = await Scene.start();
  for (const name of ['web', 'web-admin', 'api']) await issue(scene, name);
  const env = await installed('completing');
  const complete = async (...words: string[]) => {
    const args = ['__completeNoDesc', 'keyturn', ...words];
    return stdoutOf(await execute(cluster.address.kubectl, args, { env }))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(':'))
      .map((line) => line.split('\t')[0]);
  };
  expect(await complete('re')).toEqual(['revoke']);
  expect(await complete('rotate', '--re')).toEqual(['--retain', '--request-timeout']);
  expect(await complete('status', '-n', scene.namespace, 'w')).toEqual(['web', 'web-admin']);
});

test('bash completes names, but not one that is there already', async () => {
  const scene = await Scene.start();
  for (const name of ['web', 'web-admin', 'api']) await issue(scene, name);
  const env = await installed('in-bash');
  const complete = async (...words: string[]) => {
    const script = `source <(kubectl-keyturn completion bash)
      COMP_WORDS=(kubectl-keyturn "$@"); COMP_CWORD=$#; _kubectl_keyturn; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const run = await execute('bash', ['--norc', '-c', script, 'bash', ...words], { env });
    return stdoutOf(run).trimEnd().split('\n');
  };
  const namespace = `--namespace=${scene.namespace}`;
  expect(await complete('rotate', namespace, 'web', 'w')).toEqual(['web-admin']);
  expect(await complete('rotate', namespace, '')).toEqual(['api', 'web', 'web-admin']);
  expect(await complete('rotate', '--retain', '')).toEqual(['1d', '7d', '30d', 'none']);
});

test('where the cluster does not answer, no name is offered and nothing told', async () => {
  const run = await keyturn(['__complete', 'status', 'w'], { kubeconfig: '/nowhere' });
  expect(run).toEqual({ code: 0, stdout: ':4\n', stderr: '' });
});
