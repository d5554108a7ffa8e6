import { getDirectiveValues, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Viewer } from '../identity/index.js';
import { PUBLIC } from './auth-directive.js';
import { checkAccess } from './check-access.js';
import type { FieldGuard } from './check-access.js';
import type { SubgraphContext } from './subgraph-context.js';

/** For each type with fields of scope `own`: the property that holds the owner's user id. */
export type Owners = Readonly<Record<string, string>>;

/** Fields that federation itself adds to Query; the gateway's signature guards them. */
const FEDERATION_FIELDS = new Set(['_entities', '_service']);

type Resolver = GraphQLFieldResolver<unknown, SubgraphContext>;

/**
 * Guards every field that carries `@auth`, however it is reached (`_entities` included), and refuses to build a schema
 * in which an operation says nothing: default deny. Throws with all operations that lack it.
 */
export function enforceAuth(schema: GraphQLSchema, owners: Owners): GraphQLSchema {
  const rootTypes = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const unguarded: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const isRoot = rootTypes.has(type);
    const isMutation = type === schema.getMutationType();
    for (const field of Object.values(type.getFields())) {
      const said = directiveOf(schema, field);
      if (said === undefined) {
        if (isRoot && !FEDERATION_FIELDS.has(field.name)) unguarded.push(`${type.name}.${field.name}`);
      } else {
        guard(type, field, { guarding: { ...said, isRoot, isMutation }, ownerProperty: owners[type.name] });
      }
    }
  }
  if (unguarded.length > 0) {
    throw new Error(`no @Auth, @Authenticated or @Public on: ${unguarded.join(', ')}`);
  }
  return schema;
}

function directiveOf(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
): Pick<FieldGuard, 'permission' | 'stepUp'> | undefined {
  const directive = schema.getDirective('auth');
  if (directive === undefined || directive === null || !field.astNode) return undefined;
  const values = getDirectiveValues(directive, field.astNode);
  if (values === undefined) return undefined;
  return { permission: values['permission'] as string, stepUp: values['stepUp'] === true };
}

function guard(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, SubgraphContext>,
  { guarding, ownerProperty }: { readonly guarding: FieldGuard; readonly ownerProperty: string | undefined },
): void {
  const { permission, isRoot, isMutation } = guarding;
  // Somebody who impersonates is refused at every mutation, also at those that are for everybody.
  if (permission === PUBLIC && !isMutation) return;
  if (permission.endsWith(':own') && !isRoot && ownerProperty === undefined) {
    throw new Error(
      `${type.name}.${field.name} needs ${permission}: name the owner's property of ${type.name} in \`owners\``,
    );
  }
  const guarded =
    (resolve: Resolver): Resolver =>
    (source, args, context, info) => {
      checkAccess(guarding, context.viewer, (viewer) => isOwnedBy(viewer, { source, ownerProperty }));
      return resolve(source, args, context, info);
    };
  // A subscription is checked when it starts; its events go to the one who started it.
  if (field.subscribe) field.subscribe = guarded(field.subscribe);
  else field.resolve = guarded(field.resolve ?? ((source) => (source as Record<string, unknown>)[field.name]));
}

function isOwnedBy(
  { userId }: Viewer,
  { source, ownerProperty }: { readonly source: unknown; readonly ownerProperty: string | undefined },
): boolean {
  if (ownerProperty === undefined) return false;
  return (source as Readonly<Record<string, unknown>> | null)?.[ownerProperty] === userId;
}
