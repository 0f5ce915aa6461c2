import { type Api, pathOf } from './api.ts';
import type { Values } from './values.ts';

/** Where a value of a Secret is told that is no Secret's data: in applications and in events. */
export async function leaks(
  api: Api,
  values: Values,
  namespaces: readonly string[],
): Promise<string[]> {
  const paths = namespaces.flatMap((namespace) => [
    pathOf('application', namespace),
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  ]);
  const found = await Promise.all(
    paths.map(async (path) => {
      const { body } = await api.send('GET', path);
      const token = values.foundIn(JSON.stringify(body));
      return token === undefined ? [] : [`${path} tells the value ${token}`];
    }),
  );
  return found.flat();
}
