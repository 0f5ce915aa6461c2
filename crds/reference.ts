import { type Definition, readDefinition, type Schema } from './schema.ts';

/** The page of a kind: every field of its schema with its type, default, constraints and meaning. */
export function reference(crd: string): string {
  const definition = readDefinition(crd);
  const { group, scope, names, versions } = definition.spec;
  const [{ name: version, schema }] = versions;
  const { spec, status } = schema.openAPIV3Schema.properties ?? {};
  if (spec === undefined || status === undefined) throw new Error(`${crd}: no spec, or no status`);
  return [
    `<!-- Generated from ${crd} by \`make generate\`: do not edit. -->`,
    `# ${names.kind}`,
    text(schema.openAPIV3Schema.description),
    [
      `- **API version:** \`${group}/${version}\``,
      `- **Scope:** ${scope === 'Cluster' ? 'the cluster' : 'a namespace'}`,
      `- **For kubectl:** ${[...names.shortNames, names.plural].map(code).join(', ')}`,
    ].join('\n'),
    'Required fields are marked so; all others can be left out.',
    '## What kubectl shows',
    printerColumns(definition),
    ...sections(spec, 'spec', { required: false, depth: 2 }),
    ...sections(status, 'status', { required: false, depth: 2 }),
  ]
    .join('\n\n')
    .concat('\n');
}

function printerColumns({ spec }: Definition): string {
  const [{ additionalPrinterColumns }] = spec.versions;
  return additionalPrinterColumns
    .map(({ name, description, priority = 0 }) => {
      const wide = priority > 0 ? ' (`-o wide`)' : '';
      return `- **${name}**${wide}${description === undefined ? '' : `: ${text(description)}`}`;
    })
    .join('\n');
}

interface Place {
  readonly required: boolean;
  readonly depth: number;
}

/** A section for a field, and one for each field below it. */
function sections(schema: Schema, path: string, { required, depth }: Place): string[] {
  const facts = [typeOf(schema), ...(required ? ['**required**'] : []), ...defaultOf(schema)];
  const constraints = constraintsOf(schema);
  return [
    `${'#'.repeat(depth)} ${code(path)}`,
    facts.join(' · '),
    ...(schema.description === undefined ? [] : [text(schema.description)]),
    ...(constraints.length === 0 ? [] : [constraints.map((line) => `- ${line}`).join('\n')]),
    ...fieldsBelow(schema, path),
  ];
}

function fieldsBelow(schema: Schema, path: string): string[] {
  const [owner, prefix] = schema.items === undefined ? [schema, path] : [schema.items, `${path}[]`];
  return Object.entries(owner.properties ?? {}).flatMap(([name, field]) =>
    sections(field, `${prefix}.${name}`, {
      required: owner.required?.includes(name) === true,
      depth: 3,
    }),
  );
}

function typeOf({ type, format, items, additionalProperties }: Schema): string {
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (additionalProperties !== undefined) return `map of ${typeOf(additionalProperties)}`;
  return format === undefined ? `${type}` : `${type} (${format})`;
}

/** That of an object is made up of those of its fields. */
function defaultOf({ default: value }: Schema): string[] {
  return value === undefined || typeof value === 'object' ? [] : [`default ${code(String(value))}`];
}

/** What the API server checks, in words; a rule of CEL by its message. */
function constraintsOf(schema: Schema): string[] {
  const { pattern, items, additionalProperties } = schema;
  const mapKeys = schema['x-kubernetes-list-map-keys'];
  return [
    ...(schema.enum === undefined ? [] : [`one of ${schema.enum.map(code).join(', ')}`]),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...range(undefined, schema.maxProperties, ' entries'),
    ...(pattern === undefined ? [] : [`matches ${code(pattern)}`]),
    ...(mapKeys === undefined ? [] : [`one item for each ${mapKeys.map(code).join(' and ')}`]),
    ...(schema['x-kubernetes-list-type'] === 'set' ? ['no item twice'] : []),
    ...(schema['x-kubernetes-validations'] ?? []).map(({ rule, message }) =>
      rule.includes('oldSelf') ? `on update: ${text(message)}` : text(message),
    ),
    ...constraintsOfEach(items, 'item'),
    ...constraintsOfEach(additionalProperties, 'value'),
  ];
}

function constraintsOfEach(schema: Schema | undefined, what: string): string[] {
  return schema === undefined ? [] : constraintsOf(schema).map((line) => `each ${what}: ${line}`);
}

function range(least: number | undefined, most: number | undefined, unit: string): string[] {
  if (least === undefined) return most === undefined ? [] : [`at most ${most}${unit}`];
  return most === undefined ? [`at least ${least}${unit}`] : [`${least} to ${most}${unit}`];
}

function code(value: string): string {
  return `\`${value}\``;
}

/** Plain text, in which nothing counts as Markdown or HTML. */
function text(plain = ''): string {
  return plain.replaceAll(/[\\`*_<[\]]/g, '\\$&');
}
