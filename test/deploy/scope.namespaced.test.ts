import { expect, test } from 'vitest';
import { admitOperatorTo, cluster, testNamespace } from '../setup/cluster.ts';

async function mayOperator(...args: string[]): Promise<boolean> {
  const account = '--as=system:serviceaccount:keyturn-system:keyturn';
  const { stdout } = await cluster.kubectl(['auth', 'can-i', ...args, account]);
  return stdout.trim() === 'yes';
}

test('the operator has rights in the namespaces that it was let in, and in no other', async () => {
  const [chosen, other] = [await testNamespace(), await testNamespace()];
  await admitOperatorTo([chosen]);
  for (const resource of ['secrets', 'oidcapplications.keyturn.dev']) {
    expect(await mayOperator('list', resource, `--namespace=${chosen}`)).toBe(true);
    expect(await mayOperator('list', resource, `--namespace=${other}`)).toBe(false);
    expect(await mayOperator('list', resource, '--all-namespaces')).toBe(false);
  }
  expect(await mayOperator('get', 'secrets', '--namespace=keyturn-system')).toBe(false);
  expect(await mayOperator('create', 'leases', '--namespace=keyturn-system')).toBe(true);
});
