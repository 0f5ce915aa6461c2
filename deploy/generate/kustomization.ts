import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { pathOf, read } from './files.ts';

interface Image {
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
}

interface Kustomization {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resources: readonly string[];
  readonly images?: readonly Image[];
}

const UNDERSTOOD = new Set(['apiVersion', 'kind', 'resources', 'images']);
const FILE_NAMES = ['kustomization.yaml', 'Kustomization'];

/**
 * The objects of a kustomization, in order, as the text of their files, comments included. It knows
 * the two fields that deploy/base uses, and refuses any other.
 */
export function render(folder: string): string {
  const kustomization: Kustomization = parse(read(fileOf(folder)));
  const unknown = Object.keys(kustomization).filter((field) => !UNDERSTOOD.has(field));
  if (unknown.length > 0) throw new Error(`${folder}: ${unknown.join(', ')}: not understood`);
  const texts = kustomization.resources.map((resource) => {
    const path = join(folder, resource);
    return resource.endsWith('.yaml') ? `${read(path).trimEnd()}\n` : render(path);
  });
  return (kustomization.images ?? []).reduce(withImage, texts.join('---\n'));
}

function withImage(text: string, { name, newName, newTag }: Image): string {
  const line = new RegExp(`^( *(?:- )?image: )${name}$`, 'gm');
  if (!line.test(text)) throw new Error(`no container has the image ${name}`);
  return text.replace(line, `$1${newName}:${newTag}`);
}

function fileOf(folder: string): string {
  const names = readdirSync(pathOf(folder));
  const name = FILE_NAMES.find((candidate) => names.includes(candidate));
  if (name === undefined) throw new Error(`${folder} has no kustomization`);
  return join(folder, name);
}

/** A kustomization with another list of resources; all else stays as it is. */
export function withResources(text: string, resources: readonly string[]): string {
  const document = parseDocument(text);
  document.set('resources', document.createNode(resources));
  return document.toString({ flowCollectionPadding: false });
}

/** A kustomization with another image in the place of the first. */
export function withNewImage(text: string, newName: string, newTag: string): string {
  const document = parseDocument(text);
  document.setIn(['images', 0, 'newName'], newName);
  document.setIn(['images', 0, 'newTag'], newTag);
  return document.toString({ flowCollectionPadding: false });
}
