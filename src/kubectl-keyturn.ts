import { EXIT, Failure } from './cli/failure.ts';
import { run } from './cli/run.ts';
import { processTerminal } from './cli/terminal.ts';
import { loadKubeConfig } from './kube-config.ts';
import { StartError } from './start-error.ts';
import { version } from './version.ts';

// What is begun for many applications goes on to the last one, whether or not somebody still reads: a
// reader that has seen enough, such as head, is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = EXIT.failed;
  });
}

const exitCode = await run(process.argv.slice(2), {
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
process.exitCode ||= exitCode;
