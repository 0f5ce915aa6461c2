import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperatorProcess } from '../process/operator-process.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';
import { commandsOf } from './markdown.ts';
import { rollOut, runPods } from './pods.ts';
import { openShell } from './shell.ts';
import { prepare, walk } from './walk.ts';

let controlPlane: ControlPlane;

// An installation concerns the whole cluster, so the shared control plane does not do.
beforeAll(async () => {
  controlPlane = await startControlPlane();
}, 120_000);

afterAll(async () => {
  await controlPlane?.stop();
});

/** The tests go on from each other: what the quick start installs, uninstall.md removes. */
test('docs/quick-start.md, on an empty cluster', async () => {
  const shell = await openShell(controlPlane);
  let operator: OperatorProcess | undefined;
  const installed = async () => {
    operator = await runPods(controlPlane);
  };
  await walk(commandsOf('docs/quick-start.md'), shell, [[/install\.yaml/, installed]]);
  await operator?.end('SIGTERM');
}, 120_000);

test('docs/incident-response.md, where api and web are published, and web was rotated', async () => {
  const shell = await openShell(controlPlane, { withPlugin: true });
  const operator = await runPods(controlPlane);
  await prepare(shell, [
    'kubectl create namespace shop',
    applying('api', '{team: checkout}'),
    applying('web', '{team: checkout}'),
    'kubectl -n shop wait --for=condition=Ready oidcapp --all',
    'kubectl keyturn rotate web -n shop --wait',
  ]);
  await walk(commandsOf('docs/incident-response.md'), shell);
  // What was taken out of the Secret at last is replaced, as by any operator that comes back.
  await prepare(shell, [
    `kubectl -n shop wait --for=jsonpath='{.status.currentSecret.version}'=4 oidcapp/api`,
  ]);
  await operator.end('SIGTERM');
}, 120_000);

test('docs/rotating-without-an-outage.md, docs/backup-and-restore.md and docs/upgrade.md, where web was rotated', async () => {
  const shell = await openShell(controlPlane, { withPlugin: true });
  let operator = await runPods(controlPlane);
  await prepare(shell, [
    'kubectl -n shop delete oidcapp --all',
    'kubectl -n shop delete secret --all',
    applying('web', '{}'),
    'kubectl -n shop wait --for=condition=Ready oidcapp/web',
    'kubectl keyturn rotate web -n shop --wait',
  ]);
  await walk(commandsOf('docs/backup-and-restore.md'), shell);
  await walk(commandsOf('docs/rotating-without-an-outage.md'), shell);

  await prepare(shell, [
    `sed 's|keyturn.dev/keyturn:.*|registry.example.com/keyturn:0.0.1|' deploy/install.yaml | kubectl apply --server-side -f -`,
  ]);
  await rollOut(controlPlane);
  const secrets = () => shell.run('kubectl get secrets -n shop -o yaml');
  const before = await secrets();
  const replaced = async () => {
    const next = await runPods(controlPlane);
    await operator.end('SIGTERM');
    operator = next;
  };
  await walk(commandsOf('docs/upgrade.md'), shell, [[/install\.yaml/, replaced]]);
  expect(await secrets()).toEqual(before);
  await walk(commandsOf('docs/install.md', ['The revoke gate']), shell);
  const { printed } = await shell.run(
    "kubectl get deployment keyturn -n keyturn-system -o jsonpath='{.spec.template.spec.containers[*].image}'",
  );
  expect(printed).toMatch(/^registry\.example\.com\/keyturn:\d/);
  await prepare(shell, ['kubectl keyturn rotate web -n shop --wait']);
  await operator.end('SIGTERM');
}, 120_000);

test('docs/uninstall.md, "When it hangs": a finalizer, and no operator that would take it off', async () => {
  const shell = await openShell(controlPlane);
  await prepare(shell, [
    applying('stuck', '{}'),
    `kubectl -n shop patch oidcapp stuck --type=merge -p '{"metadata": {"finalizers": ["keyturn.dev/previous-client-secret"]}}'`,
    'kubectl -n shop delete oidcapp stuck --wait=false',
    'kubectl -n shop get oidcapp stuck',
  ]);
  await walk(commandsOf('docs/uninstall.md', ['When it hangs']), shell);
  expect((await shell.run('kubectl -n shop get oidcapp stuck')).printed).toContain('not found');
});

test('docs/uninstall.md: what goes, goes, and the Secrets stay', async () => {
  const shell = await openShell(controlPlane, { withPlugin: true });
  await prepare(shell, [
    'kubectl -n shop delete oidcapp --all',
    'kubectl -n shop delete secret --all',
    applying('api', '{}'),
    applying('web', '{}', 'deletionPolicy: Delete'),
  ]);
  const operator = await runPods(controlPlane);
  await prepare(shell, [
    'kubectl -n shop wait --for=condition=Ready oidcapp --all',
    'kubectl keyturn rotate web -n shop --wait',
  ]);
  await walk(commandsOf('docs/uninstall.md', ['For a while only', 'In which order']), shell, [
    [/--replicas=0$/, () => operator.end('SIGTERM')],
    [/--replicas=2$/, () => runPods(controlPlane)],
  ]);
  await prepare(shell, ['kubectl delete -k deploy/overlays/revoke-gate --ignore-not-found']);
  const gates = await shell.run('kubectl get validatingadmissionpolicies -o name');
  expect(gates.printed).not.toContain('keyturn');
}, 120_000);

/** The command that applies an application in the namespace shop. */
function applying(name: string, labels: string, spec = ''): string {
  return [
    "kubectl apply -f - <<'EOF'",
    'apiVersion: keyturn.dev/v1alpha1',
    'kind: OIDCApplication',
    `metadata: {name: ${name}, namespace: shop, labels: ${labels}}`,
    `spec: {${spec}}`,
    'EOF',
  ].join('\n');
}
