import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { LoginMethod, LoginOutcome, LoginRefusal } from './login-attempt.types.js';

@Entity('login_attempts')
@ObjectType({ description: 'An attempt to sign in, whatever it came to. Kept for 90 days.' })
export class LoginAttempt {
  @Field(() => ID, { description: 'UUID; later ones sort behind earlier ones.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('bytea', { nullable: true })
  emailHash!: Buffer | null;

  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Field(() => LoginMethod, { description: 'With what.' })
  @Column('text')
  method!: LoginMethod;

  @Field(() => LoginOutcome, { description: 'What it came to.' })
  @Column('text')
  outcome!: LoginOutcome;

  @Field(() => LoginRefusal, { nullable: true, description: 'Why it was refused; null when it was not.' })
  @Column('text', { nullable: true })
  reason!: LoginRefusal | null;

  @Field(() => String, { nullable: true, description: 'Address of the client; null when it is not known.' })
  @Column('text', { nullable: true })
  ip!: string | null;

  @Column('text', { nullable: true })
  network!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent header of the client; null when it sent none.' })
  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The device, when its owner had signed in on it before; null for any other.',
  })
  @Column('uuid', { nullable: true })
  deviceId!: string | null;

  @Field(() => GraphQLDateTime, { description: 'When.' })
  @Column('timestamptz')
  attemptedAt!: Date;
}

export const LoginAttemptConnection = createConnectionType(LoginAttempt, 'LoginAttempt');
export type LoginAttemptConnection = Connection<LoginAttempt>;
