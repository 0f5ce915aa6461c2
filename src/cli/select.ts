import { isNotFound } from '../kubernetes/api-error.ts';
import type { Application } from './application.ts';
import { explain, Failure } from './failure.ts';
import { nearest } from './nearest.ts';
import type { Session } from './session.ts';

/** Which applications a command is about: by name, or by label selector. */
export interface Selection {
  readonly names: readonly string[];
  readonly selector?: string | undefined;
}

/**
 * Reads the applications. A name that is missing ends the command before anything is done, as it is
 * likely misspelt; so does a selector that selects nothing.
 */
export async function select(session: Session, selection: Selection): Promise<Application[]> {
  const { namespace, applications } = session;
  if (selection.selector !== undefined) {
    const found = await applications.list({ namespace, labelSelector: selection.selector });
    if (found.length > 0) return found;
    const where = `in namespace ${namespace} has the labels ${selection.selector}`;
    throw new Failure(`No OIDCApplication ${where}.`);
  }
  const names = [...new Set(selection.names.map(bareName))];
  return await Promise.all(names.map((name) => find(session, name)));
}

/** `oidcapp/web` and its like, as other commands of kubectl print them, mean `web`. */
function bareName(name: string): string {
  return name.replace(/^(oidcapp|oidcapplications?)(\.keyturn\.dev)?\//, '');
}

async function find(session: Session, name: string): Promise<Application> {
  const { namespace, applications } = session;
  try {
    return await applications.get({ namespace, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    // Of a missing resource, the API server says the same as of a missing object.
    const hint = await hintFor(session, name);
    if (hint === undefined) throw new Failure(explain(error));
    throw new Failure(`There is no OIDCApplication "${name}" in namespace ${namespace}.${hint}`);
  }
}

/** What was likely meant; nothing where the resource itself is missing. */
async function hintFor({ namespace, applications }: Session, name: string) {
  let here: string[];
  try {
    here = (await applications.list({ namespace })).map(({ metadata }) => metadata.name);
  } catch (error) {
    return isNotFound(error) ? undefined : '';
  }
  const near = nearest(name.toLowerCase(), here);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  try {
    const everywhere = await applications.list();
    const elsewhere = everywhere
      .filter(({ metadata }) => metadata.name === name)
      .map(({ metadata }) => metadata.namespace);
    return elsewhere.length === 0 ? '' : ` There is one in namespace ${elsewhere.join(', ')}.`;
  } catch {
    // Whoever may not look into other namespaces is told of none.
    return '';
  }
}
