import type { OpenAPIObject } from '@nestjs/swagger';

const INT32_MAX = 2 ** 31 - 1;

interface Schema {
  readonly $ref?: string;
  type?: string;
  format?: string;
  readonly maximum?: number;
  readonly example?: unknown;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: unknown;
}
type Schemas = Readonly<Record<string, Schema>>;
interface Media {
  readonly schema?: Schema;
  example?: unknown;
}

/** Says in `document` what code generators need to know: the size of numbers, and which objects may get more members. */
export function forGenerators(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  for (const [name, schema] of Object.entries(schemas)) {
    // Later answers may have more members. Java's generator refuses them unless the contract allows them.
    schema.additionalProperties = !name.endsWith('Dto');
  }
  for (const media of answersOf(document)) {
    // Without one, Swagger UI makes up an answer that has an `additionalProp1`.
    if (media.schema?.$ref !== undefined) media.example ??= exampleOf(media.schema, schemas);
  }
  return withFormats(document);
}

function answersOf({ paths }: OpenAPIObject): Media[] {
  return Object.values(paths)
    .flatMap((path) => [path.get ?? [], path.post ?? [], path.patch ?? []].flat())
    .flatMap(({ responses }) => Object.values(responses) as { content?: Record<string, Media> }[])
    .flatMap(({ content }) => content?.['application/json'] ?? []);
}

/** Builds an example from those of the members. A member without one is left out where it is optional. */
function exampleOf(schema: Schema, schemas: Schemas): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.items) return [exampleOf(schema.items, schemas)];
  const members = Object.entries(schema.properties ?? {}).filter(
    ([name, member]) => member.example !== undefined || schema.required?.includes(name),
  );
  return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member, schemas)]));
}

/** No number of this API is a fraction. Without a format, generators take each for 32 bits wide. */
function withFormats(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document, (_key, value: Schema | null) => {
    if (value?.type !== 'number' && value?.type !== 'integer') return value;
    return { ...value, type: 'integer', format: (value.maximum ?? Infinity) <= INT32_MAX ? 'int32' : 'int64' };
  });
  return JSON.parse(text) as OpenAPIObject;
}
