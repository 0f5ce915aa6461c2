import { join } from 'node:path';

// What Keycloak's own bin/kc.sh passes, with a small heap and a quick start instead of throughput.
const vmOptions = [
  '-Xms64m',
  '-Xmx384m',
  '-XX:MaxMetaspaceSize=256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Dfile.encoding=UTF-8',
  '-Duser.language=en',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-Dpicocli.disable.closures=true',
  ...['java.lang', 'java.util', 'java.util.concurrent', 'java.security'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
];

/** The Java to run: JAVA_HOME's, else the one in PATH. */
export function java(): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

/**
 * The arguments that run a command of Keycloak in a folder that holds its distribution. kc.sh would
 * run Java as a child, which a SIGKILL would leave behind.
 */
export function javaArgs(home: string, command: readonly string[]): string[] {
  return [
    ...vmOptions,
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${join(home, 'conf')}`,
    '-cp',
    join(home, 'lib', 'quarkus-run.jar'),
    'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    ...command,
  ];
}
