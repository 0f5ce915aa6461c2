import { dirname } from 'node:path';
import type { Environment } from './environment.ts';
import { print } from './terminal.ts';

/** Prints how to go on by hand, in another terminal. */
export function printInvitation({ cluster, server }: Environment): void {
  const { address, adminKubeConfig } = cluster;
  print(
    '',
    'All of it runs until Ctrl-C. In another terminal:',
    '',
    `export KUBECONFIG=${adminKubeConfig.path}`,
    `export PATH=${dirname(address.kubectl)}:$PATH`,
    `# the issuer is ${server.issuer}`,
    '',
    '# rotate, and retain the previous secret for 10 minutes',
    'kubectl patch oidcapp web --type merge -p "spec: {revokePreviousSecret: false,',
    `  rotation: {retainPreviousFor: 10m, rotateAfter: '$(date -u +%FT%TZ)'}}"`,
    '# revoke the previous secret',
    'kubectl patch oidcapp web --type merge -p "spec: {revokePreviousSecret: true}"',
    '# look at all of it',
    'kubectl describe oidcapp web',
  );
}
