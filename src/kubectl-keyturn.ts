import { Failure } from './cli/failure.ts';
import { run } from './cli/run.ts';
import { processTerminal } from './cli/terminal.ts';
import { loadKubeConfig } from './kube-config.ts';
import { StartError } from './start-error.ts';
import { version } from './version.ts';

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2), {
  version,
  terminal: processTerminal(process),
  loadKubeConfig({ kubeconfig, context }) {
    try {
      return loadKubeConfig({ kubeconfig: kubeconfig || undefined, context: context || undefined });
    } catch (error) {
      throw error instanceof StartError ? new Failure(error.message) : error;
    }
  },
});
