import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { Passkey } from './passkey.entity.js';

@ObjectType({ description: 'What an authenticator is to be asked.' })
export class PasskeyOptionsPayload {
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'For PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON of the browser. Good for ' +
      'one answer within five minutes; null when refused.',
  })
  readonly options!: Record<string, unknown> | null;

  @Field(() => [UserError], { description: 'Why there are none; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'A new passkey.' })
export class FinishPasskeyRegistrationInput {
  @Field(() => GraphQLJSONObject, { description: 'What navigator.credentials.create() gave, by its toJSON().' })
  readonly response!: Record<string, unknown>;

  @Field(() => String, {
    nullable: true,
    description: 'What to call it, 1 to 80 characters; by default what the browser is called.',
  })
  readonly name?: string | null;
}

@InputType({ description: 'A sign-in with a passkey.' })
export class FinishPasskeyLoginInput {
  @Field(() => GraphQLJSONObject, { description: 'What navigator.credentials.get() gave, by its toJSON().' })
  readonly response!: Record<string, unknown>;

  @Field(() => String, { nullable: true, description: 'The deviceToken of an earlier sign-in on this device.' })
  readonly deviceToken?: string | null;
}

@InputType({ description: 'A new name for a passkey.' })
export class RenamePasskeyInput {
  @Field(() => ID, { description: 'One of your passkeys.' })
  readonly id!: string;

  @Field(() => String, { description: 'What to call it, 1 to 80 characters.' })
  readonly name!: string;
}

@InputType({ description: 'A passkey to remove.' })
export class RemovePasskeyInput {
  @Field(() => ID, { description: 'One of your passkeys.' })
  readonly id!: string;
}

@ObjectType({ description: 'The answer to a change of a passkey.' })
export class PasskeyPayload {
  @Field(() => Passkey, {
    nullable: true,
    description: 'The passkey, as it is now or as it was; null when refused.',
  })
  readonly passkey!: Passkey | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
