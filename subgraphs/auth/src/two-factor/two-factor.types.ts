import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { MfaMethod } from '../sign-in/sign-in.types.js';
import { UserError } from '../user-error.js';

@ObjectType({ description: 'What is asked for at sign-in besides the first factor.' })
export class TwoFactorStatus {
  @Field(() => Boolean, { description: 'Whether a second factor is asked for.' })
  readonly enabled!: boolean;

  @Field(() => [MfaMethod], { description: 'With what it can be given.' })
  readonly methods!: MfaMethod[];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Since when it is asked for; null when it is not.' })
  readonly confirmedAt!: Date | null;

  @Field(() => Int, { description: 'How many backup codes were not used yet.' })
  readonly backupCodesLeft!: number;
}

@ObjectType({ description: 'A secret for an authenticator app. Nothing changes until a code of it is given.' })
export class StartTotpEnrollmentPayload {
  @Field(() => String, { nullable: true, description: 'The secret in base32, to type it in. It is not shown again.' })
  readonly secret!: string | null;

  @Field(() => String, { nullable: true, description: 'The same as an otpauth: URI, which apps open.' })
  readonly otpauthUri!: string | null;

  @Field(() => String, { nullable: true, description: 'The same as a QR code: an SVG document.' })
  readonly qrSvg!: string | null;

  @Field(() => [UserError], { description: 'Why there is none; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Proof that the authenticator app has the secret.' })
export class ConfirmTotpEnrollmentInput {
  @Field(() => String, { description: 'The six digits that the app shows now.' })
  readonly code!: string;
}

@ObjectType({ description: 'Codes for the day on which the authenticator app is not at hand.' })
export class BackupCodesPayload {
  @Field(() => [String], {
    nullable: true,
    description: 'Each lets you in once in place of a code of the app. They are not shown again; null when refused.',
  })
  readonly backupCodes!: string[] | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Proof that nobody but the owner of the account changes its second factor.' })
export class ChangeTwoFactorInput {
  @Field(() => String, { description: 'A code.' })
  readonly code!: string;

  @Field(() => MfaMethod, { defaultValue: MfaMethod.TOTP, description: 'What kind of code it is.' })
  readonly method!: MfaMethod;

  @Field(() => String, { nullable: true, description: 'The password, if the account has one.' })
  readonly password?: string | null;
}

@InputType({ description: 'Proof that nobody but the owner of the account removes its second factor.' })
export class DisableTwoFactorInput extends ChangeTwoFactorInput {}

@InputType({ description: 'Proof that nobody but the owner of the account makes new backup codes.' })
export class RegenerateBackupCodesInput extends ChangeTwoFactorInput {}

@ObjectType({ description: 'The answer to the wish to have no second factor any more.' })
export class DisableTwoFactorPayload {
  @Field(() => Boolean, { description: 'True when none is asked for from now on.' })
  readonly disabled!: boolean;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
