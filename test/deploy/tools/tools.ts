import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Execution, execute } from '../../testbed/execute.ts';
import { goBuild } from '../../testbed/go.ts';
import { withFileLock } from '../../testbed/lock.ts';
import { cacheFolder, readModule } from '../../testbed/versions.ts';

interface Source {
  /** The Go module. */
  readonly module: string;
  readonly program: string;
  readonly tags?: readonly string[];
}

const TOOLS = {
  helm: { module: 'helm.sh/helm/v4', program: 'helm.sh/helm/v4/cmd/helm' },
  kubeconform: {
    module: 'github.com/yannh/kubeconform',
    program: 'github.com/yannh/kubeconform/cmd/kubeconform',
  },
  'kube-score': {
    module: 'github.com/zegl/kube-score',
    program: 'github.com/zegl/kube-score/cmd/kube-score',
  },
  promtool: {
    module: 'github.com/prometheus/prometheus',
    program: 'github.com/prometheus/prometheus/cmd/promtool',
    // Service discovery takes the client libraries of a score of clouds.
    tags: ['remove_all_sd'],
  },
} as const satisfies Record<string, Source>;

export type Tool = keyof typeof TOOLS;

/** The path of a tool, which is built from source once a machine. */
export async function ensureTool(tool: Tool): Promise<string> {
  const { module, program, tags }: Source = TOOLS[tool];
  const source = readModule(join(import.meta.dirname, tool), module);
  const folder = cacheFolder(`${tool}-${source.version}`);
  const path = join(folder, tool);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const waiting = () => process.stderr.write(`another process is building ${tool}\n`);
  await withFileLock(join(folder, 'build.lock'), waiting, async () => {
    if (existsSync(path)) return;
    const unfinished = join(folder, 'unfinished');
    await goBuild({
      label: tool,
      module: source,
      packages: [program],
      output: unfinished,
      ...(tags !== undefined && { tags }),
    });
    await rename(unfinished, path);
  });
  return path;
}

/** Runs a tool with no configuration of the machine's own. */
export async function runTool(
  tool: Tool,
  args: readonly string[],
  options: { readonly input?: string; readonly kubeconfig?: string } = {},
): Promise<Execution> {
  const home = cacheFolder('home');
  return await execute(await ensureTool(tool), args, {
    ...(options.input !== undefined && { input: options.input }),
    env: { HOME: home, XDG_CONFIG_HOME: home, KUBECONFIG: options.kubeconfig ?? '/dev/null' },
  });
}

if (import.meta.main) {
  for (const tool of ['helm', 'kubeconform', 'kube-score', 'promtool'] as const) {
    process.stdout.write(`${await ensureTool(tool)}\n`);
  }
}
