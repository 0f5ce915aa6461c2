import { globSync, readFileSync } from 'node:fs';

/** Every document that a reader is led to. */
export const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md')].sort();

/** A command as a document shows it, and what the document says that it prints. */
export interface Command {
  /** File and heading, to be found again. */
  readonly where: string;
  readonly text: string;
  /** Undefined in a block that shows no output. */
  readonly output: string | undefined;
}

interface Section {
  readonly heading: string;
  readonly lines: string[];
}

/** The lines under each heading; those before the first one are under ''. A # in a block is no heading. */
export function sectionsOf(file: string): Section[] {
  let section: Section = { heading: '', lines: [] };
  const sections = [section];
  let fence: string | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const mark = /^ *(`{3,})/.exec(line)?.[1];
    if (mark !== undefined) fence = fence === undefined ? mark : undefined;
    const heading = fence === undefined ? /^#+ +(.*)$/.exec(line)?.[1] : undefined;
    if (heading === undefined) {
      section.lines.push(line);
    } else {
      section = { heading, lines: [] };
      sections.push(section);
    }
  }
  return sections;
}

/** The commands of all sh and console blocks of a file, or of some of its sections, in their order. */
export function commandsOf(file: string, wanted?: readonly string[]): Command[] {
  const sections = sectionsOf(file);
  const chosen = wanted?.map((heading) => {
    const found = sections.find((section) => section.heading === heading);
    if (found === undefined) throw new Error(`${file} has no section "${heading}"`);
    return found;
  });
  return (chosen ?? sections).flatMap(({ heading, lines }) => {
    const where = `${file}, "${heading}"`;
    return codeBlocks(lines).flatMap(({ language, content }): Command[] => {
      if (language === 'sh') {
        return scriptCommands(content).map((text) => ({ where, text, output: undefined }));
      }
      return language === 'console'
        ? shownCommands(content).map((shown) => ({ where, ...shown }))
        : [];
    });
  });
}

/** The code blocks among lines, without the indentation of those in a list. */
export function codeBlocks(lines: readonly string[]): { language: string; content: string }[] {
  const blocks = lines.join('\n').matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms);
  return [...blocks].map(([, indentation = '', language = '', content = '']) => ({
    language,
    content: content.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
  }));
}

/** The commands of a console block, each after `$ `, with what comes up to the next one. */
function shownCommands(content: string): { text: string; output: string }[] {
  return content
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.search(/(?<!\\)\n/);
      return { text: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** The commands of a script: continued lines and here-documents belong together. */
function scriptCommands(content: string): string[] {
  const commands: string[] = [];
  let open = '';
  let marker: string | undefined;
  for (const line of content.split('\n')) {
    open += open === '' ? line : `\n${line}`;
    marker ??= /<<'?([A-Z]+)'?/.exec(line)?.[1];
    if (marker === undefined ? line.endsWith('\\') : line !== marker) continue;
    if (!/^(#|$)/.test(open)) commands.push(open);
    open = '';
    marker = undefined;
  }
  return commands;
}
