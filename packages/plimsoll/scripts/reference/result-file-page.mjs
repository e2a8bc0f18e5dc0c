/** docs/reference/result-file.md, from the JSON Schema of result.json. */
import { code, notice, paragraphs, plainText, table } from './markdown.mjs';

export function resultFilePage({ resultJsonSchema }) {
  const { $defs: definitions, ...head } = resultJsonSchema();
  return paragraphs(
    notice('the JSON Schema of `result.json`'),
    '# Result file',
    '`result.json` in the run folder, and what `--json` prints on standard output. Times are milliseconds, shares lie from 0 to 1, null stands where there is no truth to tell.',
    'The JSON Schema is part of the package: `plimsoll/schema/result.json`. While a run goes on, the file is replaced whole each second with the verdict `partial`; a run that was killed keeps the last one. The other files: [reading a run folder](../how-to/run-folder.md).',
    '## The head',
    propertyTable(head),
    ...Object.entries(definitions).map(([name, definition]) =>
      paragraphs(
        `## ${name}`,
        plainText(definition.description ?? ''),
        definition.properties
          ? propertyTable(definition)
          : `One of ${definition.enum.map((value) => code(value)).join(', ')}.`,
      ).trimEnd(),
    ),
  );
}

function propertyTable({ properties, required = [] }) {
  const rows = rowsOf(properties, required, '');
  return table(['field', 'type', 'is'], rows);
}

/** Objects inside are shown with a path, so that one table tells all of a definition. */
function rowsOf(properties, required, prefix) {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?';
    const path = `${prefix}${name}`;
    const row = [code(`${path}${optional}`), typeOf(schema), plainText(schema.description ?? '')];
    const object = schema.type === 'array' ? schema.items : schema;
    const below = schema.type === 'array' ? `${path}[].` : `${path}.`;
    return object?.properties ? [row, ...rowsOf(object.properties, object.required, below)] : [row];
  });
}

function typeOf(schema) {
  if (schema.$ref) return `[${schema.$ref.split('/').at(-1)}](#${schema.$ref.split('/').at(-1).toLowerCase()})`;
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(value)).join(', ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object' && schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`;
  return schema.type ?? 'any';
}
