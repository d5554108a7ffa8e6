import fc from 'fast-check';
import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { measureOperation } from './measure-operation.js';

const FRAGMENTS = 5;

/** Documents of one operation and fragments that spread only later ones, so that they end. */
const documents = fc
  .array(
    fc.letrec<{ set: string; selection: string }>((tie) => ({
      set: fc.array(tie('selection'), { minLength: 1, maxLength: 4 }).map((selections) => selections.join(' ')),
      selection: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc
          .tuple(fc.constantFrom('', 'x: ', 'y: '), fc.constantFrom('a', 'b', '__typename'), directives())
          .map((parts) => parts.join('')),
        fc.nat({ max: FRAGMENTS - 1 }).map((index) => `...LATER${index}`),
        fc.tuple(directives(), tie('set')).map(([directive, set]) => `... ${directive} { ${set} }`),
        fc
          .tuple(fc.constantFrom('', 'z: '), fc.constantFrom('c', 'd', '__schema'), directives(), tie('set'))
          .map(([alias, name, directive, set]) => `${alias}${name}${directive} { ${set} }`),
      ),
    })).set,
    { minLength: FRAGMENTS + 1, maxLength: FRAGMENTS + 1 },
  )
  .map((sets) =>
    sets
      .map((set, index) => {
        const text = set.replaceAll(/\.\.\.LATER(\d)/g, (_spread, later) => {
          const name = index + Number(later);
          return name < FRAGMENTS ? `...F${name}` : 'e';
        });
        return index === 0 ? `{ ${text} }` : `fragment F${index - 1} on T { ${text} }`;
      })
      .join('\n'),
  );

function directives(): fc.Arbitrary<string> {
  return fc.constantFrom('', ' @skip(if: $s)', ' @skip(if: $s) @include(if: $i)');
}

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly selections: number;
  readonly directives: number;
}

/** The same by writing every fragment out, as long as that takes. */
function expanded(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): Size {
  let size: Size = { depth: 0, aliases: 0, selections: 0, directives: 0 };
  for (const selection of set.selections) {
    const below =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? fragments.get(selection.name.value)?.selectionSet
        : selection.selectionSet;
    const inner =
      below === undefined ? { depth: 0, aliases: 0, selections: 0, directives: 0 } : expanded(below, fragments);
    const isField = selection.kind === Kind.FIELD;
    const isIntrospection = isField && selection.name.value.startsWith('__');
    const depth = isField ? (isIntrospection ? 0 : inner.depth + 1) : inner.depth;
    size = {
      depth: Math.max(size.depth, depth),
      aliases: size.aliases + inner.aliases + (isField && selection.alias !== undefined ? 1 : 0),
      selections: size.selections + inner.selections + (isField ? 1 : 0),
      directives: size.directives + inner.directives + (selection.directives?.length ?? 0),
    };
  }
  return size;
}

test('every document is as large as if its fragments were written out', () =>
  fc.assert(
    fc.property(documents, (text) => {
      const { set, fragments } = read(text);
      const { depth, aliases, selections, directives: count } = measureOperation(set, (name) => fragments.get(name));
      expect({ depth, aliases, selections, directives: count }).toEqual(expanded(set, fragments));
    }),
    { numRuns: 1_000 },
  ));

test('fragments that spread each other in any way are looked at once each', () => {
  const spreads = fc.array(fc.array(fc.nat({ max: 39 }), { maxLength: 6 }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(spreads, (targets) => {
      const made = targets.map((others, index) => {
        const text = others.map((other) => `...F${other}`).join(' ');
        return `fragment F${index} on T { a ${text} }`;
      });
      const { set, fragments } = read(`{ ...F0 ...F1 } ${made.join(' ')}`);
      let looked = 0;
      const { selections } = measureOperation(set, (name) => {
        looked += 1;
        return fragments.get(name);
      });
      expect(selections).toBeGreaterThan(1);
      expect(looked).toBeLessThanOrEqual(fragments.size);
    }),
    { numRuns: 300 },
  );
});

/** The selections of the operation, and the fragments. */
function read(text: string): {
  readonly set: SelectionSetNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
} {
  const { definitions } = parse(text);
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('no operation');
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return {
    set: operation.selectionSet,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
  };
}
