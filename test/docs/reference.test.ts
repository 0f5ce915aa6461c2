import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sectionsOf } from './markdown.ts';

type Values = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

/** Every field below a schema with what is said of it, told by a walk of its own. */
function fieldsOf(schema: unknown, path: string): [path: string, keywords: Values][] {
  if (!isObject(schema)) return [];
  const { properties, items } = schema;
  return [
    [path, schema],
    ...(isObject(properties)
      ? Object.entries(properties).flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`))
      : []),
    ...(isObject(items) && isObject(items['properties'])
      ? fieldsOf(items, `${path}[]`).slice(1)
      : []),
  ];
}

const crds = globSync('crds/*.yaml').map((file) => parse(readFileSync(file, 'utf8')));

test.for(crds.map((crd): [string, unknown] => [crd.spec.names.singular, crd]))(
  'the page of %s has every field, its default, its constraints and what it means',
  ([name, crd]) => {
    const page = `docs/reference/${name}.md`;
    const sections = new Map(
      sectionsOf(page).map(({ heading, lines }) => [
        heading,
        lines.join('\n').replaceAll('\\', ''),
      ]),
    );
    const schema = parse(JSON.stringify(crd)).spec.versions[0].schema.openAPIV3Schema;
    const fields = [
      ...fieldsOf(schema.properties.spec, 'spec'),
      ...fieldsOf(schema.properties.status, 'status'),
    ];
    expect(fields.length).toBeGreaterThan(20);
    for (const [path, keywords] of fields) {
      const text = sections.get(`\`${path}\``);
      expect(text, path).toBeDefined();
      for (const said of saidOf(keywords)) expect(text, path).toContain(said.replaceAll('\\', ''));
    }
  },
);

/** What the section of a field must contain; that of a list or a map, also what holds for each of its own. */
function saidOf(keywords: Values): string[] {
  const { description, default: value, pattern } = keywords;
  const { maxLength, maximum, maxItems, maxProperties } = keywords;
  const choices = Array.isArray(keywords['enum']) ? keywords['enum'] : [];
  const rules = keywords['x-kubernetes-validations'];
  const each = [keywords['items'], keywords['additionalProperties']].filter(isObject);
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...(typeof value === 'string' || typeof value === 'boolean' ? [`default \`${value}\``] : []),
    ...(typeof pattern === 'string' ? [`matches \`${pattern}\``] : []),
    ...(typeof maxLength === 'number' ? [` ${maxLength} characters`] : []),
    ...(typeof maxItems === 'number' ? [` ${maxItems} items`] : []),
    ...(typeof maxProperties === 'number' ? [` ${maxProperties} entries`] : []),
    ...(typeof maximum === 'number' ? [` ${maximum}\n`] : []),
    ...choices.map((choice) => `\`${choice}\``),
    ...(Array.isArray(rules) ? rules.map(({ message }) => String(message)) : []),
    ...each.flatMap((schema) => saidOf(schema).filter((said) => said !== schema['description'])),
  ];
}
