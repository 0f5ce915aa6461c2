import { expect, test } from 'vitest';
import { startOperatorProcess } from '../process/operator-process.ts';
import { cluster, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { execute } from '../testbed/execute.ts';

test('what kind-demo shows: issued, rotated, revoked', async () => {
  const namespace = await testNamespace();
  const { path } = await operatorKubeConfig();
  const operator = await startOperatorProcess({
    args: [`--kubeconfig=${path}`, `--namespaces=${namespace}`],
  });
  await operator.untilReady();
  const { code, stdout, stderr } = await execute('deploy/kind/story.sh', [], {
    env: {
      NAMESPACE: namespace,
      KUBECTL: cluster.address.kubectl,
      KUBECONFIG: cluster.adminKubeConfig.path,
    },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const scenes = stdout.split(/^# .*$/m).slice(1);
  expect(scenes.map((scene) => scene.includes('previous-client-secret:'))).toEqual([
    false,
    true,
    false,
  ]);
  expect(stdout).toMatch(/^web +True +2 /m);
});
