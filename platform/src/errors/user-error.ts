import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';

/** Codes of a subgraph's business errors with the description that the schema shows. */
export type UserErrorCatalogue = Readonly<Record<string, string>>;

/** A business error: expected, typed, next to the result it explains. */
export interface UserErrorShape<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly path: string[];
}

/**
 * Declares the subgraph's `UserError` type with its own codes. Every subgraph has one; composition joins the enums.
 * @returns the class for `@Field(() => [UserError])` and a function that makes a value of it.
 */
export function defineUserErrors<const Catalogue extends UserErrorCatalogue>(catalogue: Catalogue) {
  type Code = Extract<keyof Catalogue, string>;
  const UserErrorCode = Object.fromEntries(Object.keys(catalogue).map((code) => [code, code]));
  registerEnumType(UserErrorCode, {
    name: 'UserErrorCode',
    description: 'Why a mutation did not do what was asked. Stable: clients may switch on it.',
    valuesConfig: Object.fromEntries(Object.entries(catalogue).map(([code, description]) => [code, { description }])),
  });

  @Directive('@shareable')
  @ObjectType({ description: 'A business error: what was asked is understood, and could not be done.' })
  class UserError implements UserErrorShape<Code> {
    @Field(() => UserErrorCode, { description: 'Stable code.' })
    readonly code!: Code;

    @Field(() => String, { description: 'What happened and what to do, in English.' })
    readonly message!: string;

    @Field(() => [String], { description: 'Path of the input field at fault, outermost first; empty when none is.' })
    readonly path!: string[];
  }

  /** `path` names the input field, for instance `['input', 'email']`; the message defaults to the code's description. */
  const userError = (code: Code, path: readonly string[] = [], message?: string): UserErrorShape<Code> => ({
    code,
    message: message ?? catalogue[code] ?? code,
    path: [...path],
  });
  return { UserError, userError };
}
