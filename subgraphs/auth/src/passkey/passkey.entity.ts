import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key in an authenticator of somebody: proof of what they have and of who they are in one. */
@Entity('passkeys')
@ObjectType({ description: 'A passkey: signs in without a password and without a second factor.' })
export class Passkey {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('bytea')
  credentialId!: Buffer;

  @Column('bytea')
  publicKey!: Buffer;

  /** Text, as the database gives numbers of that size. */
  @Column('bigint')
  counter!: string;

  @Field(() => [String], { description: 'How its authenticator is reached, for instance usb or internal.' })
  @Column('text', { array: true })
  transports!: string[];

  @Field(() => String, { description: 'What its owner calls it.' })
  @Column('text')
  name!: string;

  @Field(() => Boolean, { description: 'Whether its owner has copies on several devices.' })
  @Column('boolean')
  backedUp!: boolean;

  @Field(() => GraphQLDateTime, { description: 'When it was added.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Latest sign-in with it; null when there was none.' })
  @Column('timestamptz', { nullable: true })
  lastUsedAt!: Date | null;
}
