import { dirname } from 'node:path';
import { startControlPlane } from './control-plane.ts';

const controlPlane = await startControlPlane();
const { address, adminKubeConfig } = controlPlane;
process.stdout.write(
  `kube-apiserver runs on ${address.server} until Ctrl-C\n\n` +
    `export KUBECONFIG=${adminKubeConfig.path}\n` +
    `export PATH=${dirname(address.kubectl)}:$PATH\n`,
);
await new Promise((resolve) => {
  // A signal handler alone does not keep Node running.
  const keepAlive = setInterval(() => undefined, 2 ** 31 - 1);
  const end = () => resolve(clearInterval(keepAlive));
  process.once('SIGINT', end).once('SIGTERM', end);
});
await controlPlane.stop();
