import { getDirectiveValues, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { forbidden, unauthenticated } from '../errors/index.js';
import { holds } from '../identity/index.js';
import { AUTHENTICATED, PUBLIC } from './auth-directive.js';
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
    for (const field of Object.values(type.getFields())) {
      const permission = permissionOf(schema, field);
      if (permission === undefined) {
        if (isRoot && !FEDERATION_FIELDS.has(field.name)) unguarded.push(`${type.name}.${field.name}`);
      } else if (permission !== PUBLIC) {
        guard(type, field, { permission, isRoot, ownerProperty: owners[type.name] });
      }
    }
  }
  if (unguarded.length > 0) {
    throw new Error(`no @Auth, @Authenticated or @Public on: ${unguarded.join(', ')}`);
  }
  return schema;
}

function permissionOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): string | undefined {
  const directive = schema.getDirective('auth');
  if (directive === undefined || directive === null || !field.astNode) return undefined;
  return getDirectiveValues(directive, field.astNode)?.['permission'] as string | undefined;
}

function guard(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, SubgraphContext>,
  {
    permission,
    isRoot,
    ownerProperty,
  }: { readonly permission: string; readonly isRoot: boolean; readonly ownerProperty: string | undefined },
): void {
  const isOwnScope = permission.endsWith(':own');
  if (isOwnScope && !isRoot && ownerProperty === undefined) {
    throw new Error(
      `${type.name}.${field.name} needs ${permission}: name the owner's property of ${type.name} in \`owners\``,
    );
  }
  // The widest scope includes the narrower ones.
  const anyScope = permission.replace(/:(?:own|team)$/, ':any');
  const check = (source: unknown, context: SubgraphContext): void => {
    const { viewer } = context;
    if (viewer === null) throw unauthenticated();
    if (permission === AUTHENTICATED || holds(viewer, anyScope)) return;
    // Not for `own`: to hold it says what one may do with one's own, not with everybody's.
    if (!isOwnScope && holds(viewer, permission)) return;
    // At a root there is no object yet: the operation acts on what is the viewer's own.
    if (isOwnScope && (isRoot || ownerIn(source, ownerProperty) === viewer.userId)) return;
    throw forbidden(isOwnScope ? anyScope : permission);
  };
  const guarded =
    (resolve: Resolver): Resolver =>
    (source, args, context, info) => {
      check(source, context);
      return resolve(source, args, context, info);
    };
  // A subscription is checked when it starts; its events go to the one who started it.
  if (field.subscribe) field.subscribe = guarded(field.subscribe);
  else field.resolve = guarded(field.resolve ?? ((source) => (source as Record<string, unknown>)[field.name]));
}

function ownerIn(source: unknown, property: string | undefined): unknown {
  return property === undefined ? undefined : (source as Readonly<Record<string, unknown>> | null)?.[property];
}
