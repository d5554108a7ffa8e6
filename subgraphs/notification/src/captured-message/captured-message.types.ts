import { createConnectionType, PageArgs } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ description: 'A mail that demo mode kept instead of sending it.' })
export class CapturedMessage {
  @Field(() => ID, { description: 'UUID.' })
  readonly id!: string;

  @Field(() => String, { description: 'Address it would have gone to.' })
  readonly recipient!: string;

  @Field(() => String, { description: 'Subject line.' })
  readonly subject!: string;

  @Field(() => String, { description: 'The mail as plain text.' })
  readonly text!: string;

  @Field(() => String, { description: 'The mail as HTML.' })
  readonly html!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  readonly createdAt!: Date;
}

export const CapturedMessageConnection = createConnectionType(CapturedMessage, 'CapturedMessage');
export type CapturedMessageConnection = Connection<CapturedMessage>;

/** Arguments of `capturedMessages`. */
@ArgsType()
export class CapturedMessageArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Only mails to this address, in any case of letters.' })
  readonly recipient?: string | null;
}
