import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS, sectionsOf } from './markdown.ts';

interface Link {
  readonly from: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

/** The links of a document that lead to another place of the repository. */
function linksOf(file: string): Link[] {
  const lines = sectionsOf(file).flatMap((section) => section.lines);
  const text = lines.join('\n').replaceAll(/^( *)```.*?^\1```$|`[^`]*`/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']): Link[] => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    return [{ from: file, path: path === '' ? file : join(dirname(file), path), anchor }];
  });
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

const links = DOCUMENTS.flatMap(linksOf);

test('every link leads to a file or a folder that is there', () => {
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ path }) => !existsSync(path))).toEqual([]);
});

test('every anchor is that of a heading', () => {
  const anchored = links.filter(({ path, anchor }) => anchor !== undefined && existsSync(path));
  expect(anchored.length).toBeGreaterThan(10);
  const lost = anchored.filter(
    ({ path, anchor }) => !sectionsOf(path).some(({ heading }) => anchorOf(heading) === anchor),
  );
  expect(lost).toEqual([]);
});

test('every document can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const { from, path } of links) {
      if (from === file && path.endsWith('.md')) reached.add(normalize(path));
    }
  }
  expect(DOCUMENTS.filter((file) => !reached.has(file))).toEqual([]);
});
